/// A number that a run yields: at its end, and along its course where it is recorded.
public struct Quantity: Hashable, Sendable, Codable {
  /// The name in results, tables and on the command line, such as `mean_squared_residual`.
  public var name: String
  /// How it is written in figures and tables, such as `sup RD`; the name where a family has no
  /// better.
  public var symbol: String
  /// Its unit; empty where it is dimensionless.
  public var unit: String
  /// What it is, in a sentence without a full stop.
  public var summary: String
  /// Whether it can be negative. One that cannot is drawn on a logarithmic scale and has exponents.
  public var isSigned: Bool

  /// A quantity.
  public init(
    _ name: String, symbol: String? = nil, unit: String = "", summary: String = "", isSigned: Bool = false
  ) {
    self.name = name
    self.symbol = symbol ?? name
    self.unit = unit
    self.summary = summary
    self.isSigned = isSigned
  }

  private enum CodingKeys: String, CodingKey {
    case name, symbol, unit, summary
    case isSigned = "signed"
  }

  /// Encodes every property that is not at its default.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    if symbol != name { try container.encode(symbol, forKey: .symbol) }
    if !unit.isEmpty { try container.encode(unit, forKey: .unit) }
    if !summary.isEmpty { try container.encode(summary, forKey: .summary) }
    if isSigned { try container.encode(isSigned, forKey: .isSigned) }
  }

  /// Decodes an object, of which only the name is needed, or the bare name.
  public init(from decoder: any Decoder) throws {
    if let name = try? decoder.singleValueContainer().decode(String.self) {
      self.init(name)
      return
    }
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      try container.decode(String.self, forKey: .name),
      symbol: try container.decodeIfPresent(String.self, forKey: .symbol),
      unit: try container.decodeIfPresent(String.self, forKey: .unit) ?? "",
      summary: try container.decodeIfPresent(String.self, forKey: .summary) ?? "",
      isSigned: try container.decodeIfPresent(Bool.self, forKey: .isSigned) ?? false)
  }

  /// The prefix of the running supremum of a quantity: `sup_x` is the largest `x` of a run.
  public static let supremumPrefix = "sup_"
}

/// A number that a run is given, and that a plane may be spanned by.
public struct Parameter: Hashable, Sendable, Codable {
  /// The name in grid files, results and on the command line, such as `gamma`.
  public var name: String
  /// How it is written in figures and tables, such as `γ′`.
  public var symbol: String
  /// What it is, in a sentence without a full stop.
  public var summary: String
  /// The least and the largest value; nil: any finite number.
  public var range: ClosedRange<Double>?
  /// Its value where none is given; nil: it must be given.
  public var defaultValue: Double?

  /// A parameter.
  public init(
    _ name: String, symbol: String? = nil, summary: String = "", range: ClosedRange<Double>? = nil,
    default value: Double? = nil
  ) {
    self.name = name
    self.symbol = symbol ?? name
    self.summary = summary
    self.range = range
    defaultValue = value
  }

  private enum CodingKeys: String, CodingKey {
    case name, symbol, summary, min, max
    case defaultValue = "default"
  }

  /// Encodes every property that is not at its default.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    if symbol != name { try container.encode(symbol, forKey: .symbol) }
    if !summary.isEmpty { try container.encode(summary, forKey: .summary) }
    if let range {
      if range.lowerBound.isFinite { try container.encode(range.lowerBound, forKey: .min) }
      if range.upperBound.isFinite { try container.encode(range.upperBound, forKey: .max) }
    }
    try container.encodeIfPresent(defaultValue, forKey: .defaultValue)
  }

  /// Decodes an object, of which only the name is needed, or the bare name.
  public init(from decoder: any Decoder) throws {
    if let name = try? decoder.singleValueContainer().decode(String.self) {
      self.init(name)
      return
    }
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let low = try container.decodeIfPresent(Double.self, forKey: .min)
    let high = try container.decodeIfPresent(Double.self, forKey: .max)
    if let low, let high, low > high {
      throw DecodingError.dataCorruptedError(
        forKey: .max, in: container, debugDescription: "max is less than min")
    }
    self.init(
      try container.decode(String.self, forKey: .name),
      symbol: try container.decodeIfPresent(String.self, forKey: .symbol),
      summary: try container.decodeIfPresent(String.self, forKey: .summary) ?? "",
      range: low == nil && high == nil ? nil : (low ?? -.infinity)...(high ?? .infinity),
      default: try container.decodeIfPresent(Double.self, forKey: .defaultValue))
  }
}

