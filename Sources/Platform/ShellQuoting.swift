/// A word as POSIX shells read it: unchanged if it has only letters, digits and harmless characters
/// of ASCII, else in quotes.
///
/// - Parameter word: without NUL.
public func shellQuoted(_ word: String) -> String {
  let isPlain = word.unicodeScalars.allSatisfy {
    ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0)
      || "-_./+=:,@%".unicodeScalars.contains($0)
  }
  return isPlain && !word.isEmpty ? word : "'" + word.replacing("'", with: "'\\''") + "'"
}
