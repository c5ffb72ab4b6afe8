/// The values of the axes of a block of runs; each is ascending and without repetition.
public struct Axes: Hashable, Sendable {
  /// A parameter and its values.
  public struct ParameterAxis: Hashable, Sendable {
    /// The parameter's name.
    public let name: String
    /// Its values.
    public let values: [Double]
  }

  /// The parameters by name, ascending.
  public let parameters: [ParameterAxis]
  /// Widths m; infinite only in blocks of limits (``Sweep/runBlocks``).
  public var width: [Double]
  /// Seeds.
  public var seed: [UInt64]

  /// Axes; the values are taken as they are.
  public init(parameters: [String: [Double]], width: [Double], seed: [UInt64]) {
    self.parameters = parameters.sorted { $0.key < $1.key }
      .map { ParameterAxis(name: $0.key, values: $0.value) }
    self.width = width
    self.seed = seed
  }

  /// The names of the parameters, ascending.
  public var names: [String] { parameters.map(\.name) }

  /// The values of a parameter; none if it has no axis.
  public subscript(name: String) -> [Double] { parameters.first { $0.name == name }?.values ?? [] }

  /// The hash of all names and values.
  var digest: Digest {
    var hash = SHA256()
    hash.update(UInt64(parameters.count))
    for axis in parameters {
      hash.update(axis.name)
      hash.update(UInt64(axis.values.count))
      for value in axis.values { hash.update(value) }
    }
    hash.update(UInt64(width.count))
    for value in width { hash.update(value) }
    hash.update(UInt64(seed.count))
    for value in seed { hash.update(value) }
    return hash.finalize()
  }

  /// The limit m → ∞ at each of the settings.
  public var limits: Axes {
    var axes = self
    axes.width = [.infinity]
    axes.seed = [Run.meanSeed]
    return axes
  }

  /// How many settings the axes span: the product of the parameters' lengths.
  public var settingCount: Int { parameters.reduce(1) { $0 * $1.values.count } }

  /// How many runs the axes span: the product of all lengths.
  public var runCount: Int { settingCount * width.count * seed.count }

  /// All settings, in ascending order.
  public var settings: [Setting] {
    let names = names
    var rows: [[Double]] = [[]]
    for axis in parameters {
      rows = rows.flatMap { row in axis.values.map { row + [$0] } }
    }
    return rows.map { Setting(sortedNames: names, values: $0) }
  }

  /// All runs, by setting, width, seed.
  public var runs: some Sequence<Run> {
    settings.lazy.flatMap { setting in
      width.lazy.flatMap { width in seed.lazy.map { Run(setting, width: width, seed: $0) } }
    }
  }

  /// The index of a setting in ``settings``; nil if it is none of them.
  func index(of setting: Setting) -> Int? {
    guard setting.count == parameters.count else { return nil }
    var index = 0
    for (i, axis) in parameters.enumerated() {
      guard setting.names[i] == axis.name, let own = axis.values.index(of: setting.values[i]) else {
        return nil
      }
      index = index * axis.values.count + own
    }
    return index
  }
}

extension Axes: Codable {
  /// Names of axes that are no parameters.
  public static let reservedNames = ["width", "seed"]

  /// Encodes an object with a list of values for each parameter, for `width` and for `seed`.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: AnyName.self)
    for axis in parameters { try container.encode(axis.values, forKey: AnyName(axis.name)) }
    try container.encode(width.map { CodedWidth($0) }, forKey: AnyName("width"))
    try container.encode(seed, forKey: AnyName("seed"))
  }

  /// Decodes what ``encode(to:)`` wrote.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: AnyName.self)
    var parameters: [String: [Double]] = [:]
    for key in container.allKeys where !Self.reservedNames.contains(key.stringValue) {
      parameters[key.stringValue] = try container.decode([Double].self, forKey: key)
    }
    self.init(
      parameters: parameters,
      width: try container.decode([CodedWidth].self, forKey: AnyName("width")).map(\.value),
      seed: try container.decode([UInt64].self, forKey: AnyName("seed")))
  }
}
