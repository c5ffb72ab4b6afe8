import CZlib

/// What zlib makes of compressed bytes.
enum Inflate {
  /// How bytes are wrapped.
  enum Form {
    /// The raw DEFLATE format (RFC 1951), as in ZIP archives.
    case raw
    /// A gzip file (RFC 1952).
    case gzip

    /// What zlib calls window bits.
    var windowBits: CInt { self == .raw ? -MAX_WBITS : MAX_WBITS + 16 }
  }

  /// The bytes that were compressed; nil if they are damaged, incomplete, or more than `limit`.
  static func bytes(_ input: ArraySlice<UInt8>, _ form: Form, limit: Int) -> [UInt8]? {
    var stream = z_stream()
    // zlib remembers the address of the stream.
    return withUnsafeMutablePointer(to: &stream) { stream in
      let size = CInt(MemoryLayout<z_stream>.size)
      guard inflateInit2_(stream, form.windowBits, ZLIB_VERSION, size) == Z_OK else { return nil }
      defer { inflateEnd(stream) }
      return bytes(Array(input), limit: limit, by: stream)
    }
  }

  private static func bytes(
    _ input: [UInt8], limit: Int, by stream: UnsafeMutablePointer<z_stream>
  ) -> [UInt8]? {
    var input = input
    var output: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 20)
    return input.withUnsafeMutableBufferPointer { input -> [UInt8]? in
      stream.pointee.next_in = input.baseAddress
      stream.pointee.avail_in = uInt(input.count)
      while true {
        let (code, used) = chunk.withUnsafeMutableBufferPointer { chunk -> (CInt, Int) in
          stream.pointee.next_out = chunk.baseAddress
          stream.pointee.avail_out = uInt(chunk.count)
          let code = inflate(stream, Z_NO_FLUSH)
          return (code, chunk.count - Int(stream.pointee.avail_out))
        }
        output += chunk[..<used]
        guard output.count <= limit else { return nil }
        if code == Z_STREAM_END { return output }
        guard code == Z_OK, used > 0 || stream.pointee.avail_in > 0 else { return nil }
      }
    }
  }
}
