import Model
import RealModule

/// Finds the bin of ``OrientationHistogram`` in which a direction of the plane lies, without an arc
/// tangent: this is done for every neuron of a wide network, many times in a run.
///
/// It goes by the angle along the square |w| + |b| = 1, from 0 to 4, which costs one division. A
/// table says in which bin each of its cells begins, and no cell holds more than one border of
/// bins.
struct OrientationBins: Sendable {
  /// Where the bins begin along the square; one more at the end.
  private let border: [Double]
  /// The bin in which each cell begins.
  private let first: [UInt16]

  private static let cells = 1024

  init() {
    let bins = OrientationHistogram.bins
    let border = (0...bins).map { bin in
      bin == bins ? 4 : Self.along(Self.direction(Double(bin - bins / 2) * 2 * .pi / Double(bins)))
    }
    var bin = 0
    first = (0..<Self.cells).map { cell in
      while border[bin + 1] <= Double(cell) * 4 / Double(Self.cells) { bin += 1 }
      return UInt16(bin)
    }
    self.border = border
  }

  /// The bin of the direction of w; that of the angle 0 if w vanishes.
  @inline(__always) func bin(of w: PlaneVector) -> Int {
    let along = Self.along(w)
    guard along < 4 else { return along == 4 ? OrientationHistogram.bins - 1 : OrientationHistogram.bins / 2 }
    let bin = Int(first[Int(along * Double(Self.cells / 4))])
    return along < border[bin + 1] ? bin : bin + 1
  }

  /// Where on the square a direction lies, from 0 at the angle −π up to 4 at π; NaN for w = 0.
  @inline(__always) private static func along(_ w: PlaneVector) -> Double {
    let share = w.x / (Swift.abs(w.x) + Swift.abs(w.y))
    return w.y < 0 ? 1 + share : 3 - share
  }

  private static func direction(_ angle: Double) -> PlaneVector { PlaneVector(.cos(angle), .sin(angle)) }
}
