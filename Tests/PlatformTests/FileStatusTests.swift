import Foundation
import Platform
import Testing

@Suite struct FileStatusTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try folder.write("text", to: "file")
    try FileManager.default.createSymbolicLink(atPath: folder.path("link"), withDestinationPath: folder.path)
    try FileManager.default.createSymbolicLink(atPath: folder.path("nowhere"), withDestinationPath: "missing")
  }

  @Test func foldersAndFilesAreToldApart() {
    for (name, isAFolder, isAFile) in [
      (".", true, false), ("link", true, false), ("file", false, true), ("nowhere", false, false),
      ("missing", false, false), ("file\0", false, false),
    ] {
      #expect(isFolder(folder.path(name)) == isAFolder, "\(name)")
      #expect(isFile(folder.path(name)) == isAFile, "\(name)")
    }
    #expect(isFile("/dev/null") && fileStatus("/dev/null")?.isOrdinary == false)
    #expect(isProgram("/bin/sh") && !isProgram("/bin") && !isProgram(folder.path("missing")))
  }

  @Test func foldersAreMadeWithThoseAbove() throws {
    let path = folder.path("link/a/b//c/")
    try makeFolder(path)
    #expect(isFolder(folder.path("a/b/c")))
    #expect(throws: Never.self) { try makeFolder(path) }
    #expect(throws: SystemError(ENOTDIR)) { try makeFolder(folder.path("file")) }
    #expect(throws: SystemError(ENOTDIR)) { try makeFolder(folder.path("file/a")) }
    #expect(throws: SystemError.self) { try makeFolder("") }
  }

  @Test func linksAreResolved() throws {
    let real = try #require(resolvedPath(folder.path))
    #expect(resolvedPath(folder.path("link/link/file")) == real + "/file")
    #expect(resolvedPath(folder.path("nowhere")) == nil)
    #expect(listFolder(folder.path("link")).sorted() == ["file", "link", "nowhere"])
    #expect(listFolder(folder.path("missing")).isEmpty)
  }
}
