import Foundation

/// Times as the database has them, in ISO 8601 to the second, UTC: `2026-11-30T15:54:19Z`.
///
/// Foundation's formatters take as long as all else that is done for a row. Here the last day is
/// remembered, and only the time of the day is converted.
struct Timestamps {
  /// The first second of a day since 1970, and its text up to the `T`.
  private var day: (start: Int, text: [UInt8])?

  private static let secondsOfDay = 86_400
  /// Where the digits of hours, minutes and seconds are, and what each is worth.
  private static let digits = [(11, 36_000), (12, 3600), (14, 600), (15, 60), (17, 10), (18, 1)]

  /// The text of a time from year 0 to 9999.
  mutating func text(_ date: Date) -> String {
    let seconds = Int(date.timeIntervalSince1970.rounded(.down))
    if day == nil || !(0..<Self.secondsOfDay).contains(seconds - (day?.start ?? 0)) {
      var time = time_t(seconds)
      var parts = tm()
      gmtime_r(&time, &parts)
      let start = seconds - Int(parts.tm_hour * 3600 + parts.tm_min * 60 + parts.tm_sec)
      let numbers = [(parts.tm_year + 1900, 4), (parts.tm_mon + 1, 2), (parts.tm_mday, 2)]
      let text = numbers.map { number, digits in
        let text = String(number)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
      }.joined(separator: "-")
      day = (start, Array((text + "T").utf8))
    }
    guard let day else { return "" }
    var text = day.text + Array("00:00:00Z".utf8)
    var rest = seconds - day.start
    for (index, worth) in Self.digits {
      text[index] += UInt8(rest / worth)
      rest %= worth
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// The time of a text; nil if it is none.
  mutating func date(_ text: String) -> Date? {
    let bytes = Array(text.utf8)
    guard bytes.count == 20 else { return nil }
    for (byte, form) in zip(bytes, "0000-00-00T00:00:00Z".utf8) {
      guard byte == form || form == UInt8(ascii: "0") && (0x30...0x39).contains(byte) else { return nil }
    }
    if day == nil || !bytes.starts(with: day?.text ?? []) {
      let numbers = text.prefix(10).split(separator: "-").compactMap { CInt($0) }
      guard numbers.count == 3 else { return nil }
      var parts = tm()
      (parts.tm_year, parts.tm_mon, parts.tm_mday) = (numbers[0] - 1900, numbers[1] - 1, numbers[2])
      day = (timegm(&parts), Array(bytes[..<11]))
    }
    guard var seconds = day?.start else { return nil }
    for (index, worth) in Self.digits {
      seconds += Int(bytes[index] - 0x30) * worth
    }
    return Date(timeIntervalSince1970: Double(seconds))
  }
}
