import RealModule
import VectorKernels

/// How fast neurons move.
extension SmoothEnsemble {
  /// The largest relative change of a neuron and Σ (w − w(0))·dw by an impulse, to first order.
  func change(by impulse: Impulse) -> (largest: Double, path: Double) {
    let drive = drive(impulse)
    // Portions are joined by their maximum, too: each has a place for it.
    let portions = portions
    let blockSize = SmoothBlocks.size(dimension: samples.dimension)
    let room = smooth_room(samples.count, samples.dimension)
    let parts = withNetwork { network in
      pool.map(portions.count) { portion in
        var path = 0.0
        let largest = withUnsafeTemporaryAllocation(of: Double.self, capacity: room) { room in
          withUnsafePointer(to: network) { network in
            fixed.withUnsafeBufferPointer { fixed in
              moving.withUnsafeBufferPointer { moving in
                guard let fixed = fixed.baseAddress, let moving = moving.baseAddress,
                  let room = room.baseAddress
                else { return 0.0 }
                let first = portions[portion].lowerBound * blockSize
                return smooth_neurons_change(
                  network, fixed + first, moving + first, portions[portion].count, drive, &path, room)
              }
            }
          }
        }
        return (largest: largest, path: path)
      }
    }
    // `max` would pass over a number that is none.
    guard parts.allSatisfy({ !$0.largest.isNaN }) else { return (.infinity, .nan) }
    return (parts.reduce(0) { max($0, $1.largest) }, parts.reduce(0) { $0 + $1.path })
  }

  func driftOfResidual() -> (speed: Double, path: Double) {
    let change = change(by: Impulse(samples: residual))
    return (change.largest, change.path)
  }

  /// The largest relative change: |Δθ|/|θ| of θ = (â, w), for p > 1 also |Δw|/|w|; and the change
  /// of an argument of σ.
  func mobility(_ impulse: Impulse) -> Double {
    if impulse.samples == residual { return drift.speed }
    let change = change(by: impulse).largest
    guard let reach = impulse.reach else { return change }
    // What rounding of a long impulse seems to move, its components in the range of the kernel do
    // not.
    let squared = reach.reduce(0) { $0 + $1 * $1 } / scales.outputScale
    return min(change, squared.squareRoot() * largestResponse)
  }

  /// A bound of the relative change of any neuron by what changes √M θ of some neuron by 1.
  private var largestResponse: Double {
    let outer = activation == .linear ? 0 : scales.inputScale * samples.maxNorm
    var largest = 0.0
    for k in 0..<width where multiplicity(k) > 0 {
      let inner = (0..<samples.dimension).reduce(0) { $0 + input(k, $1) * input(k, $1) }
      let all = inner + output(k) * output(k)
      let size = activation.multiplicity > 1 ? min(all, inner) : all
      guard size > 0 else { continue }
      largest = max(largest, max(1 / size.squareRoot(), outer) / multiplicity(k).squareRoot())
    }
    return 2 * largest
  }
}
