import Model
import Platform

/// Reads the input on a thread of its own, all the time, and watches for the end of the
/// orchestrator.
///
/// Orders to suspend a run arrive in the middle of it, and so does the death of an orchestrator.
/// That shows in two ways: the output loses its last reader; or the input, a pipe, has ended and
/// this process has got another parent. An end of the input alone does not mean that: with `worker
/// < orders > answers` there are answers to give. PR_SET_PDEATHSIG is no substitute: it fires when
/// the *thread* that started the worker ends.
struct OrderReader: Sendable {
  let input: CInt
  let output: CInt
  let orders: OrderQueue
  /// Whether the process ends when its orchestrator has; not so in tests, whose process must
  /// survive.
  let endsTheProcess: Bool
  private let parent = getppid()
  private let inputIsAPipe: Bool

  init(input: CInt, output: CInt, orders: OrderQueue, endsTheProcess: Bool) {
    self.input = input
    self.output = output
    self.orders = orders
    self.endsTheProcess = endsTheProcess
    var status = stat()
    let kind = fstat(input, &status) == 0 ? status.st_mode & S_IFMT : 0
    inputIsAPipe = kind == S_IFIFO || kind == S_IFSOCK
  }

  /// Reads to the end of the input, or to the first line that is no order; then goes on watching.
  func run() {
    var lines = LineBuffer()
    var reads = true
    var watches = endsTheProcess
    while reads || (endsTheProcess && (watches || inputIsAPipe)) {
      let hasRoom = reads && orders.hasRoom
      // Of the output no events are asked for: the loss of the last reader is always reported.
      var states = [
        pollfd(fd: hasRoom ? input : -1, events: Int16(POLLIN), revents: 0),
        pollfd(fd: watches ? output : -1, events: 0, revents: 0),
      ]
      // Nothing wakes this thread when there is room again, or when the process gets another
      // parent.
      let timeout: CInt = hasRoom ? -1 : reads ? 20 : 200
      if poll(&states, 2, timeout) < 0 {
        guard errno != EINTR && errno != EAGAIN else { continue }
        return orders.add(.failed(.last))
      }
      if states[1].revents & Int16(POLLERR | POLLHUP) != 0 { _exit(0) }
      if states[1].revents != 0 { watches = false }
      if !reads && inputIsAPipe && getppid() != parent { _exit(0) }
      if states[0].revents != 0 { reads = readSome(into: &lines) }
    }
  }

  /// Reads what there is; returns whether more may follow.
  private func readSome(into lines: inout LineBuffer) -> Bool {
    let bytes: [UInt8]
    do throws(SystemError) {
      bytes = try readBytes(from: input, atMost: 1 << 16)
    } catch {
      // Another program may have set the input to not block.
      if error.number == EAGAIN { return true }
      orders.add(.failed(error))
      return false
    }
    guard !bytes.isEmpty else {
      orders.add(.end)
      return false
    }
    lines.append(bytes)
    do throws(MalformedLine) {
      while let line = try lines.next() { orders.add(.order(try OrchestratorMessage(line: line))) }
      return true
    } catch {
      orders.add(.unusable(error))
      return false
    }
  }
}
