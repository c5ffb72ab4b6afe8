import VectorKernels

/// The kernel and its factor.
extension SmoothEnsemble {
  /// K_ij = c √ω_i √ω_j Σ_k M_k [σ_ki σ_kj + â_k² σ'_ki σ'_kj x_i·x_j], M_k the multiplicities.
  func kernel() -> [Double] {
    let n = samples.count
    var result = fixed.withUnsafeBufferPointer { fixed in
      moving.withUnsafeBufferPointer { moving in
        products.withUnsafeBufferPointer { products in
          sums(n * n, room: smooth_kernel_room(n, samples.dimension)) {
            network, first, blocks, sums, room in
            guard let fixed = fixed.baseAddress, let moving = moving.baseAddress,
              let products = products.baseAddress
            else { return }
            withUnsafePointer(to: network) { network in
              smooth_neurons_kernel(network, fixed + first, moving + first, blocks, products, sums, room)
            }
          }
        }
      }
    }
    for i in 0..<n {
      for j in i..<n {
        let value = scales.outputScale * samples.rootShares[i] * samples.rootShares[j] * result[i * n + j]
        result[i * n + j] = value
        result[j * n + i] = value
      }
    }
    return result
  }

  /// K = Rᵀ R with R of a QR factorisation of what the neurons contribute, so that eigenvalues are
  /// right down to the square of what rounding leaves of them in K: with small arguments, the
  /// orders of σ contribute very differently.
  func kernelFactor() -> KernelFactor? {
    let n = samples.count
    let room = smooth_factor_room(n, samples.dimension)
    let triangle = fixed.withUnsafeBufferPointer { fixed in
      moving.withUnsafeBufferPointer { moving in
        sums(
          n * n, room: room,
          { network, first, blocks, triangle, room in
            guard let fixed = fixed.baseAddress, let moving = moving.baseAddress else { return }
            withUnsafePointer(to: network) { network in
              smooth_neurons_factor(network, fixed + first, moving + first, blocks, triangle, room)
            }
          },
          joining: { all, part in
            withUnsafeTemporaryAllocation(of: Double.self, capacity: room) { room in
              guard let room = room.baseAddress else { return }
              smooth_join_factors(n, part, &all, room)
            }
          })
      }
    }
    let unit = scales.outputScale.squareRoot()
    // Beyond what a linear network can reach, there is rounding alone.
    let rank = activation == .linear ? min(n, samples.dimension) : n
    return KernelFactor(
      rows: n,
      columns: (0..<rank).map { k in (0..<n).map { unit * samples.rootShares[$0] * triangle[k * n + $0] } })
  }
}
