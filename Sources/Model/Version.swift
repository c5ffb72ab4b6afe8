/// The version of the program, as in CHANGELOG.md.
public let gammaplaneVersion = "0.1.0"
