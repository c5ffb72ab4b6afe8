import CPlatform

/// Writes all bytes, in as many pieces as it takes.
///
/// - Throws: the error of the first piece that could not be written; `EAGAIN` too if the descriptor
///   does not block.
public func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: CInt) throws(SystemError) {
  var rest = bytes
  while !rest.isEmpty {
    let written = try uninterrupted { write(descriptor, rest.baseAddress, rest.count) }
    rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(written))
  }
}

/// Writes all bytes, in as many pieces as it takes.
public func writeAll(_ bytes: [UInt8], to descriptor: CInt) throws(SystemError) {
  try bytes.withUnsafeBufferPointer { (buffer) throws(SystemError) in
    try writeAll(UnsafeRawBufferPointer(buffer), to: descriptor)
  }
}

/// Reads the bytes that are available, at least one, for which it waits; none at the end of the
/// input.
///
/// - Throws: also `EAGAIN`, if the descriptor does not block.
public func readBytes(from descriptor: CInt, atMost capacity: Int) throws(SystemError) -> [UInt8] {
  var failure: SystemError?
  let bytes = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
    do throws(SystemError) {
      count = try uninterrupted { read(descriptor, buffer.baseAddress, capacity) }
    } catch {
      failure = error
    }
  }
  if let failure { throw failure }
  return bytes
}

/// The beginning of a file, or all of it if it has no more bytes than `limit`.
public func readFile(_ path: String, atMost limit: Int) throws(SystemError) -> [UInt8] {
  let file = try OpenFile(path, O_RDONLY)
  var bytes: [UInt8] = []
  while bytes.count < limit {
    let piece = try file.read(atMost: min(limit - bytes.count, 1 << 16))
    if piece.isEmpty { break }
    bytes += piece
  }
  return bytes
}

/// The text of a file of the kernel, such as those in `/proc`, up to 64 KiB; nil if it cannot be
/// read.
public func systemText(_ path: String) -> String? {
  (try? readFile(path, atMost: 1 << 16)).map { String(decoding: $0, as: UTF8.self) }
}

/// A pipe for short messages. Child processes do not inherit its ends, and writing to a full one
/// fails with `EAGAIN`.
public func makePipe() throws(SystemError) -> (reading: CInt, writing: CInt) {
  var ends: [CInt] = [-1, -1]
  guard platform_pipe(&ends) == 0 else { throw .last }
  return (ends[0], ends[1])
}
