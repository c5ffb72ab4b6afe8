import Foundation
import Model
import Platform
import ResultStore

/// What a sweep under way says of itself about once a second, in `session.json` in the folder of its results.
///
/// It is for looking only: nothing is resumed from it, and a sweep goes on if it cannot be written.
struct SessionFile: Codable, Hashable {
  /// The form of the file; one of another form is not read.
  static let currentVersion = 1

  /// Runs of the sweep by state, whenever they were recorded.
  struct Runs: Codable, Hashable {
    /// Runs with a result that stands.
    var done: Int
    /// Runs that were set aside.
    var failed: Int
    /// All runs.
    var total: Int
  }

  /// A run under way.
  struct Active: Codable, Hashable {
    /// The number of the worker.
    var worker: Int
    /// The process id of the worker.
    var pid: Int32
    var gamma: Double
    var gammaPrime: Double
    var width: Int
    var seed: UInt64
    /// Counts from 1.
    var attempt: Int
    /// How long the attempt has been under way.
    var seconds: Double
    /// Steps taken; nil if the worker does not report progress, or not yet.
    var steps: Int?
    /// The normalised time t̄.
    var time: Double?
    /// (1/n) Σ r².
    var meanSquaredResidual: Double?

    /// A run that a worker has held for so many seconds. Of the state, numbers that are not finite are left out.
    init(
      worker: Int, pid: Int32, run: Run, attempt: Int, seconds: Double, steps: Int? = nil,
      time: Double? = nil,
      meanSquaredResidual: Double? = nil
    ) {
      self.worker = worker
      self.pid = pid
      gamma = run.point.gamma
      gammaPrime = run.point.gammaPrime
      width = run.width
      seed = run.seed
      self.attempt = attempt
      self.seconds = finite(seconds) ?? 0
      self.steps = steps
      self.time = time.flatMap(finite)
      self.meanSquaredResidual = meanSquaredResidual.flatMap(finite)
    }

    enum CodingKeys: String, CodingKey {
      case worker, pid, gamma, width, seed, attempt, seconds, steps, time
      case gammaPrime = "gamma_prime"
      case meanSquaredResidual = "mean_squared_residual"
    }
  }

  /// The form of the file.
  var version = Self.currentVersion
  /// The process that carries the sweep out.
  var pid: Int32
  /// The name of its machine.
  var host: String
  /// When the session began, in ISO 8601.
  var started: String
  /// When this was written, in ISO 8601.
  var updated: String
  /// How many workers there may be at once.
  var workers: Int
  /// The runs of the sweep.
  var runs: Runs
  /// How many results this session has recorded.
  var recorded: Int
  /// Results a second, lately.
  var rate: Double
  /// How long the rest is expected to take; nil while that is not known.
  var etaSeconds: Double?
  /// Whether no run is begun any more, because a signal said so.
  var stopping: Bool
  /// The runs under way, by worker.
  var active: [Active]

  enum CodingKeys: String, CodingKey {
    case version, pid, host, started, updated, workers, runs, recorded, stopping, active
    case rate = "rate_per_second"
    case etaSeconds = "eta_seconds"
  }

  /// The session of this process.
  init(
    started: Date, updated: Date = Date(), workers: Int, runs: Runs, recorded: Int, rate: Double,
    etaSeconds: Double?, stopping: Bool, active: [Active]
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
    self.etaSeconds = etaSeconds.flatMap(finite)
    self.stopping = stopping
    self.active = active
  }

  /// Puts the file in the place of the earlier one, under another name first: nobody reads half of it. It is not
  /// synchronised to the disk, since it is worth nothing after a power failure.
  ///
  /// - Returns: whether that worked.
  @discardableResult
  func write(to path: String) -> Bool {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    guard let bytes = try? encoder.encode(self) + Data("\n".utf8) else { return false }
    return (try? AtomicFile.write(Array(bytes), to: path, draft: path + ".part", durably: false)) != nil
  }

  /// What the file says; nil if there is none, or none that can be read.
  static func read(from path: String) -> SessionFile? {
    guard let bytes = FileManager.default.contents(atPath: path) else { return nil }
    guard let session = try? JSONDecoder().decode(SessionFile.self, from: bytes),
      session.version == currentVersion
    else { return nil }
    return session
  }

  /// What the file says, if it is the process that writes the database that wrote it.
  ///
  /// - Parameter writer: who writes the database; nil if nobody does, and then whatever the file says is over.
  static func read(from path: String, of writer: LockHolder?) -> SessionFile? {
    guard let writer, let session = read(from: path), session.pid == writer.pid, session.host == writer.host
    else { return nil }
    return session
  }
}

extension SweepFolder {
  /// What a sweep under way says of itself.
  var session: String { path + "/session.json" }
}

private func finite(_ value: Double) -> Double? { value.isFinite ? value : nil }
