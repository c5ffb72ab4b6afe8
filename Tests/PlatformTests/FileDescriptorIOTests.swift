import Foundation
import Platform
import Synchronization
import Testing

/// Signals are the whole process's.
@Suite(.serialized) struct FileDescriptorIOTests {
  private static let bytes = (0..<300_000).map { _ in UInt8.random(in: 0 ... .max) }

  /// Two ends that hold only a few bytes, and block.
  private func makeNarrowPipe() throws -> (reading: CInt, writing: CInt) {
    var ends: [CInt] = [0, 0]
    try #require(socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0, &ends) == 0)
    var size: CInt = 1
    let length = socklen_t(MemoryLayout<CInt>.size)
    for end in ends {
      for option in [SO_SNDBUF, SO_RCVBUF] { setsockopt(end, SOL_SOCKET, option, &size, length) }
    }
    return (ends[0], ends[1])
  }

  private func readToEnd(_ descriptor: CInt, beforeEach: () -> Void = {}) throws -> [UInt8] {
    var all: [UInt8] = []
    while true {
      beforeEach()
      let piece = try readBytes(from: descriptor, atMost: Int.random(in: 1...10_000))
      if piece.isEmpty { return all }
      all += piece
    }
  }

  @Test func whatDoesNotFitIsWrittenInPieces() throws {
    let (reading, writing) = try makeNarrowPipe()
    defer { close(reading) }
    #expect(
      startThread {
        #expect(throws: Never.self) { try writeAll(Self.bytes, to: writing) }
        close(writing)
      })
    #expect(try readToEnd(reading) == Self.bytes)
  }

  private static let arrivals = Atomic(0)

  /// Lets the other side wait while signals arrive.
  @Sendable private static func waitForSignals() {
    let seen = arrivals.load(ordering: .relaxed)
    for _ in 0..<10_000 where arrivals.load(ordering: .relaxed) < seen + 4 { usleep(20) }
  }

  /// With handlers that, unlike those of most programs, do not have interrupted calls made again.
  @Test func signalsDoNoHarm() throws {
    var before = sigaction()
    catchSignal(SIGUSR2, before: &before) { _ in
      FileDescriptorIOTests.arrivals.add(1, ordering: .relaxed)
    }
    defer { sigaction(SIGUSR2, &before, nil) }
    // Threads of tests block signals, and so do those that they start.
    var (signals, blocked) = (sigset_t(), sigset_t())
    sigemptyset(&signals)
    sigaddset(&signals, SIGUSR2)
    pthread_sigmask(CInt(SIG_UNBLOCK), &signals, &blocked)
    defer { pthread_sigmask(CInt(SIG_SETMASK), &blocked, nil) }
    let (reading, writing) = try makeNarrowPipe()
    defer { close(reading) }
    let writer = Mutex<pthread_t?>(nil)
    let reader = pthread_self()
    let isOver = Atomic(false)
    let ended = DispatchSemaphore(value: 0)
    let isWriting = startThread {
      writer.withLock { $0 = pthread_self() }
      for start in stride(from: 0, to: Self.bytes.count, by: 10_000) {
        Self.waitForSignals()
        #expect(throws: Never.self) {
          try writeAll(Array(Self.bytes[start..<min(start + 10_000, Self.bytes.count)]), to: writing)
        }
      }
      writer.withLock { $0 = nil }
      close(writing)
    }
    let isSignalling = startThread {
      while !isOver.load(ordering: .relaxed) {
        writer.withLock { if let thread = $0 { pthread_kill(thread, SIGUSR2) } }
        pthread_kill(reader, SIGUSR2)
        usleep(50)
      }
      ended.signal()
    }
    try #require(isWriting && isSignalling)
    defer {
      isOver.store(true, ordering: .relaxed)
      ended.wait()
    }
    #expect(try readToEnd(reading, beforeEach: Self.waitForSignals) == Self.bytes)
    #expect(Self.arrivals.load(ordering: .relaxed) > 100)
  }

  @Test func errorsAreThrown() throws {
    signal(SIGPIPE, SIG_IGN)
    let (reading, writing) = try makePipe()
    #expect(throws: SystemError(EAGAIN)) { try writeAll([UInt8](repeating: 1, count: 1 << 20), to: writing) }
    close(reading)
    #expect(throws: SystemError(EPIPE)) { try writeAll([1], to: writing) }
    close(writing)
    #expect(throws: SystemError(EBADF)) { try writeAll([1], to: -1) }
    #expect(throws: SystemError(EBADF)) { try readBytes(from: -1, atMost: 10) }
    #expect(throws: SystemError(EISDIR)) { try readFile("/", atMost: 10) }
    #expect(throws: SystemError(ENOENT)) { try readFile("/dev/null\0", atMost: 10) }
  }

  @Test func ofALongFileTheBeginningIsRead() throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write(Self.bytes, to: folder.path("file"))
    for limit in [0, 1, 65_536, 65_537, 299_999, 300_000, 300_001] {
      #expect(try readFile(folder.path("file"), atMost: limit) == Array(Self.bytes.prefix(limit)))
    }
  }

  /// A worker that inherits a lock, or the end of a pipe, keeps it when this process has gone.
  @Test func programsInheritNothing() throws {
    let file = try OpenFile("/dev/null", O_RDONLY)
    let (reading, writing) = try makePipe()
    defer { for end in [reading, writing] { close(end) } }
    for descriptor in [file.descriptor, reading, writing] {
      #expect(fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0)
    }
  }
}
