/// The state of a task of a submission, by the queue and its own report.
public enum TaskState: Hashable, Sendable {
  /// All its runs are done or failed.
  case finished
  /// It runs.
  case running
  /// It has been given a node and has not reported yet.
  case starting
  /// It waits in the queue, for a reason in Slurm's words.
  case queued(reason: String)
  /// It runs according to Slurm, and has not reported for a long time.
  case stale
  /// It was interrupted and is not in the queue: to be submitted again.
  case interrupted
  /// It is not in the queue although it has not ended: its node failed, or it was killed. To be
  /// submitted again.
  case lost
  /// It is not in the queue and has never begun: to be submitted again.
  case missing
  /// It ended with an error, which its log has.
  case failed
  /// It has not ended, and what is in the queue is not known.
  case unknown

  /// What is known of a task.
  ///
  /// - Parameters:
  ///   - queued: its job in the queue; nil if it is not there.
  ///   - report: that of its latest attempt; nil if none has begun.
  ///   - queueIsKnown: whether the queue could be read.
  ///   - isOver: whether the job of the report is known to be over, however new the report is.
  ///   - now: in seconds since 1970.
  public init(queued: QueuedJob?, report: TaskReport?, queueIsKnown: Bool, isOver: Bool = false, now: Double)
  {
    if report?.ending == .finished {
      self = .finished
    } else if let queued {
      if queued.isPending {
        self = .queued(reason: queued.reason)
      } else if queued.isSuspended {
        self = .queued(reason: "Suspended")
      } else if let report, report.ending == nil {
        self = report.isStale(now: now) ? .stale : .running
      } else {
        self = .starting
      }
    } else if let report, report.ending == nil, !isOver, !report.isStale(now: now) {
      // Not in the queue, or that is not known, but running: by hand, or on a node that the
      // controller has lost.
      self = .running
    } else if !queueIsKnown {
      self = .unknown
    } else {
      switch report?.ending {
      case nil: self = report == nil ? .missing : .lost
      case .finished: self = .finished
      case .interrupted: self = .interrupted
      case .failed, .superseded: self = .failed
      }
    }
  }

  /// In a word.
  public var word: String {
    switch self {
    case .finished: "finished"
    case .running: "running"
    case .starting: "starting"
    case .queued: "queued"
    case .stale: "stale"
    case .interrupted: "interrupted"
    case .lost: "lost"
    case .missing: "missing"
    case .failed: "failed"
    case .unknown: "unknown"
    }
  }

  /// Whether it runs, or will by itself.
  public var isAlive: Bool {
    switch self {
    case .running, .starting, .queued, .stale: true
    default: false
    }
  }

  /// Whether it has to be submitted again for its runs to be done.
  public var needsSubmission: Bool {
    switch self {
    case .interrupted, .lost, .missing, .failed: true
    default: false
    }
  }
}
