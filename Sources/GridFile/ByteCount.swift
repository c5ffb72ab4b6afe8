/// Reads a number of bytes as `limits.memory` of a grid does: with or without a unit (B, kB, MB, GB, TB, KiB, MiB, GiB,
/// TiB, in any case).
///
/// - Returns: the number, at least 1; nil for anything else.
public func byteCount(of text: String) -> Int? { memory(text) }
