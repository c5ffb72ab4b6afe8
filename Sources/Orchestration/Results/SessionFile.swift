import Foundation
import Model
import Platform
import ResultStore
import Scheduling

/// The state of a running sweep, written about once a second, in `session.json` in the folder of
/// its results.
///
/// It is for display only: nothing is resumed from it, and a sweep goes on if it cannot be written.
package struct SessionFile: Codable, Hashable {
  /// The form of the file; one of another form is not read.
  package static let currentVersion = 1

  /// Runs of the sweep by state, whenever they were recorded.
  package struct Runs: Codable, Hashable {
    /// Runs with a result that stands.
    package var done: Int
    /// Runs that failed.
    package var failed: Int
    /// All runs.
    package var total: Int
  }

  /// A run under way.
  package struct Active: Codable, Hashable {
    /// The number of the worker.
    package var worker: Int
    /// The process id of the worker.
    package var pid: Int32
    /// The parameters.
    package var setting: Setting
    package var width: Double
    package var seed: UInt64
    /// Counts from 1.
    package var attempt: Int
    /// How long the attempt has been under way.
    package var seconds: Double
    /// Steps taken; nil if the worker does not report progress, or not yet.
    package var steps: Int?
    /// The normalised time t̄.
    package var time: Double?
    /// What the worker reports besides.
    package var quantities: NamedNumbers

    /// A run that a worker has held for so many seconds. Of the state, numbers that are not finite
    /// are left out.
    package init(
      worker: Int, pid: Int32, run: Run, attempt: Int, seconds: Double, steps: Int? = nil,
      time: Double? = nil, quantities: NamedNumbers = .none
    ) {
      self.worker = worker
      self.pid = pid
      setting = run.setting
      width = run.width
      seed = run.seed
      self.attempt = attempt
      self.seconds = finite(seconds) ?? 0
      self.steps = steps
      self.time = time.flatMap(finite)
      self.quantities = NamedNumbers(quantities.pairs.filter { $0.value.isFinite })
    }
  }

  /// The form of the file.
  package var version = Self.currentVersion
  /// The process that runs the sweep.
  package var pid: Int32
  /// The name of its machine.
  package var host: String
  /// When the session began, in ISO 8601.
  package var started: String
  /// When this was written, in ISO 8601.
  package var updated: String
  /// How many workers there may be at once.
  package var workers: Int
  /// The runs of the sweep.
  package var runs: Runs
  /// How many results this session has recorded.
  package var recorded: Int
  /// Recent results a second.
  package var rate: Double
  /// How long the rest is expected to take; nil while that is not known.
  package var etaSeconds: Double?
  /// From the least to the most that this may be; nil while it is not known.
  package var etaRange: [Double]?
  /// Whether a signal has come, so that no more runs are started.
  package var stopping: Bool
  /// The runs under way, by worker.
  package var active: [Active]

  package enum CodingKeys: String, CodingKey {
    case version, pid, host, started, updated, workers, runs, recorded, stopping, active
    case rate = "rate_per_second"
    case etaSeconds = "eta_seconds"
    case etaRange = "eta_range_seconds"
  }

  /// The session of this process.
  package init(
    started: Date, updated: Date = Date(), workers: Int, runs: Runs, recorded: Int, rate: Double,
    remaining: RemainingTime?, stopping: Bool, active: [Active]
  ) {
    let process = LockHolder.current
    pid = process.pid
    host = process.host
    self.started = started.formatted(.iso8601)
    self.updated = updated.formatted(.iso8601)
    self.workers = workers
    self.runs = runs
    self.recorded = recorded
    self.rate = finite(rate) ?? 0
    if let remaining, remaining.seconds.isFinite, remaining.range.upperBound.isFinite {
      etaSeconds = remaining.seconds
      etaRange = [remaining.range.lowerBound, remaining.range.upperBound]
    }
    self.stopping = stopping
    self.active = active
  }

  /// Replaces the file, written under another name first: no reader sees half of it. It is not
  /// synchronised to the disk, since it is worth nothing after a power failure.
  ///
  /// - Returns: whether that worked.
  @discardableResult
  package func write(to path: String) -> Bool {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    guard let bytes = try? encoder.encode(self) + Data("\n".utf8) else { return false }
    return (try? AtomicFile.write(Array(bytes), to: path, draft: path + ".part", durably: false)) != nil
  }

  /// The session in a file; nil if there is none, or none that can be read.
  package static func read(from path: String) -> SessionFile? {
    guard let bytes = FileManager.default.contents(atPath: path) else { return nil }
    guard let session = try? JSONDecoder().decode(SessionFile.self, from: bytes),
      session.version == currentVersion
    else { return nil }
    return session
  }

  /// The session in a file, if the process that writes the database wrote it.
  ///
  /// - Parameter writer: the process that writes the database; nil if none does: then the session
  ///   is over.
  package static func read(from path: String, of writer: LockHolder?) -> SessionFile? {
    guard let writer, let session = read(from: path), session.pid == writer.pid, session.host == writer.host
    else { return nil }
    return session
  }
}

extension SweepFolder {
  /// The state of a sweep under way: ``SessionFile``.
  package var session: String { path + "/session.json" }
}

private func finite(_ value: Double) -> Double? { value.isFinite ? value : nil }
