/// What a neuron does, as far as observables tell neurons apart.
enum NeuronActivity: Hashable, Sendable {
  /// It moves within a cone.
  case moves
  /// It slides on the ray with the given index.
  case slides(ray: Int)
  /// It is active on no sample: in the dead cone, or at w = 0.
  case dead
}

/// What observables need of the ensemble, and nothing else.
extension LineReLUEnsemble {
  /// Visits the groups that hold neurons, in fixed order.
  ///
  /// - Parameter body: is given what the neurons do, their number, Σ â², and Σ â w, over the group.
  func forEachGroup(
    _ body: (NeuronActivity, _ count: Int, _ outputSquared: Double, _ product: PlaneVector) -> Void
  ) {
    for (g, group) in groups.enumerated() where !group.isEmpty {
      let moment = group.secondMoment(in: group.frame)
      let product = PlaneVector(moment.c1.x, moment.c2.x)
      body(activity(of: g), group.count, moment.c0.x, geometry.frame.turnedBack(product))
    }
  }

  /// Visits the neurons of the groups that do something, in fixed order.
  ///
  /// - Parameters:
  ///   - isWanted: which groups to visit.
  ///   - body: is given the index k of a neuron and its θ = (â, w, b).
  @inline(__always)
  func forEachNeuron(
    where isWanted: (NeuronActivity) -> Bool = { _ in true }, _ body: (Int, NeuronState) -> Void
  ) {
    for (g, group) in groups.enumerated() where !group.isEmpty && isWanted(activity(of: g)) {
      group.forEachMember { k, state in
        body(k, NeuronState(state.x, geometry.frame.turnedBack(state.w)))
      }
    }
  }

  private func activity(of group: Int) -> NeuronActivity {
    switch place(of: group) {
    case .cone(let cone): cone == geometry.circle.deadCone ? .dead : .moves
    case .ray(let ray, _): .slides(ray: ray)
    case .origin: .dead
    }
  }
}

extension NeuronGroup {
  /// Visits the members in the order of storage, with their index and θ.
  @inline(__always)
  func forEachMember(_ body: (Int, NeuronState) -> Void) {
    for list in members {
      for block in list.blocks {
        block.withUnsafeBufferPointer { block in
          for member in block { body(Int(member.index), frame.apply(member.state)) }
        }
      }
    }
  }
}
