import Model

/// The parts of the displacement that are odd and even in ā.
extension LineReLUEnsemble {
  /// The names of the parts of RD.
  static let oddPartName = "rd_odd", evenPartName = "rd_even"

  /// The parts of RD, where neurons are in pairs.
  var measuredAtEnd: NamedNumbers {
    guard isPaired else { return .none }
    let parts = parityParts()
    return [Self.oddPartName: parts.odd, Self.evenPartName: parts.even]
  }

  /// √(Σ|Δw|²)/‖θ_w(0)‖ of the part of Δw = w − w(0) that is odd in ā and of the part that is even.
  /// Digits are lost only for neurons that have left the cone in which they started.
  ///
  /// In the linear regime each is a pure power of the width, which their sum is not.
  ///
  /// - Precondition: the neurons 2j and 2j + 1 began with opposite ā and equal w.
  func parityParts() -> (odd: Double, even: Double) {
    var displacements = [PlaneVector](repeating: .zero, count: width)
    for group in groups where !group.isEmpty {
      let n = group.frame.change
      for list in group.members {
        for block in list.blocks {
          for member in block {
            displacements[Int(member.index)] = (n * member.state).w + (member.state.w - member.initial)
          }
        }
      }
    }
    var (odd, even) = (0.0, 0.0)
    for j in stride(from: 0, to: width - 1, by: 2) {
      let (a, b) = (displacements[j], displacements[j + 1])
      odd += (a - b).dot(a - b) / 2
      even += (a + b).dot(a + b) / 2
    }
    let norm = initialSquared.squareRoot()
    return (odd.squareRoot() / norm, even.squareRoot() / norm)
  }
}
