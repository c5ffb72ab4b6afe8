import Model
import Networks

/// Who computes the runs of a grid file, and so decides which names and values it may have.
struct Owner {
  /// The family that claims the network; nil: a worker of one's own, or not known because something
  /// is wrong. Then all names may occur.
  var family: (any NetworkFamily)?
  /// What computes the runs; nil: not known.
  var method: String?
  /// The network; of a family with all defaults filled in.
  var network: [String: JSONValue] = [:]

  /// The axes of the parameters; nil: any.
  var parameterAxes: [Axis]? { family?.description.parameters.map(Axis.parameter).nonEmpty }
  /// Their names; nil: any.
  var axisNames: [String]? { parameterAxes?.map(\.key) }
  /// The names of what can be recorded; nil: any.
  var recordables: [String]? { family?.description.recordables.map(\.name) }
  /// The names of what is measured; nil: any.
  var quantities: [String]? { family?.description.quantities.map(\.name).nonEmpty }
}

extension Array {
  fileprivate var nonEmpty: Self? { isEmpty ? nil : self }
}

extension NetworkKey {
  /// Whether a value may be given for it.
  func accepts(_ value: JSONValue) -> Bool {
    switch kind {
    case .boolean: value.boolean != nil
    case .choice(let words): value.string.map(words.contains) ?? false
    case .number(let range): value.number.map(range.contains) ?? false
    case .integer(let range): value.number.flatMap(wholeNumber).map(range.contains) ?? false
    }
  }

  /// What its value must be, with an article.
  var expected: String {
    switch kind {
    case .boolean: "true or false"
    case .choice(let words): list(words, "or")
    case .number(let range):
      "a number from \(formattedNumber(range.lowerBound)) to \(formattedNumber(range.upperBound))"
    case .integer(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
    }
  }
}
