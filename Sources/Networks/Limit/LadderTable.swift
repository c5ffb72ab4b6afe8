import Model

/// The ladder of a limit as a table: a row for every width with plain or graded nodes.
struct LadderTable {
  let source: any LadderSource
  let rungs: Rungs

  /// The columns, in their order.
  static func columns(_ quantities: [Quantity], parts: [Quantity]) -> [Quantity] {
    [Quantity(Ladder.widthColumn, symbol: "log₁₀ m", summary: "log₁₀ of the width")]
      + quantities.flatMap {
        [
          Quantity(
            Ladder.valueColumn(of: $0.name), symbol: "log₁₀ \($0.symbol)",
            summary: "log₁₀ of the \($0.summary)",
            isSigned: true),
          Quantity(
            Ladder.slopeColumn(of: $0.name), symbol: "slope",
            summary: "slope of log \($0.symbol) against log m below this width", isSigned: true),
        ]
      }
      + parts.map {
        Quantity(
          Ladder.valueColumn(of: $0.name), symbol: "log₁₀ \($0.symbol)",
          summary: "log₁₀ of the \($0.summary)",
          isSigned: true)
      }
      + [
        Quantity(
          Ladder.nodesErrorColumn, symbol: "nodes error",
          summary:
            "relative difference of the first quantity with other nodes, where both flows were possible"),
        Quantity(
          Ladder.outcomeColumn, symbol: "outcome",
          summary: "0: converged, 1: stationary"),
        Quantity(Ladder.stepsColumn, symbol: "steps", summary: "steps of the flow"),
        Quantity(Ladder.gradedColumn, symbol: "graded", summary: "1: graded nodes, 0: plain ones"),
      ]
  }

  /// The rows, ascending in width, and at one width plain nodes before graded ones.
  var ladder: Ladder {
    let names =
      [Ladder.widthColumn]
      + source.quantities.flatMap { [Ladder.valueColumn(of: $0), Ladder.slopeColumn(of: $0)] }
      + source.parts.map { Ladder.valueColumn(of: $0) }
      + [
        Ladder.nodesErrorColumn, Ladder.outcomeColumn, Ladder.stepsColumn, Ladder.gradedColumn,
      ]
    let shown = rungs.recorded
    var rows: [[Double]] = []
    for (i, rung) in shown.enumerated() {
      // The nearest width below with the same nodes, or with any.
      let below = shown[..<i].last {
        $0.request.log10Width < rung.request.log10Width && $0.request.nodes == rung.request.nodes
      }
      var row = [rung.request.log10Width]
      for q in source.quantities.indices {
        let slope = below.map {
          (rung.log10[q] - $0.log10[q]) / (rung.request.log10Width - $0.request.log10Width)
        }
        row += [rung.log10[q], slope ?? .nan]
      }
      row += source.parts.indices.map { rung.log10Parts.indices.contains($0) ? rung.log10Parts[$0] : .nan }
      row += [
        nodesError(rung), rung.outcome == .converged ? 0 : 1, Double(rung.steps),
        rung.request.nodes == .graded ? 1 : 0,
      ]
      rows.append(row)
    }
    return Ladder(columns: names, rows: rows)
  }

  private func nodesError(_ rung: Rung) -> Double {
    guard let other = rungs.partner(of: rung), other.outcome != nil else { return .nan }
    return abs(.exp10(other.log10[0] - rung.log10[0]) - 1)
  }
}
