import Foundation
import Model
import Orchestration
import ResultStore

/// Where some results come from, for people and programs.
struct ProvenanceLine: Encodable, Hashable {
  /// Name and version of the program that recorded them.
  var program: String
  var commit: String?
  /// Name and version of the worker.
  var worker: String
  /// The command line of a worker of one's own.
  var command: [String]?
  var host: String
  /// When the first and the last of them ended, in ISO 8601.
  var first: String
  var last: String
  var runs: Int

  init(_ recorded: RecordedProvenance) {
    let provenance = recorded.provenance
    program = provenance.program
    commit = provenance.commit
    worker = provenance.worker
    command = provenance.command
    host = provenance.host
    first = recorded.first.formatted(.iso8601)
    last = recorded.last.formatted(.iso8601)
    runs = recorded.runs
  }

  /// The lines of some runs, the most frequent first.
  static func lines(of runs: [RecordedRun]) -> [ProvenanceLine] {
    let records = runs.compactMap(\.record)
    let groups = Dictionary(grouping: records.filter { $0.provenance != nil }) { $0.provenance }
    return groups.compactMap { provenance, records -> RecordedProvenance? in
      let dates = records.map(\.finishedAt).sorted()
      guard let provenance, let first = dates.first, let last = dates.last else { return nil }
      return RecordedProvenance(provenance: provenance, runs: records.count, first: first, last: last)
    }.sorted { ($1.runs, $0.first) < ($0.runs, $1.first) }.map(ProvenanceLine.init)
  }

  /// One line.
  var text: String {
    let days = first == last ? first : "\(first) to \(last)"
    let commit = commit.map { " (\($0))" } ?? ""
    let command = command.map { ", `\($0.joined(separator: " "))`" } ?? ""
    return "\(runs) by \(worker)\(command) on \(host), recorded by \(program)\(commit), \(days)"
  }
}
