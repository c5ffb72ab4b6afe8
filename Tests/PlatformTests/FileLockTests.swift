import Foundation
import Platform
import Testing

@Suite struct FileLockTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func open() throws -> OpenFile { try OpenFile(folder.path("lock"), O_RDWR | O_CREAT) }

  @Test func aLockExcludesAllOthersUntilItIsReleased() throws {
    var holder: OpenFile? = try open()
    #expect(try holder?.lock() == true)
    let other = try open()
    #expect(try !other.lock())
    #expect(other.isLockedElsewhere)
    // What the kernel drops with the descriptor.
    holder = nil
    #expect(try other.lock())
    #expect(try open().isLockedElsewhere)
  }

  @Test func whoAsksDoesNotTakeIt() throws {
    let first = try open()
    #expect(!first.isLockedElsewhere)
    #expect(try !open().isLockedElsewhere)
    // As long as a process that has asked is there, though, no other gets it.
    #expect(try !open().lock())
  }

  @Test func whoTriesAgainGetsWhatBecomesFree() throws {
    let file = try open()
    let isAsked = DispatchSemaphore(value: 0)
    let started = startThread { [folder] in
      let asking = try? OpenFile(folder.path("lock"), O_RDWR)
      #expect(asking?.isLockedElsewhere == false)
      isAsked.signal()
      usleep(100_000)
      withExtendedLifetime(asking) {}
    }
    try #require(started)
    isAsked.wait()
    #expect(try !file.lock())
    #expect(try file.lock(attempts: 500))
  }

  /// Another process, which dies without unlocking anything.
  @Test(.enabled(if: isProgram("/usr/bin/flock")))
  func aLockDiesWithItsHolder() async throws {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = [
      "-c", "exec 9> \(shellQuoted(folder.path("lock"))); flock 9; echo locked; exec sleep 60",
    ]
    process.standardOutput = output
    try process.run()
    #expect(output.fileHandleForReading.availableData == Data("locked\n".utf8))
    let file = try open()
    #expect(try !file.lock())
    kill(process.processIdentifier, SIGKILL)
    #expect(try file.lock(attempts: 500))
  }
}
