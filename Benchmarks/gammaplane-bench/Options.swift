import Model
import Theories

/// The options of a benchmark: pairs `--name value`, some of which may be given several times.
struct Options {
  private let values: [String: [String]]

  /// Reads pairs of words.
  init(_ words: [String]) throws(BenchError) {
    var values: [String: [String]] = [:]
    for start in stride(from: 0, to: words.count, by: 2) {
      guard words[start].hasPrefix("--"), start + 1 < words.count else { throw .noValue(words[start]) }
      values[String(words[start].dropFirst(2)), default: []].append(words[start + 1])
    }
    self.values = values
  }

  /// The last value of an option that is needed.
  func text(_ name: String) throws(BenchError) -> String {
    guard let value = values[name]?.last else { throw .missing(name) }
    return value
  }

  /// A non-negative integer.
  func integer(_ name: String, default standard: Int? = nil) throws(BenchError) -> Int {
    if let standard, values[name] == nil { return standard }
    let value = try text(name)
    guard let number = Int(value), number >= 0 else {
      throw .malformed(option: name, value: value, expected: "a non-negative integer")
    }
    return number
  }

  /// A finite number.
  func number(_ name: String, default standard: Double) throws(BenchError) -> Double {
    guard let value = values[name]?.last else { return standard }
    guard let number = Double(value), number.isFinite else {
      throw .malformed(option: name, value: value, expected: "a number")
    }
    return number
  }

  /// Numbers that are separated by commas.
  func numbers(_ name: String) throws(BenchError) -> [Double] { try Self.list(name, try text(name)) }

  /// The points `--point γ,γ'`, in the order given.
  func settings() throws(BenchError) -> [Setting] {
    var settings: [Setting] = []
    for value in values["point"] ?? [] {
      let pair = try Self.list("point", value)
      guard pair.count == 2 else { throw .malformed(option: "point", value: value, expected: "γ,γ'") }
      settings.append(LuoEtAl2021.plane.setting(PlanePoint(x: pair[0], y: pair[1])))
    }
    guard !settings.isEmpty else { throw .missing("point") }
    return settings
  }

  /// The keys of the network that are given: how its initial values are represented, and by how
  /// many weighted nodes.
  func network() throws(BenchError) -> [String: JSONValue] {
    var network: [String: JSONValue] = [:]
    if let law = values["law"]?.last { network["law"] = .string(law) }
    if values["nodes"] != nil { network["nodes"] = .number(Double(try integer("nodes"))) }
    return network
  }

  private static func list(_ name: String, _ value: String) throws(BenchError) -> [Double] {
    let numbers = value.split(separator: ",").compactMap { Double($0) }.filter(\.isFinite)
    guard numbers.count == value.split(separator: ",", omittingEmptySubsequences: false).count else {
      throw .malformed(option: name, value: value, expected: "numbers that are separated by commas")
    }
    return numbers
  }
}
