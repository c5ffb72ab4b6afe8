import Model

/// Samples with the positions they were read from, to be checked.
struct RawSamples {
  var x: [[Double]]
  var y: [Double]
  /// Where each input stands.
  var positions: [GridError.Position]
  /// Where to point if the lengths differ.
  var end: GridError.Position

  /// The samples, or what is wrong with them and where.
  func checked(in source: SourceText) throws(GridError) -> SampleSet {
    guard x.count <= GridReader.maxSamples else {
      throw GridError([
        source.issue(
          .samples, at: positions[GridReader.maxSamples],
          "there are more than \(GridReader.maxSamples) samples", hint: "thin them out")
      ])
    }
    do {
      return try SampleSet(x: x, y: y)
    } catch {
      let (position, hint) = remedy(error)
      throw GridError([source.issue(.samples, at: position, error.description, hint: hint)])
    }
  }

  private func remedy(_ error: SampleSetError) -> (GridError.Position, hint: String) {
    func position(_ sample: Int) -> GridError.Position {
      positions.indices.contains(sample) ? positions[sample] : end
    }
    return switch error {
    case .empty: (end, "add samples")
    case .unequalLengths: (end, "add the missing values, or remove those too many")
    case .unequalDimensions(let sample, _, _):
      (position(sample), "give every input the same number of components")
    case .notFinite(let sample): (position(sample), "give a finite number")
    case .contradiction(_, let second): (position(second), "correct x or y of one of them")
    }
  }
}
