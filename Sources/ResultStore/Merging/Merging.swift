import Failpoints
import Foundation
import GRDB
import HeapModule
import Model

extension ResultStore {
  /// Merges the results and failures of other databases into this one, as if its own sweep had
  /// found them.
  ///
  /// Of results for the same run, that of ``record(_:failures:)`` stays: the first; unless it was
  /// cut short, and the other was not or went farther. Where two claim to be final and differ, that
  /// is a conflict: neither replaces what is recorded, and where nothing is, neither is recorded.
  /// So the outcome does not depend on the order, and merging again changes nothing.
  ///
  /// All sources are read side by side in the order of identities, which is that of the table:
  /// every page of this database is written about once, however many sources there are. Some ten
  /// thousand rows are a transaction; what was committed stays if the process is killed. The
  /// sources are not changed, and may be written meanwhile.
  ///
  /// - Parameters:
  ///   - paths: the databases. One that is damaged, or not there, is reported and left out; rows of
  ///     it that are what was written are taken.
  ///   - atOnce: how many of them may be open at the same time; at least 1.
  ///   - progress: is called now and then with the number of rows that have been read.
  /// - Throws: ``StoreError`` about this database.
  @discardableResult
  public func merge(
    _ paths: [String], atOnce: Int = 400, progress: (Int) -> Void = { _ in }
  ) throws(StoreError) -> MergeReport {
    var report = MergeReport()
    var rows = 0
    for start in stride(from: 0, to: paths.count, by: max(1, atOnce)) {
      var sources: [MergeSource] = []
      for path in paths[start..<min(paths.count, start + max(1, atOnce))] {
        do throws(MergeSource.Refusal) {
          sources.append(try MergeSource(path: path))
        } catch {
          report.issues.append(
            .init(
              path: path, cause: error.cause, rows: 0,
              hasVanished: !FileManager.default.fileExists(atPath: path)))
        }
      }
      try merge(sources, into: &report) {
        rows += $0
        progress(rows)
      }
      for source in sources {
        report.rowsRead[source.path] = source.rowsRead
        if source.damagedRows > 0 {
          report.issues.append(
            .init(
              path: source.path, cause: "rows are not what was written", rows: source.damagedRows,
              hasVanished: false))
        }
        source.close()
      }
    }
    return report
  }

  private func merge(
    _ sources: [MergeSource], into report: inout MergeReport, _ progress: (Int) -> Void
  ) throws(StoreError) {
    var queue = SourceQueue(sources)
    try writing { db in
      let target = try MergeTarget(db, path: path)
      for source in sources { try target.copyReferences(of: source, into: &report) }
    }
    while !queue.isEmpty {
      let read = try writing { db in
        var target = try MergeTarget(db, path: path)
        var read = 0
        while read < Self.rowsAtOnce, !queue.isEmpty {
          let group = queue.takeLeast()
          try target.take(group, into: &report)
          read += group.count
          queue.advance(group, into: &report)
        }
        try target.finish()
        Failpoint.duringMerge.pass()
        return read
      }
      progress(read)
    }
    try writing { db in
      var target = try MergeTarget(db, path: path)
      for source in sources { try target.takeFailures(of: source, into: &report) }
      try target.finish()
    }
  }

  /// So many rows are a transaction.
  private static let rowsAtOnce = 50_000
}

/// Sources by the keys at which they are.
private struct SourceQueue {
  private struct Entry: Comparable {
    let key: MergeSource.Key
    let source: MergeSource

    static func == (a: Entry, b: Entry) -> Bool { a.key == b.key }
    static func < (a: Entry, b: Entry) -> Bool { a.key < b.key }
  }

  private var heap: Heap<Entry> = []

  init(_ sources: [MergeSource]) {
    for source in sources { add(source) }
  }

  var isEmpty: Bool { heap.isEmpty }

  /// Takes out all that are at the least key.
  mutating func takeLeast() -> [MergeSource] {
    var group: [MergeSource] = []
    let key = heap.min?.key
    while let next = heap.min, next.key == key {
      group.append(next.source)
      heap.removeMin()
    }
    return group
  }

  /// Moves sources that were taken out on and puts them back.
  mutating func advance(_ sources: [MergeSource], into report: inout MergeReport) {
    for source in sources {
      do {
        try source.advance()
        add(source)
      } catch {
        report.issues.append(
          .init(
            path: source.path, cause: "\(error.cause), somewhere behind its beginning", rows: 0,
            hasVanished: false))
      }
    }
  }

  private mutating func add(_ source: MergeSource) {
    if let key = source.key { heap.insert(Entry(key: key, source: source)) }
  }
}
