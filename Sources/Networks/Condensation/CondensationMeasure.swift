import Model

/// A measure of condensation or of the kernel, which results have where a grid asks for it
/// (`docs/condensation.md`).
enum CondensationMeasure: Hashable, Sendable {
  /// Cones of so many orientations hold a share of the amplitude.
  case clusters(cosine: Double, share: Double)
  case effectiveRank
  /// Eigenvalues of the features above ε times the largest.
  case epsilonRank(Double)
  case kernelDistance
  case kernelAlignment
  case patternChange
  case alignment
  case sharpness

  /// The one of a name with or without arguments; nil if there is none.
  init?(named name: String) {
    guard let asked = QuantityName(name),
      let known = Self.recordables.first(where: { $0.name == asked.base })
    else { return nil }
    let arguments = asked.arguments.isEmpty ? known.arguments : asked.arguments
    guard arguments.count == known.arguments.count else { return nil }
    switch asked.base {
    case "clusters": self = .clusters(cosine: arguments[0], share: arguments[1])
    case "effective_rank": self = .effectiveRank
    case "epsilon_rank": self = .epsilonRank(arguments[0])
    case "kernel_distance": self = .kernelDistance
    case "kernel_alignment": self = .kernelAlignment
    case "pattern_change": self = .patternChange
    case "alignment": self = .alignment
    case "sharpness": self = .sharpness
    default: return nil
    }
  }

  /// The largest number of samples of which kernels and features are decomposed.
  static let maxSamples = 2000

  /// Those that are asked for, in the order of their names.
  static func all(in record: RecordNames) -> [(name: String, measure: Self)] {
    record.names.compactMap { name in Self(named: name).map { (name, $0) } }
  }

  /// Whether it is about the kernel.
  var needsKernel: Bool {
    switch self {
    case .kernelDistance, .kernelAlignment, .sharpness: true
    default: false
    }
  }

  /// Whether it is about the features of all samples at once.
  var needsFeatures: Bool {
    switch self {
    case .effectiveRank, .epsilonRank: true
    default: false
    }
  }

  /// What two-layer networks can be asked for.
  static let recordables: [Recordable] = [
    Recordable(
      quantity: Quantity(
        "clusters", symbol: "clusters",
        summary: "fewest cones of half-angle arccos 0.95 that hold neurons with 99 % of Σ |a||w|; other "
          + "cosines and shares in parentheses"), arguments: [0.95, 0.99]),
    Recordable(
      quantity: Quantity(
        "effective_rank", symbol: "effective rank",
        summary: "effective rank of the features, exp of the entropy of the eigenvalues of Σ a² σ σᵀ")),
    Recordable(
      quantity: Quantity(
        "epsilon_rank", symbol: "ε-rank",
        summary: "eigenvalues of Σ a² σ σᵀ above 10⁻⁶ of the largest; another share in parentheses"),
      arguments: [1e-6]),
    Recordable(
      quantity: Quantity(
        "kernel_distance", symbol: "kernel distance",
        summary: "1 minus the cosine of the kernel and that at the start")),
    Recordable(
      quantity: Quantity(
        "kernel_alignment", symbol: "kernel alignment", summary: "cosine of the kernel and y yᵀ")),
    Recordable(
      quantity: Quantity(
        "pattern_change", symbol: "pattern change",
        summary: "share of pairs of a neuron and a sample for which w·x has changed sign since the start")),
    Recordable(
      quantity: Quantity(
        "alignment", symbol: "alignment",
        summary: "share of Σ |w|² along the direction of Σ y x")),
    Recordable(
      quantity: Quantity(
        "sharpness", symbol: "sharpness",
        summary: "largest eigenvalue of the kernel by the number of samples, in the normalised time: descent "
          + "is unstable beyond a rate of 2 by it")),
  ]
}
