import Foundation
import Platform
import Synchronization
import Testing

/// What is the whole process's: one test at a time.
@Suite(.serialized) struct ProcessTests {
  @Test func limitsAreRaisedAndNeverBeyondWhatIsAllowed() throws {
    let resource = ResourceLimit.openFiles
    let allowed = try #require(resource.set(nil))
    #expect(resource.set(allowed - 1) == allowed - 1)
    #expect(resource.raise(to: allowed - 2) == allowed - 1)
    #expect(resource.raise(to: allowed) == allowed)
    #expect(resource.set(allowed - 1) == allowed - 1)
    #expect(resource.set(.max) == allowed)
    #expect(resource.raise(to: .max) == allowed)
  }

  #if os(Linux)
    @Test func memoryThatIsTouchedIsInUse() throws {
      let size = 128 << 20
      let before = (resident: try #require(ProcessMemory.resident), data: try #require(ProcessMemory.data))
      let memory = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 4096)
      defer { memory.deallocate() }
      // Not touched, it counts as data already.
      #expect(try #require(ProcessMemory.data) - before.data > size / 2)
      memory.initializeMemory(as: UInt8.self, repeating: 1, count: size)
      #expect(try #require(ProcessMemory.resident) - before.resident > size / 2)
      let other = try #require(ProcessMemory.resident(of: getpid()))
      #expect(abs(other - (try #require(ProcessMemory.resident))) < size / 2)
    }

    @Test func nothingIsKnownOfAProcessThatIsNot() { #expect(ProcessMemory.resident(of: .max) == nil) }
  #endif

  #if canImport(Glibc)
    /// Memory between what is in use, which the C library keeps.
    @Test func freedMemoryIsReturned() throws {
      let piece = 64 << 10
      var blocks: [UnsafeMutableRawPointer] = []
      for _ in 0..<2048 {
        let block = try #require(malloc(piece))
        memset(block, 1, piece)
        blocks.append(block)
      }
      let last = malloc(piece)
      defer { free(last) }
      for block in blocks { free(block) }
      let kept = try #require(ProcessMemory.resident)
      ProcessMemory.returnFree()
      #expect(kept - (try #require(ProcessMemory.resident)) > 1024 * piece)
    }

    @Test func theCoresAreThoseOfTheAffinityMask() throws {
      let status = try #require(systemText("/proc/self/status"))
      let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("Cpus_allowed:") })
      let allowed = line.dropFirst("Cpus_allowed:".count).compactMap(\.hexDigitValue).reduce(0) {
        $0 + $1.nonzeroBitCount
      }
      #expect(Set(CoreAffinity.cores).count == allowed)
    }
  #endif

  @Test func threadsRun() {
    let ended = DispatchSemaphore(value: 0)
    for _ in 0..<10 { #expect(startThread { ended.signal() }) }
    for _ in 0..<10 { #expect(ended.wait(timeout: .now() + .seconds(60)) == .success) }
    #expect(throws: Never.self) { try tryThreads(8) }
  }

  private static let arrivals = Atomic(0)

  @Test func signalsAreCaughtUntilTheOldActionIsBack() {
    // Threads of tests block signals.
    var (signals, blocked) = (sigset_t(), sigset_t())
    sigemptyset(&signals)
    sigaddset(&signals, SIGUSR1)
    pthread_sigmask(CInt(SIG_UNBLOCK), &signals, &blocked)
    defer { pthread_sigmask(CInt(SIG_SETMASK), &blocked, nil) }
    signal(SIGUSR1, SIG_IGN)
    var before = sigaction()
    catchSignal(SIGUSR1, before: &before) { _ in ProcessTests.arrivals.add(1, ordering: .relaxed) }
    raise(SIGUSR1)
    raise(SIGUSR1)
    sigaction(SIGUSR1, &before, nil)
    raise(SIGUSR1)
    #expect(Self.arrivals.load(ordering: .relaxed) == 2)
  }
}
