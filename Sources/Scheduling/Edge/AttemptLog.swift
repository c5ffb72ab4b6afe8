import Foundation
import Model
import Platform
import Synchronization

/// A file that notes which runs are under way, so that the next session knows which were when this
/// process was killed: one of them may have been the cause, by using up the memory of the machine.
///
/// A record a run, of one length, written in place and not synchronised: it survives the process,
/// and a power failure costs no more than what the file is for. Records that cannot be read are
/// free. A file that cannot be written is done without.
public final class AttemptLog: Sendable {
  /// What is noted of a run.
  struct Record: Hashable {
    /// How often a session was killed while the run was under way, the one that notes it included.
    var kills: Int
    /// When the latest attempt began, in seconds since 1970.
    var begun: Int
  }

  private struct State {
    var file: OpenFile?
    /// Where the record of a run is.
    var places: [RunIdentity: Int] = [:]
    var free: [Int] = []
    var count = 0
    /// What earlier sessions have left.
    var earlier: [RunIdentity: Record] = [:]
  }

  private let path: String
  private let state = Mutex(State())

  /// Bytes of the name of a run in a record, and of a record.
  private static let nameLength = 40
  private static let recordLength = 62
  /// Days for which the record of a run is kept that no sweep has done since.
  private static let lifetime = 30

  /// The log at a path, there or not.
  public init(path: String) {
    self.path = path
    guard let file = try? OpenFile(path, O_RDWR | O_NOFOLLOW), let bytes = try? file.read(atMost: 1 << 24)
    else { return }
    let oldest = time(nil) - Self.lifetime * 86_400
    state.withLock { state in
      state.file = file
      state.count = (bytes.count + Self.recordLength - 1) / Self.recordLength
      for place in 0..<state.count {
        let record = bytes.dropFirst(place * Self.recordLength).prefix(Self.recordLength)
        guard let (run, record) = Self.read(record), record.begun >= oldest, state.places[run] == nil else {
          state.free.append(place)
          continue
        }
        state.places[run] = place
        state.earlier[run] = record
      }
    }
  }

  /// Forgets runs that have a result: the session may have been killed between their commit and the
  /// note of it. Not to be called while a sweep runs.
  ///
  /// - Parameter finished: those of these runs that need no further attempt; only asked for if
  ///   there are any.
  public func removeStale(finished: (Set<RunIdentity>) throws -> Set<RunIdentity>) rethrows {
    let runs = state.withLock { Set($0.places.keys) }
    guard !runs.isEmpty else { return }
    for run in try finished(runs) { forget(run) }
  }

  /// How often a session was killed while a run was under way. A run that has a checkpoint of its
  /// latest attempt got on, and is left out.
  func kills(checkpoints: CheckpointFolder?) -> [RunIdentity: Int] {
    state.withLock { state in
      state.earlier = state.earlier.filter { run, record in
        let written = checkpoints.flatMap { fileStatus($0.file(of: run)) }?.modified.tv_sec
        return (written ?? .min) <= record.begun
      }
      return state.earlier.mapValues(\.kills)
    }
  }

  /// A worker has been given a run.
  func begin(_ run: RunIdentity) {
    state.withLock { state in
      let kills = (state.earlier[run]?.kills ?? 0) + 1
      write(Record(kills: kills, begun: Int(time(nil))), of: run, &state)
    }
  }

  /// No worker has the run any more, and it may be given out again.
  func suspend(_ run: RunIdentity) {
    state.withLock { state in
      if let record = state.earlier[run] { write(record, of: run, &state) } else { clear(run, &state) }
    }
  }

  /// This process is about to end by its own will, without waiting for its workers.
  func suspendAll() {
    for run in state.withLock({ Array($0.places.keys) }) { suspend(run) }
  }

  /// The run needs no further attempt.
  func forget(_ run: RunIdentity) {
    state.withLock { state in
      state.earlier[run] = nil
      clear(run, &state)
    }
  }

  /// Removes the file if nothing is noted in it. Not to be used afterwards.
  package func close() {
    state.withLock { state in
      if state.file != nil, state.places.isEmpty { unlink(path) }
      state.file = nil
    }
  }

  private func write(_ record: Record, of run: RunIdentity, _ state: inout State) {
    guard let bytes = Self.bytes(run, record) else { return }
    if state.file == nil { state.file = try? OpenFile(path, O_RDWR | O_CREAT | O_NOFOLLOW) }
    let place = state.places[run] ?? state.free.popLast() ?? state.count
    state.count = max(state.count, place + 1)
    state.places[run] = place
    put(bytes, at: place, state)
  }

  private func clear(_ run: RunIdentity, _ state: inout State) {
    guard let place = state.places.removeValue(forKey: run) else { return }
    state.free.append(place)
    put(
      Array(repeating: UInt8(ascii: " "), count: Self.recordLength - 1) + [UInt8(ascii: "\n")], at: place,
      state)
  }

  private func put(_ bytes: [UInt8], at place: Int, _ state: State) {
    guard let file = state.file else { return }
    _ = bytes.withUnsafeBytes {
      pwrite(file.descriptor, $0.baseAddress, $0.count, off_t(place * Self.recordLength))
    }
  }

  private static func bytes(_ run: RunIdentity, _ record: Record) -> [UInt8]? {
    let name = run.description
    guard name.utf8.count <= nameLength, !name.isEmpty, !name.contains(where: \.isWhitespace) else {
      return nil
    }
    let words = [
      name.padding(toLength: nameLength, withPad: " ", startingAt: 0),
      "\(min(record.kills, 9999))".padding(toLength: 5, withPad: " ", startingAt: 0),
      "\(record.begun)".padding(toLength: 14, withPad: " ", startingAt: 0),
    ]
    return Array((words.joined(separator: " ") + "\n").utf8)
  }

  private static func read(_ bytes: ArraySlice<UInt8>) -> (RunIdentity, Record)? {
    let words = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace)
    guard bytes.count == recordLength, words.count == 3, let kills = Int(words[1]), kills > 0,
      let begun = Int(words[2])
    else { return nil }
    return (RunIdentity(String(words[0])), Record(kills: kills, begun: begun))
  }
}
