import Foundation

/// A time as the database has it, in ISO 8601 to the second, UTC: `2026-11-30T15:54:19Z`.
///
/// Foundation's formatters take as long as all else that is done for a row.
enum Timestamp {
  /// The text of a time from year 0 to 9999.
  static func text(_ date: Date) -> String {
    var time = time_t(date.timeIntervalSince1970.rounded(.down))
    var parts = tm()
    gmtime_r(&time, &parts)
    var text: [UInt8] = []
    text.reserveCapacity(20)
    func add(_ number: CInt, digits: Int, _ end: Character) {
      var digits = Array(repeating: UInt8(ascii: "0"), count: digits)
      var rest = number
      for index in digits.indices.reversed() {
        digits[index] += UInt8(rest % 10)
        rest /= 10
      }
      text += digits
      text += end.utf8
    }
    add(parts.tm_year + 1900, digits: 4, "-")
    add(parts.tm_mon + 1, digits: 2, "-")
    add(parts.tm_mday, digits: 2, "T")
    add(parts.tm_hour, digits: 2, ":")
    add(parts.tm_min, digits: 2, ":")
    add(parts.tm_sec, digits: 2, "Z")
    return String(decoding: text, as: UTF8.self)
  }

  /// The time of a text; nil if it is none.
  static func date(_ text: String) -> Date? {
    let bytes = Array(text.utf8)
    guard bytes.count == 20, [4, 7, 10, 13, 16, 19].map({ bytes[$0] }) == Array("--T::Z".utf8) else {
      return nil
    }
    var numbers: [CInt] = []
    for part in bytes.split(whereSeparator: { !(0x30...0x39).contains($0) }) {
      numbers.append(part.reduce(0) { 10 * $0 + CInt($1 - 0x30) })
    }
    guard numbers.count == 6 else { return nil }
    var parts = tm()
    (parts.tm_year, parts.tm_mon, parts.tm_mday) = (numbers[0] - 1900, numbers[1] - 1, numbers[2])
    (parts.tm_hour, parts.tm_min, parts.tm_sec) = (numbers[3], numbers[4], numbers[5])
    return Date(timeIntervalSince1970: Double(timegm(&parts)))
  }
}
