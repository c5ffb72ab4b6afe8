import Model
import Networks

/// The JSON schema of grid files, for editors: which keys there are, what their values may be, and
/// what they mean.
///
/// A file that the reader accepts follows the schema. The schema is less strict: it knows no
/// conditions between values, and reads no files.
public struct GridSchema: Sendable {
  private let families: NetworkFamilies

  /// The schema of grids that may ask for these networks by name.
  public init(families: NetworkFamilies = .builtIn) { self.families = families }

  /// The schema, draft 07.
  public var json: JSONValue {
    var names = families.methods
    for name in families.methodNames where !names.contains(name) { names.append(name) }
    let isOwn: [String: JSONValue] = [
      "required": .array([.string("method")]),
      "properties": .object([
        "method": .object(["not": .object(SchemaValue.words(names))])
      ]),
    ]
    var schema = SchemaValue.mapping(common, required: ["name", "axes"])
    schema.merge(
      [
        "$schema": .string("http://json-schema.org/draft-07/schema#"),
        "title": .string("gammaplane grid"),
        "description": .string("A sweep: a problem, and axes whose values are combined into runs."),
        "definitions": .object(definitions),
        "if": .object(isOwn),
        "then": .object(["properties": .object(ownWorker)]),
        "else": .object(["properties": .object(builtIn), "required": .array([.string("samples")])]),
      ]
    ) { $1 }
    return .object(schema)
  }

  // MARK: What depends on who computes the runs

  /// With a method of a worker of one's own, which may have any names.
  private var ownWorker: [String: JSONValue] {
    let name = SchemaValue.text("^[A-Za-z][A-Za-z0-9_]*$")
    let values = SchemaValue.reference("values")
    let reserved = references(to: Array(Self.reservedAxes.keys))
    let block: [String: JSONValue] = [
      "type": .string("object"), "additionalProperties": .object(values),
      "properties": .object(reserved),
    ]
    return [
      "axes": .object(block),
      "include": .object(SchemaValue.list(of: block, min: 0)),
      "record": record(
        names: name, rule: ["properties": .object(reserved), "additionalProperties": .object(values)]),
      "plane": plane(name), "order_parameter": .object(name),
    ]
  }

  /// With a network of this program.
  private var builtIn: [String: JSONValue] {
    let axes = references(to: Array(axes().keys))
    let names = SchemaValue.words(families.parameters.map(\.name))
    return [
      "axes": .object(SchemaValue.mapping(axes)),
      "include": .object(SchemaValue.list(of: SchemaValue.mapping(axes), min: 0)),
      "network": .object(SchemaValue.mapping(networkKeys())),
      "record": record(
        names: SchemaValue.any([SchemaValue.words(unique(recordables.map(\.name)))] + withArguments),
        rule: ["properties": .object(axes), "additionalProperties": .boolean(false)]),
      "plane": plane(names),
      "order_parameter": .object(
        SchemaValue.any(
          [
            SchemaValue.words(
              unique(
                families.all.flatMap(\.description.quantities).map(\.name)
                  + recordables.filter(\.isQuantity).map(\.name)))
          ] + withArguments)),
      "parameters": .boolean(false),
    ]
  }

  /// What the families can record.
  private var recordables: [Recordable] { families.all.flatMap(\.description.recordables) }

  /// The names of quantities that have arguments, with some.
  private var withArguments: [[String: JSONValue]] {
    let names = unique(recordables.filter { !$0.arguments.isEmpty }.map(\.name))
    return names.isEmpty ? [] : [SchemaValue.text("^(\(names.joined(separator: "|")))\\([-0-9., e]+\\)$")]
  }

  /// Axes by reference to their definitions.
  private func references(to axes: [String]) -> [String: JSONValue] {
    Dictionary(uniqueKeysWithValues: axes.map { ($0, .object(SchemaValue.reference($0))) })
  }

  /// Parts that several keys refer to: the axes, and those of workers of one's own.
  private var definitions: [String: JSONValue] {
    axes().merging(["values": .object(SchemaValue.any(Self.values(SchemaValue.number(), min: 1)))]) { $1 }
  }

  /// The axes of all families, each with the union of its ranges.
  func axes() -> [String: JSONValue] {
    var axes = Self.reservedAxes
    for parameter in families.parameters {
      let ranges = families.all.flatMap(\.description.parameters).filter { $0.name == parameter.name }
        .map { $0.range ?? -.infinity ... .infinity }
      let low = ranges.map(\.lowerBound).min() ?? -.infinity
      let high = ranges.map(\.upperBound).max() ?? .infinity
      let text = parameter.summary.isEmpty ? parameter.symbol : "\(parameter.symbol): \(parameter.summary)"
      let value = SchemaValue.number(low...high)
      axes[parameter.name] = SchemaValue.described(text, SchemaValue.any(Self.values(value, min: 1)))
    }
    return axes
  }

  /// The keys of all networks; one that several have may have the values of any.
  func networkKeys() -> [String: JSONValue] {
    let all = Dictionary(grouping: families.networkKeys, by: \.name)
    return all.mapValues { keys in
      var schemas: [[String: JSONValue]] = []
      var words: [String] = []
      for key in keys {
        switch key.kind {
        case .boolean: schemas.append(["type": .string("boolean")])
        case .choice(let own): words += own
        case .number(let range): schemas.append(SchemaValue.number(range))
        case .integer(let range):
          schemas.append(SchemaValue.whole(from: range.lowerBound, to: range.upperBound))
        }
      }
      if !words.isEmpty { schemas.append(SchemaValue.words(unique(words))) }
      var schema = SchemaValue.any(unique(schemas))
      if let value = keys.first?.defaultValue, keys.allSatisfy({ $0.defaultValue == value }) {
        schema["default"] = value
      }
      return SchemaValue.described(keys.first?.summary ?? "", schema)
    }
  }

  private func plane(_ name: [String: JSONValue]) -> JSONValue {
    var list = SchemaValue.list(of: name)
    list["maxItems"] = .number(2)
    return .object(SchemaValue.any([name, list]))
  }

  /// Names, or rules that say of which runs.
  private func record(names: [String: JSONValue], rule: [String: JSONValue]) -> JSONValue {
    var entry = rule
    var properties: [String: JSONValue] = [:]
    if case .object(let axes)? = rule["properties"] { properties = axes }
    properties["what"] = .object(SchemaValue.any([names, SchemaValue.list(of: names)]))
    entry["type"] = .string("object")
    entry["properties"] = .object(properties)
    entry["required"] = .array([.string("what")])
    let item = SchemaValue.any([names, entry])
    return .object(SchemaValue.any([names, entry, SchemaValue.list(of: item, min: 0)]))
  }

  private func unique<Value: Equatable>(_ values: [Value]) -> [Value] {
    values.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }
}
