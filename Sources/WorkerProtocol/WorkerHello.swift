import Model

/// What a worker process tells of itself in its first line.
public struct WorkerHello: Hashable, Sendable {
  /// Name and version, for people and for the record of who made a result.
  public var worker: String
  /// The version of the protocol that it uses.
  public var protocolVersion: Int
  /// What it can do besides making runs.
  public var abilities: WorkerAbilities
  /// What runs it can make. Empty lists of parameters and quantities: it does not tell, and
  /// anything goes.
  public var description: FamilyDescription
  /// Of a worker that makes runs of several families: what each says of itself. They share the
  /// methods of ``description``, which tells nothing else.
  public var families: [FamilyDescription]

  /// A first line.
  public init(
    worker: String, protocolVersion: Int = workerProtocolVersion, abilities: WorkerAbilities = [],
    description: FamilyDescription, families: [FamilyDescription] = []
  ) {
    self.worker = worker
    self.protocolVersion = protocolVersion
    self.abilities = abilities
    self.description = description
    self.families = families
  }

  /// What it says of the runs of a method.
  public func description(of method: String) -> FamilyDescription {
    families.first { $0.methods.contains(method) } ?? description
  }
}

/// What a worker can do besides making runs.
public struct WorkerAbilities: OptionSet, Hashable, Sendable {
  /// The set as bits.
  public let rawValue: UInt8
  /// A set from its bits.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// It reports progress as often as an order asks.
  public static let progress = WorkerAbilities(rawValue: 1)
  /// It suspends runs and resumes them.
  public static let checkpoint = WorkerAbilities(rawValue: 2)

  private static let named: [(String, WorkerAbilities)] = [
    ("progress", .progress), ("checkpoint", .checkpoint),
  ]

  /// The names of the members, as in the protocol.
  public var names: [String] { Self.named.filter { contains($0.1) }.map(\.0) }

  /// The abilities that are known among names.
  public init(names: some Sequence<some StringProtocol>) {
    self = []
    for name in names { if let known = Self.named.first(where: { $0.0 == name }) { formUnion(known.1) } }
  }
}

extension WorkerHello: Codable {
  private enum CodingKeys: String, CodingKey {
    case worker, methods, abilities, title, parameters, quantities, recordables, plane, families
    case protocolVersion = "protocol"
  }

  /// Encodes the flat form, without what is empty.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(worker, forKey: .worker)
    try container.encode(protocolVersion, forKey: .protocolVersion)
    try container.encode(description.methods, forKey: .methods)
    if !abilities.isEmpty { try container.encode(abilities.names, forKey: .abilities) }
    if description.title != worker { try container.encode(description.title, forKey: .title) }
    if !description.parameters.isEmpty { try container.encode(description.parameters, forKey: .parameters) }
    if !description.quantities.isEmpty { try container.encode(description.quantities, forKey: .quantities) }
    if !description.recordables.isEmpty {
      try container.encode(description.recordables, forKey: .recordables)
    }
    if !description.plane.isEmpty { try container.encode(description.plane, forKey: .plane) }
    if !families.isEmpty { try container.encode(families, forKey: .families) }
  }

  /// Decodes the flat form. Of another version of the protocol only the version counts.
  ///
  /// - Throws: also ``MalformedLine/Reason`` if a name is unusable or repeated, or the plane has
  ///   other names than the parameters.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let worker = try container.decode(String.self, forKey: .worker)
    let version = try container.decode(Int.self, forKey: .protocolVersion)
    guard version == workerProtocolVersion else {
      self.init(
        worker: worker, protocolVersion: version, description: FamilyDescription(title: worker, methods: []))
      return
    }
    let description = FamilyDescription(
      title: try container.decodeIfPresent(String.self, forKey: .title) ?? worker,
      methods: try container.decode([String].self, forKey: .methods),
      parameters: try container.decodeIfPresent([Parameter].self, forKey: .parameters) ?? [],
      quantities: try container.decodeIfPresent([Quantity].self, forKey: .quantities) ?? [],
      recordables: try container.decodeIfPresent([Recordable].self, forKey: .recordables) ?? [],
      plane: try container.decodeIfPresent([String].self, forKey: .plane) ?? [])
    let families = try container.decodeIfPresent([FamilyDescription].self, forKey: .families) ?? []
    for description in families + [description] { try Self.check(description) }
    let abilities = try container.decodeIfPresent([String].self, forKey: .abilities) ?? []
    self.init(
      worker: worker, protocolVersion: version, abilities: WorkerAbilities(names: abilities),
      description: description, families: families)
  }

  private static func check(_ description: FamilyDescription) throws {
    try check(description.parameters.map(\.name), .parameters)
    try check(description.quantities.map(\.name), .quantities)
    try check(description.recordables.map(\.name), .recordables)
    try check(description.plane, .plane)
    let isPlane = description.plane.allSatisfy { name in
      description.parameters.isEmpty || description.parameters.contains { $0.name == name }
    }
    guard isPlane, description.plane.count <= 2 else { throw MalformedLine.Reason.wrongValue(key: "plane") }
  }

  private static func check(_ names: [String], _ key: CodingKeys) throws {
    for name in names { try MalformedLine.Reason.check(name: name, of: key.rawValue) }
    guard Set(names).count == names.count else { throw MalformedLine.Reason.wrongValue(key: key.rawValue) }
  }
}
