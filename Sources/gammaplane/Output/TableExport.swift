import LimitFit
import Model
import ResultStore

/// Writes tables of a sweep to a file, a part at a time.
struct TableExport {
  private let format: TableFormat
  private let path: String?

  /// - Parameter path: the file; nil for standard output.
  init(_ format: TableFormat, to path: String?) {
    self.format = format
    self.path = path
  }

  /// So many runs are looked up at once; a lock on the database lasts no longer.
  private static let runsAtOnce = 5000

  /// A row for every run of the sweep.
  ///
  /// - Throws: ``StoreError``, and ``Failure`` if the file cannot be written.
  func runs(of sweep: Sweep, in store: ResultStore) throws {
    let problem = sweep.problem.digest
    let columns = RunColumn.all(
      parameters: sweep.axes.names, quantities: try store.quantityNames(of: problem))
    let runs = RunSet(sweep)
    try OutputFile.write(to: path) { file in
      var rows = TableText(format, columns: columns.map(\.name))
      for start in stride(from: 0, to: max(1, runs.count), by: Self.runsAtOnce) {
        let end = min(start + Self.runsAtOnce, runs.count)
        for recorded in try store.recorded(runs[start..<end], of: problem) {
          rows.add(columns.map { $0.value(recorded) })
        }
        try file.write(rows.take())
      }
    }
  }

  /// A row for every phase point.
  ///
  /// - Throws: ``Failure`` if the file cannot be written.
  func phaseMap(_ map: PhaseMap) throws {
    try OutputFile.write(to: path) { file in
      var rows = TableText(format, columns: map.columns)
      try map.forEachRow {
        rows.add($0)
        try file.write(rows.take())
      }
      try file.write(rows.take())
    }
  }
}
