import Foundation
import Platform
import Synchronization
import Testing

@Suite struct AtomicFileTests {
  private struct Trouble: Error {}

  private let folder: TemporaryFolder
  private var target: String { folder.path("target") }

  init() throws {
    folder = try TemporaryFolder()
    try folder.write("old", to: "target")
  }

  /// The names of drafts: its own choice, or a fixed one.
  private static let drafts: [String?] = [nil, "draft"]

  private func make(_ draft: String?) throws -> AtomicFile {
    try AtomicFile(target, draft: draft.map(folder.path))
  }

  @Test(arguments: drafts, [true, false])
  func theOldFileStaysUntilTheNewOneIsWhole(draft: String?, durably: Bool) throws {
    let file = try make(draft)
    try file.write(Array("ne".utf8))
    #expect(try folder.text("target") == "old")
    try file.write(Array("w".utf8))
    #expect(try folder.text("target") == "old")
    try file.commit(durably: durably)
    #expect(try folder.text("target") == "new")
    #expect(folder.names == ["target"])
  }

  @Test(arguments: drafts)
  func anErrorInTheMiddleLeavesTheOldFileAndNoDraft(draft: String?) throws {
    #expect(throws: Trouble.self) {
      let file = try make(draft)
      try file.write(Array("half".utf8))
      #expect(folder.names.count == 2)
      throw Trouble()
    }
    #expect(try folder.text("target") == "old")
    #expect(folder.names == ["target"])
  }

  /// The last step fails, as a folder is in the way.
  @Test(arguments: drafts)
  func aNameThatCannotBeTakenLeavesNoDraft(draft: String?) throws {
    try FileManager.default.createDirectory(
      atPath: folder.path("target2/something"), withIntermediateDirectories: true)
    #expect(throws: SystemError.self) {
      let file = try AtomicFile(folder.path("target2"), draft: draft.map(folder.path))
      try file.write([1])
      try file.commit()
    }
    #expect(folder.names == ["target", "target2"])
    #expect(listFolder(folder.path("target2")) == ["something"])
  }

  /// Nor is a link in place of the file itself followed.
  @Test func aLinkInPlaceOfTheDraftIsNotFollowed() throws {
    try folder.write("precious", to: "victim")
    for name in ["draft", "target3"] {
      try FileManager.default.createSymbolicLink(
        atPath: folder.path(name), withDestinationPath: folder.path("victim"))
    }
    let file = try AtomicFile(folder.path("target3"), draft: folder.path("draft"))
    try file.write(Array("new".utf8))
    try file.commit()
    #expect(try folder.text("victim") == "precious")
    #expect(try folder.text("target3") == "new")
    #expect(folder.names == ["target", "target3", "victim"])
  }

  @Test func aStaleDraftGivesWay() throws {
    try folder.write("what a process has left that died", to: "draft")
    let file = try make("draft")
    try file.write(Array("new".utf8))
    try file.commit()
    #expect(try folder.text("target") == "new")
    #expect(folder.names == ["target"])
  }

  @Test func whatCannotBeRemovedIsNotOpened() throws {
    try FileManager.default.createDirectory(atPath: folder.path("draft"), withIntermediateDirectories: true)
    #expect(throws: SystemError(EEXIST)) { try make("draft") }
    #expect(folder.names == ["draft", "target"])
  }

  @Test func errorsNameTheirCause() throws {
    #expect(throws: SystemError(ENOENT)) { try AtomicFile(folder.path("missing/target")) }
    #expect(throws: SystemError(ENOTDIR)) { try AtomicFile(folder.path("target/below")) }
    #expect(SystemError(ENOENT).description == "No such file or directory")
  }

  /// Many writers of the same file: a reader sees one of them, whole.
  @Test func writersDoNotMeet() throws {
    let length = 100_000
    try AtomicFile.write([UInt8](repeating: 0, count: length), to: target)
    let ended = DispatchSemaphore(value: 0)
    let writers = UInt8(1)...4
    for writer in writers {
      let started = startThread { [target] in
        #expect(throws: Never.self) {
          for _ in 0..<20 {
            let file = try AtomicFile(target)
            for _ in 0..<10 {
              try file.write([UInt8](repeating: writer, count: length / 10))
              usleep(10)
            }
            try file.commit(durably: false)
          }
        }
        ended.signal()
      }
      try #require(started)
    }
    for _ in writers {
      repeat {
        let bytes = try readFile(target, atMost: 2 * length)
        #expect(bytes.count == length && Set(bytes).count == 1)
      } while ended.wait(timeout: .now()) == .timedOut
    }
    #expect(folder.names == ["target"])
  }
}
