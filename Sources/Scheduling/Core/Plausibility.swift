import Model

extension RunResult {
  /// What is wrong with numbers that are not plausible, in the names of the protocol: "sup_rd is nan". Nil if
  /// they are plausible.
  var flaw: String? {
    guard !isPlausible else { return nil }
    let numbers = [
      ("rd", rd), ("sup_rd", supRD), ("mean_squared_residual", meanSquaredResidual), ("time", time),
      ("wall_seconds", wallSeconds), ("initial_seconds", initialSeconds),
    ]
    for (name, number) in numbers {
      if number.isNaN { return "\(name) is NaN" }
      if number.isInfinite { return "\(name) is infinite" }
      if number < 0 { return "\(name) is negative" }
    }
    if steps < 0 { return "steps is negative" }
    return supRD < rd ? "sup_rd is less than rd" : "its numbers contradict each other"
  }
}

extension FlowRecord {
  /// What is wrong with it as a record of a run of the given width, in the names of the protocol; nil if nothing is.
  func flaw(width: Int) -> String? {
    if let neurons, neurons.width != width {
      return "it keeps \(neurons.width) neurons of a network of \(width)"
    }
    if let trajectory,
      trajectory.points.contains(where: { $0.sliding > width || $0.dead > width - $0.sliding })
    {
      return "its trajectory counts more than \(width) neurons"
    }
    return nil
  }
}
