/// The version of the program, as in CHANGELOG.md.
public let phasesweepVersion = "0.1.0"