/// Something that can be recorded of a run beside its result, as arrays.
public struct Recordable: Hashable, Sendable, Codable {
  /// The name in the key `record` of a grid file, such as `trajectory`.
  public var name: String
  /// What it is, in a sentence without a full stop.
  public var summary: String
  /// The columns of its table, in their order; empty: not known, or it is no table.
  public var columns: [Quantity]
  /// The names of the columns that figures show unless others are named; empty: the first ones.
  public var shown: [String]
  /// Whether it is no array but a quantity, of which a result has one more number; its description
  /// is the only column. With a trajectory, it is a column of that, too.
  public var isQuantity: Bool
  /// The defaults of the arguments that may stand in parentheses behind the name of a quantity,
  /// each above 0 and at most 1.
  public var arguments: [Double]

  /// Something to record.
  public init(_ name: String, summary: String = "", columns: [Quantity] = [], shown: [String] = []) {
    self.name = name
    self.summary = summary
    self.columns = columns
    self.shown = shown
    isQuantity = false
    arguments = []
  }

  /// A quantity that results have only where it is asked for.
  ///
  /// - Parameter arguments: the defaults of its arguments.
  public init(quantity: Quantity, arguments: [Double] = []) {
    self.init(quantity.name, summary: quantity.summary, columns: [quantity])
    isQuantity = true
    self.arguments = arguments
  }

  private enum CodingKeys: String, CodingKey {
    case name, summary, columns, shown, arguments
    case isQuantity = "quantity"
  }

  /// Encodes every property that is not at its default.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    if !summary.isEmpty { try container.encode(summary, forKey: .summary) }
    if !columns.isEmpty { try container.encode(columns, forKey: .columns) }
    if !shown.isEmpty { try container.encode(shown, forKey: .shown) }
    if isQuantity { try container.encode(isQuantity, forKey: .isQuantity) }
    if !arguments.isEmpty { try container.encode(arguments, forKey: .arguments) }
  }

  /// Decodes an object, of which only the name is needed, or the bare name.
  public init(from decoder: any Decoder) throws {
    if let name = try? decoder.singleValueContainer().decode(String.self) {
      self.init(name)
      return
    }
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      try container.decode(String.self, forKey: .name),
      summary: try container.decodeIfPresent(String.self, forKey: .summary) ?? "",
      columns: try container.decodeIfPresent([Quantity].self, forKey: .columns) ?? [],
      shown: try container.decodeIfPresent([String].self, forKey: .shown) ?? [])
    isQuantity = try container.decodeIfPresent(Bool.self, forKey: .isQuantity) ?? false
    arguments = try container.decodeIfPresent([Double].self, forKey: .arguments) ?? []
  }
}

/// What a network family, or a worker of one's own, says of itself: all that those need to know who
/// carry its names and numbers about.
public struct FamilyDescription: Hashable, Sendable, Codable {
  /// For people: `two-layer ReLU network, inputs on a line`.
  public var title: String
  /// The methods by which its runs can be made (``Problem/method``); not empty.
  public var methods: [String]
  /// What a run is given beside its width and seed; empty: not known, anything goes.
  public var parameters: [Parameter]
  /// What a run yields; the first is the order parameter unless a grid says otherwise. Empty: not
  /// known, anything goes.
  public var quantities: [Quantity]
  /// What can be recorded.
  public var recordables: [Recordable]
  /// The names of the parameters that span the plane unless a grid says otherwise: none, one or
  /// two.
  public var plane: [String]

  /// A description.
  public init(
    title: String, methods: [String], parameters: [Parameter] = [], quantities: [Quantity] = [],
    recordables: [Recordable] = [], plane: [String] = []
  ) {
    self.title = title
    self.methods = methods
    self.parameters = parameters
    self.quantities = quantities
    self.recordables = recordables
    self.plane = plane
  }

  /// The name of the quantity that decides the phase; nil: not known.
  public var orderParameter: String? { quantities.first?.name }

  /// The quantity of a name, in results or in what can be recorded; one without a description where
  /// it has none.
  public func quantity(_ name: String) -> Quantity {
    if let known = quantities.first(where: { $0.name == name })
      ?? recordables.lazy.flatMap(\.columns).first(where: { $0.name == name })
    {
      return known
    }
    guard let asked = QuantityName(name), !asked.arguments.isEmpty,
      var quantity = recordables.first(where: { $0.isQuantity && $0.name == asked.base })?.columns.first
    else { return Quantity(name) }
    quantity.name = name
    quantity.symbol += name.dropFirst(asked.base.count)
    return quantity
  }

  /// The columns of a table that figures show unless others are named; empty: not known.
  public func shownColumns(of recordable: String) -> [String] {
    recordables.first { $0.name == recordable }?.shown ?? []
  }

  /// The columns of a table that can be recorded; empty where they are not known.
  public func columns(of recordable: String) -> [Quantity] {
    recordables.first { $0.name == recordable }?.columns ?? []
  }

  /// The parameter of a name; one without a description where it has none.
  public func parameter(_ name: String) -> Parameter {
    parameters.first { $0.name == name } ?? Parameter(name)
  }
}
