import CZlib

/// Compression by zlib in the raw DEFLATE format (RFC 1951), which browsers call `deflate-raw`. The
/// same version of zlib gives the same bytes for the same input.
enum Deflate {
  /// The compressed form of fewer than 2³² bytes.
  ///
  /// - Throws: ``DeflateError`` if zlib has no memory, or differs from its headers.
  static func compress(_ input: [UInt8]) throws(DeflateError) -> [UInt8] {
    var stream = z_stream()
    // zlib remembers the address of the stream.
    return try withUnsafeMutablePointer(to: &stream) { stream throws(DeflateError) in
      // Negative bits: no header, no checksum. 8 is zlib's default amount of memory.
      let code = deflateInit2_(
        stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
        CInt(MemoryLayout<z_stream>.size))
      guard code == Z_OK else { throw DeflateError(code: code) }
      defer { deflateEnd(stream) }
      return try compress(input, by: stream)
    }
  }

  private static func compress(
    _ input: [UInt8], by stream: UnsafeMutablePointer<z_stream>
  ) throws(DeflateError) -> [UInt8] {
    var input = input
    var code = Z_OK
    // Within this bound one call compresses everything.
    let bound = Int(deflateBound(stream, uLong(input.count)))
    let output = [UInt8](unsafeUninitializedCapacity: bound) { output, count in
      input.withUnsafeMutableBufferPointer { input in
        stream.pointee.next_in = input.baseAddress
        stream.pointee.avail_in = uInt(input.count)
        stream.pointee.next_out = output.baseAddress
        stream.pointee.avail_out = uInt(bound)
        code = deflate(stream, Z_FINISH)
        count = bound - Int(stream.pointee.avail_out)
      }
    }
    guard code == Z_STREAM_END else { throw DeflateError(code: code) }
    return output
  }
}

/// zlib could not compress.
public struct DeflateError: Error, Hashable, CustomStringConvertible {
  /// zlib's return code, such as `Z_MEM_ERROR`.
  public let code: CInt

  /// One sentence for the user.
  public var description: String {
    switch code {
    case Z_MEM_ERROR: "there is not enough memory to compress the report"
    case Z_VERSION_ERROR:
      "the report cannot be compressed: zlib \(String(cString: zlibVersion())) is installed, and "
        + "gammaplane was built for \(ZLIB_VERSION); build it again"
    default: "the report cannot be compressed: zlib's error \(code)"
    }
  }
}
