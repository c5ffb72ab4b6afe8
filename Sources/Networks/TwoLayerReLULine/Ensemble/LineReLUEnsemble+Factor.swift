import RealModule

/// The kernel as K = B Bᵀ, with columns of B for every group that moves.
///
/// A cone contributes c X T Xᵀ, with the rows x̃_i of X for its active samples and T = Σ (w wᵀ +
/// â²): two columns √c X L with T = L Lᵀ. A ray contributes one: its neurons move along it.
extension LineReLUEnsemble {
  /// A group and the columns of B that are its own.
  private struct GroupColumns {
    let group: Int
    /// √c times the columns of L; the second vanishes on a ray.
    let first: PlaneVector
    let second: PlaneVector
    /// Which of the samples are active.
    let active: Range<Int>
    /// The frame in which a column of X may be small, and is exact.
    let frame: InputFrame
    /// `first` and `second` in that frame.
    let firstInFrame: PlaneVector
    let secondInFrame: PlaneVector
  }

  /// B: for each group that moves, in their order, a column if it slides, else two.
  func kernelFactor() -> KernelFactor? {
    var columns: [[Double]] = []
    for group in groupColumns() {
      switch place(of: group.group) {
      case .ray(let ray, _):
        columns.append(column(group) { group.first.norm * geometry.component(of: $0, alongRay: ray) })
      case .cone, .origin:
        for l in [group.firstInFrame, group.secondInFrame] {
          columns.append(
            column(group) { l.dot(group.frame.extended(geometry.input[$0])) * geometry.rootShare[$0] })
        }
      }
    }
    return KernelFactor(rows: geometry.n, columns: columns)
  }

  private func column(_ group: GroupColumns, _ element: (Int) -> Double) -> [Double] {
    var column = [Double](repeating: 0, count: geometry.n)
    for i in group.active { column[i] = element(i) }
    return column
  }

  private func groupColumns() -> [GroupColumns] {
    let rootScale = scale.squareRoot()
    return groups.indices.compactMap { g in
      guard !groups[g].isEmpty, g != geometry.circle.deadCone else { return nil }
      let place = place(of: g)
      let active = geometry.circle.active(inCone: geometry.circle.cone(of: place))
      let moment = groups[g].secondMoment(in: groups[g].frame)
      let a2 = max(0, moment.c0.x)
      if case .ray(let ray, _) = place {
        let size = (a2 + max(0, moment.c1.y + moment.c2.z)).squareRoot()
        return GroupColumns(
          group: g, first: rootScale * size * geometry.ray[ray], second: .zero, active: active,
          frame: geometry.frame, firstInFrame: .zero, secondInFrame: .zero)
      }
      let frame = InputFrame(inputs: active.map { geometry.input[$0] })
      // The axes of that frame in the coordinates of the plane.
      let (e1, e2) = geometry.frame.axes(of: frame)
      func form(_ u: PlaneVector, _ v: PlaneVector) -> Double {
        u.x * v.x * moment.c1.y + (u.x * v.y + u.y * v.x) * moment.c1.z + u.y * v.y * moment.c2.z
      }
      let (w11, w12, w22) = (max(0, form(e1, e1)), form(e1, e2), max(0, form(e2, e2)))
      // The determinant, without what cancels where all w have one direction.
      let determinant = max(0, w11 * w22 - w12 * w12) + a2 * (w11 + w22) + a2 * a2
      let sizes = active.reduce(PlaneVector.zero) { sum, i in
        let x = frame.extended(geometry.input[i]) * geometry.rootShare[i]
        return sum + x * x
      }
      // The larger column of X comes first: the second column of X L is a multiple of the smaller.
      let swaps = sizes.x < sizes.y
      let pivot = (swaps ? w22 : w11) + a2
      guard pivot > 0 else { return nil }
      let l11 = pivot.squareRoot()
      let (l21, l22) = (w12 / l11, (determinant / pivot).squareRoot())
      let first = rootScale * (swaps ? PlaneVector(l21, l11) : PlaneVector(l11, l21))
      let second = rootScale * (swaps ? PlaneVector(l22, 0) : PlaneVector(0, l22))
      return GroupColumns(
        group: g, first: first.x * e1 + first.y * e2, second: second.x * e1 + second.y * e2, active: active,
        frame: frame, firstInFrame: first, secondInFrame: second)
    }
  }

  /// What impulses do, with what they reach where that is known.
  func fields(of pieces: [Impulse]) -> [ImpulseField] {
    let known = knownDrives(of: pieces)
    return pieces.indices.map { ImpulseField(pieces[$0].samples, geometry, known: known?[$0]) }
  }

  /// The drives of the groups by Bᵀq: u = −Xᵀq with Lᵀ Xᵀ q = Bᵀq/√c; nil if no piece has it.
  func knownDrives(of pieces: [Impulse]) -> [KnownDrives]? {
    guard pieces.contains(where: { $0.reach != nil }) else { return nil }
    let columns = groupColumns()
    return pieces.map { piece in
      var known = KnownDrives()
      guard let reach = piece.reach else { return known }
      var next = 0
      for group in columns {
        switch place(of: group.group) {
        case .ray(let ray, _):
          known.rays.append((ray, -reach[next] / group.first.norm))
          next += 1
        case .cone(let cone):
          if let u = Self.solve(group.first, group.second, reach[next], reach[next + 1]) {
            known.cones.append((cone, -u))
          }
          next += 2
        case .origin: next += 2
        }
      }
      return known
    }
  }

  /// The vector of the given products with two others; nil if these are parallel.
  private static func solve(_ a: PlaneVector, _ b: PlaneVector, _ p: Double, _ q: Double) -> PlaneVector? {
    let determinant = a.x * b.y - a.y * b.x
    guard determinant != 0 else { return nil }
    return PlaneVector(p * b.y - q * a.y, q * a.x - p * b.x) / determinant
  }
}

extension ConeCircle {
  /// The active samples of a cone.
  func active(inCone cone: Int) -> Range<Int> { cone <= n ? cone..<n : 0..<cone - n }
}

extension ConeGeometry {
  /// x̃_i·e with the unit vector e of a ray, from the difference of the inputs.
  func component(of i: Int, alongRay r: Int) -> Double {
    let x = input[circle.sample(ofRay: r)]
    let component = rootShare[i] * (input[i] - x) / Double.hypot(x, 1)
    return r < n ? component : -component
  }
}

extension InputFrame {
  /// The two axes of another frame in these coordinates.
  fileprivate func axes(of other: InputFrame) -> (PlaneVector, PlaneVector) {
    let scale = 1 / (norm * other.norm)
    let along = (1 + centre * other.centre) * scale
    let across = (other.centre - centre) * scale
    return (PlaneVector(along, -across), PlaneVector(across, along))
  }
}
