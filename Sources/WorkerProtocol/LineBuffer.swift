let lineFeed: UInt8 = 0x0a

/// Cuts a stream of bytes into lines. Time and memory are linear in what arrives, however it is cut
/// up.
public struct LineBuffer: Sendable {
  private var bytes: [UInt8] = []
  /// Where the line that is not yet complete starts.
  private var start = 0
  /// Up to where there is no line feed.
  private var scanned = 0

  /// An empty buffer.
  public init() {}

  /// Appends what was read.
  public mutating func append(_ more: some Collection<UInt8>) {
    if start > 0 {
      bytes.removeFirst(start)
      scanned -= start
      start = 0
    }
    bytes.append(contentsOf: more)
  }

  /// The next complete line, without its line feed; nil until more is appended.
  ///
  /// - Throws: ``MalformedLine`` (too long), whether or not the end of that line has been seen.
  ///   Nothing sensible can follow.
  public mutating func next() throws(MalformedLine) -> ArraySlice<UInt8>? {
    let end = bytes[scanned...].firstIndex(of: lineFeed)
    scanned = end ?? bytes.count
    guard scanned - start <= maxLineLength else {
      throw MalformedLine(.tooLong, line: bytes[start..<scanned])
    }
    guard let end else { return nil }
    defer {
      start = end + 1
      scanned = start
    }
    return bytes[start..<end]
  }
}
