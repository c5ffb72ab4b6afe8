import DataFiles
import Foundation
import GridFile
import Model
import Networks
import Orchestration

/// What `gammaplane flow` is asked for.
struct FlowRequest {
  /// Network, setting, data.
  var options: ProblemOptions
  /// m; nil: that of the initial values.
  var width: Double?
  /// The seed; nil: 0.
  var seed: UInt64?
  /// The path of initial values; nil: those of the seed.
  var initial: String?
  var budget: Budget
  /// How many threads; nil: as many as pay.
  var threads: Int?
  /// The paths of what is recorded and of the checkpoint; nil: none.
  var snapshot: String?
  var checkpoint: String?
  /// What to measure besides, in any order.
  var measured: [String] = []

  /// The width from which on several cores pay.
  private static let wide = 1e6

  /// The run.
  ///
  /// - Throws: ``Failure`` if it cannot be made as asked.
  func flow() throws -> ForegroundFlow {
    let (family, problem, setting) = try options.definition()
    let given = try initial.map { try Self.initialValues($0, of: family) }
    if let given, let width, width != given.width {
      throw Failure(
        .usage,
        "--width is \(formattedNumber(width)), but \(initial ?? "") holds \(formattedNumber(given.width)) "
          + "neurons; leave --width out")
    }
    let run = Run(setting, width: given?.width ?? width ?? 0, seed: seed ?? 0)
    try MemoryCheck.check(run, of: problem, family)
    if let snapshot { try OutputFile.check(snapshot, option: "--snapshot") }
    if let checkpoint { try OutputFile.check(checkpoint, option: "--checkpoint") }
    return ForegroundFlow(
      run: run, problem: problem, family: family, initial: given?.arrays,
      threads: threads ?? (run.width >= Self.wide ? Machine().cores.value : 1), budget: budget,
      // A snapshot may be asked for when the run is resumed.
      recordsAll: snapshot != nil || checkpoint != nil,
      measured: try RecordNames(measured.map { try Self.canonicalName($0, of: family) }).names,
      checkpoint: checkpoint)
  }

  private static func canonicalName(_ name: String, of family: any NetworkFamily) throws -> String {
    let description = family.description
    guard description.recordable(name)?.isQuantity == true, let known = description.canonicalRecordName(name)
    else {
      let names = description.recordedQuantities
      throw Failure(
        .usage,
        "\(name) cannot be measured of a \(description.title)"
          + (nearest(to: name, of: names).map { "; did you mean \($0)?" } ?? "")
          + (names.isEmpty ? "" : "\nMeasures: \(names.joined(separator: ", "))"))
    }
    return known
  }

  private static func initialValues(
    _ path: String, of family: any NetworkFamily
  ) throws -> (arrays: RecordedArrays, width: Double) {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw Failure(
        .noInput, "cannot read the initial values \(path): no such file, or not readable; check the path")
    }
    do {
      let isArchive = path.lowercased().hasSuffix(".npz")
      let arrays =
        isArchive
        ? try ArrayArchive(npz: Array(data)).arrays
        : try family.initialValues(csv: String(decoding: data, as: UTF8.self))
      return (arrays, try family.width(ofInitial: arrays))
    } catch {
      throw Failure(.badGrid, "the initial values \(path) cannot be used: \(error)")
    }
  }
}
