/// A width as JSON has it: a number, or the text `infinity` for the limit m → ∞.
///
/// The run of infinite width at a setting computes the limit there (``Run/isLimit``).
package struct CodedWidth: Hashable, Sendable, Codable {
  /// m; positive.
  package var value: Double

  /// A width.
  package init(_ value: Double) { self.value = value }

  private static let infinity = "infinity"

  /// Encodes the number or the text.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if value == .infinity { try container.encode(Self.infinity) } else { try container.encode(value) }
  }

  /// Decodes what ``encode(to:)`` wrote.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let text = try? container.decode(String.self) else {
      value = try container.decode(Double.self)
      return
    }
    guard text == Self.infinity else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "no width: \(text)")
    }
    value = .infinity
  }
}
