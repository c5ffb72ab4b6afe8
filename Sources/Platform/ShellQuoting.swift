/// A word as a POSIX shell reads it as one: as it is if it holds only letters, digits and harmless
/// signs of ASCII, else in quotes.
///
/// - Parameter word: without NUL, which no shell can be told.
public func shellQuoted(_ word: String) -> String {
  let isPlain = word.unicodeScalars.allSatisfy {
    ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0)
      || "-_./+=:,@%".unicodeScalars.contains($0)
  }
  return isPlain && !word.isEmpty ? word : "'" + word.replacing("'", with: "'\\''") + "'"
}
