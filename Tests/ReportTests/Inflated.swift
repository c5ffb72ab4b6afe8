import CZlib

/// What a raw DEFLATE stream was made from; nil if the bytes are not exactly one such stream.
func inflated(_ bytes: [UInt8]) -> [UInt8]? {
  var stream = z_stream()
  return withUnsafeMutablePointer(to: &stream) { stream in
    guard inflateInit2_(stream, -MAX_WBITS, ZLIB_VERSION, CInt(MemoryLayout<z_stream>.size)) == Z_OK else {
      return nil
    }
    defer { inflateEnd(stream) }
    var bytes = bytes
    return bytes.withUnsafeMutableBufferPointer { bytes -> [UInt8]? in
      stream.pointee.next_in = bytes.baseAddress
      stream.pointee.avail_in = uInt(bytes.count)
      var output: [UInt8] = []
      var piece = [UInt8](repeating: 0, count: 1 << 16)
      while true {
        let (code, count) = piece.withUnsafeMutableBufferPointer { piece in
          stream.pointee.next_out = piece.baseAddress
          stream.pointee.avail_out = uInt(piece.count)
          let code = inflate(stream, Z_NO_FLUSH)
          return (code, piece.count - Int(stream.pointee.avail_out))
        }
        output += piece[..<count]
        if code == Z_STREAM_END { return stream.pointee.avail_in == 0 ? output : nil }
        guard code == Z_OK else { return nil }
      }
    }
  }
}
