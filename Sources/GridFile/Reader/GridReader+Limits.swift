import Model

/// When runs end, and what they may use.
extension GridReader {
  mutating func stop(_ tree: YAMLTree) -> (target: Double, budget: Budget) {
    var target = Problem.defaultTarget
    var budget = Budget.default
    guard let fields = fields(of: tree, .stop) else { return (target, budget) }
    if let tree = fields["mean_squared_residual"] {
      let hint = "runs have converged below it; the default is \(target)"
      target =
        number(tree, "stop.mean_squared_residual", "a number above 0", hint: hint) { $0 > 0 } ?? target
    }
    if let tree = fields["steps"] { budget.steps = integer(tree, "stop.steps", from: 1) ?? budget.steps }
    if let tree = fields["wall_seconds"] {
      let hint = "the time one run may take; the default is \(formattedNumber(budget.wallSeconds))"
      budget.wallSeconds =
        number(tree, "stop.wall_seconds", "a number of seconds above 0", hint: hint) { $0 > 0 }
        ?? budget.wallSeconds
    }
    if let tree = fields["time"] {
      let hint = "the normalised time t̄ at which a run ends; leave it out for no limit"
      budget.time = number(tree, "stop.time", "a number above 0", hint: hint) { $0 > 0 }
    }
    if let tree = fields["epochs"] {
      let hint = "how often a run may use all samples; leave it out for no limit"
      budget.epochs = number(tree, "stop.epochs", "a number above 0", hint: hint) { $0 > 0 }
    }
    return (target, budget)
  }

  mutating func limits(_ tree: YAMLTree) -> Limits {
    var limits = Limits()
    guard let fields = fields(of: tree, .limits) else { return limits }
    if let tree = fields["attempts"] {
      limits.attempts = integer(tree, "limits.attempts", from: 1, to: 1000) ?? limits.attempts
    }
    if let tree = fields["initial_failures"] {
      limits.initialFailures =
        integer(tree, "limits.initial_failures", from: 1) ?? limits.initialFailures
    }
    limits.memory = fields["memory"].flatMap { bytes($0, "limits.memory") }
    limits.runMemory = fields["run_memory"].flatMap { bytes($0, "limits.run_memory") }
    if let tree = fields["hello_timeout"] {
      let hint = "how long a worker may take to begin; the default is \(formattedNumber(limits.helloTimeout))"
      limits.helloTimeout =
        number(tree, "limits.hello_timeout", "a number of seconds, at least 1", hint: hint) { $0 >= 1 }
        ?? limits.helloTimeout
    }
    if let tree = fields["heartbeat_timeout"] {
      let hint =
        "how long a worker may report no progress; the default is \(formattedNumber(limits.heartbeatTimeout))"
      limits.heartbeatTimeout =
        number(tree, "limits.heartbeat_timeout", "a number of seconds, at least 1", hint: hint) { $0 >= 1 }
        ?? limits.heartbeatTimeout
    }
    if let tree = fields["shutdown_grace_period"] {
      let hint = "how long stopping may take; the default is \(formattedNumber(limits.shutdownGracePeriod))"
      limits.shutdownGracePeriod =
        number(tree, "limits.shutdown_grace_period", "a number of seconds from 1 to 3600", hint: hint) {
          (1...3600).contains($0)
        } ?? limits.shutdownGracePeriod
    }
    if let all = limits.memory, let one = limits.runMemory, one > all {
      report(
        .range, at: fields["run_memory"]?.position,
        "limits.run_memory is more than limits.memory, so that no run could begin",
        hint: "lower run_memory, or raise memory")
    }
    return limits
  }

  mutating func bytes(_ tree: YAMLTree, _ what: String) -> Int? {
    if let bytes = tree.plain.flatMap({ byteCount(of: $0) }) { return bytes }
    report(
      tree.plain == nil ? .type : .range, at: tree.position,
      "\(what) must be a number of bytes, at least 1, with or without a unit, found \(tree.found)",
      hint: "write for example 4GiB, 500MB or 2e9; units are B, kB, MB, GB, TB, KiB, MiB, GiB, TiB")
    return nil
  }
}
