import Foundation
import Model

/// The text in which the database keeps named numbers: JSON such as
/// `{"alpha":0.5,"beta":0}`, with ascending names and the shortest form of each number, so
/// that equal numbers have one text.
///
/// The names of the last numbers are remembered: rows mostly have the same, and then only the
/// values are converted.
struct NumbersText {
  private var names: [String] = []
  /// What stands before each value.
  private var prefixes: [[UInt8]] = []

  /// The text of numbers, all of them finite.
  mutating func text(_ numbers: NamedNumbers) -> String {
    learn(numbers.names)
    guard !numbers.isEmpty else { return "{}" }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(32 * numbers.count)
    for (prefix, value) in zip(prefixes, numbers.values) {
      bytes += prefix
      // Of −0 and 0, which are equal, the one.
      bytes += formattedNumber(value == 0 ? 0 : value).utf8
    }
    bytes.append(UInt8(ascii: "}"))
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The numbers of a text; nil if it is none, or does not have numbers only.
  mutating func numbers(_ text: UnsafeRawBufferPointer) -> NamedNumbers? {
    if let values = values(text) { return NamedNumbers(sortedNames: names, values: values) }
    let read = try? JSONDecoder().decode(NamedNumbers.self, from: Data(text))
    if let read { learn(read.names) }
    return read
  }

  private mutating func learn(_ names: [String]) {
    guard names != self.names else { return }
    self.names = names
    prefixes = names.enumerated().map { index, name in
      Array(((index == 0 ? "{" : ",") + JSONValue.string(name).canonical + ":").utf8)
    }
  }

  /// The values of a text with the remembered names; nil if it is another one.
  private func values(_ text: UnsafeRawBufferPointer) -> [Double]? {
    guard !prefixes.isEmpty else { return nil }
    var values: [Double] = []
    values.reserveCapacity(prefixes.count)
    var rest = text[...]
    for prefix in prefixes {
      guard rest.starts(with: prefix),
        let (value, end) = parsedNumber(at: rest.startIndex + prefix.count, of: text)
      else { return nil }
      values.append(value)
      rest = text[end...]
    }
    return rest.count == 1 && rest.first == UInt8(ascii: "}") ? values : nil
  }
}

/// Finds one of the numbers in such a text without reading the others.
struct NumberFinder {
  private let key: [UInt8]

  /// Finds the number of a name.
  init(_ name: String) { key = Array((JSONValue.string(name).canonical + ":").utf8) }

  /// The number; nil if there is none of that name.
  func number(in text: UnsafeRawBufferPointer) -> Double? {
    guard let start = text.baseAddress else { return nil }
    // A key begins after a brace or a comma; within a string, another character is before a
    // quotation mark.
    var index = 1
    while index + key.count < text.count {
      if text[index - 1] == UInt8(ascii: "{") || text[index - 1] == UInt8(ascii: ","),
        memcmp(start + index, key, key.count) == 0
      {
        return parsedNumber(at: index + key.count, of: text)?.value
      }
      index += 1
    }
    return nil
  }
}

/// The number at a place of a text, and where it ends: at a comma or a brace.
private func parsedNumber(at start: Int, of text: UnsafeRawBufferPointer) -> (value: Double, end: Int)? {
  var end = start
  while end < text.count, isPartOfNumber(text[end]) { end += 1 }
  guard end < text.count, text[end] == UInt8(ascii: ",") || text[end] == UInt8(ascii: "}"),
    let address = text.baseAddress
  else { return nil }
  // Behind it is a character that is no part of a number: it reads no further.
  var last: UnsafeMutablePointer<CChar>?
  let value = strtod((address + start).assumingMemoryBound(to: CChar.self), &last)
  guard start < end, let last, address.distance(to: UnsafeRawPointer(last)) == end else { return nil }
  return (value, end)
}

private func isPartOfNumber(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."),
    UInt8(ascii: "e"), UInt8(ascii: "E"):
    true
  default: false
  }
}
