import Model

/// Where a run of a plan stands.
public enum PlanState: Hashable, Sendable, CaseIterable {
  /// There is a result that stands.
  case done
  /// It failed for good; only a retry runs it again.
  case failed
  /// There is no result yet, or only one that a smaller budget cut short, or one of which not all
  /// is recorded that is to be.
  case toDo

  /// The state of a run of which something or nothing is known.
  ///
  /// - Parameters:
  ///   - known: what is known.
  ///   - budget: what the sweep allows a run to spend.
  ///   - record: what the sweep asks to be recorded of the run. A run of which that has not been
  ///     asked
  ///     before is repeated, unless the budget has become too small to get as far again.
  public init(_ known: KnownState?, budget: Budget, record: RecordNames = []) {
    switch known {
    case nil: self = .toDo
    case .failed: self = .failed
    case .finished(let outcome, let spent, let recorded):
      let goesFurther = outcome == .budgetExhausted && budget.exceeds(spent)
      let lacksSomething = !record.isSubset(of: recorded) && budget.covers(spent)
      self = goesFurther || lacksSomething ? .toDo : .done
    }
  }
}
