import Model
import Testing

@testable import Theories

/// The exponents of all layers of a network.
struct LayerScalingTests {
  private static let places = [-1.5, -0.75, -0.25, 0, 0.4, 1, 2]

  /// Two layers have the boundary and the exponents of Luo et al.: the input weights are the first
  /// layer, so that g is −γ'.
  @Test(arguments: [0.0, 0.3, 0.75, 1, 1.25, 1.75, 2.5], places)
  func twoLayersAreThoseOfLuoEtAl(gamma: Double, gammaPrime: Double) {
    for antisymmetric in [false, true] {
      let scaling = LayerScaling(gamma: gamma, ratios: [-gammaPrime], antisymmetric: antisymmetric)
      let theory = LuoEtAl2021(antisymmetric: antisymmetric)
      let setting: Setting = [LuoEtAl2021.gamma: gamma, LuoEtAl2021.gammaPrime: gammaPrime]
      #expect(abs(scaling.thresholds[0] - (1 + max(0, gammaPrime))) < 1e-12)
      if let expected = theory.expectedExponent(at: setting) {
        #expect(abs(scaling.exponents[0] - expected) < 1e-12)
      }
    }
  }

  /// The exponents solve the equations that they come from, at every depth.
  @Test(arguments: [[0.0, 0], [0.5, -0.25], [-1.5, 1.5], [0, 0.3, -0.7, 0.2]], [1.2, 1.9, 2.5, 3.7])
  func exponentsSolveTheirEquations(ratios: [Double], gamma: Double) {
    let scaling = LayerScaling(gamma: gamma, ratios: ratios, antisymmetric: true)
    let (s, e) = (scaling.exponents, scaling.rates)
    #expect(abs(e.reduce(0, +)) < 1e-12)
    for l in ratios.indices { #expect(abs(e[l] - e[l + 1] - 2 * ratios[l]) < 1e-12) }
    // With p_k = max(1, D_k): D_l / (η_l Π_{k≠l} p_k) is the same for all layers, and the target is
    // met.
    func others(_ l: Int) -> Double { s.indices.reduce(0) { $1 == l ? $0 : $0 + max(0, s[$1]) } }
    let pushes = s.indices.map { s[$0] - e[$0] - others($0) }
    for push in pushes { #expect(abs(push - pushes[0]) < 1e-12) }
    let output = s.indices.map { s[$0] + others($0) }.max() ?? 0
    #expect(abs(output - scaling.excess) < 1e-12)
  }

  /// A layer grows exactly above its threshold; the smallest β first.
  @Test(arguments: [[0.0, 0], [0.5, -0.25], [-1.5, 1.5], [0.75], [0, 0.3, -0.7, 0.2]])
  func layersGrowAboveTheirThresholds(ratios: [Double]) {
    let thresholds = LayerScaling(gamma: 0, ratios: ratios, antisymmetric: true).thresholds
    for (l, threshold) in thresholds.enumerated() {
      func exponent(_ gamma: Double) -> Double {
        LayerScaling(gamma: gamma, ratios: ratios, antisymmetric: true).exponents[l]
      }
      #expect(exponent(threshold - 0.01) < -1e-4)
      #expect(abs(exponent(threshold)) < 1e-12)
      #expect(exponent(threshold + 0.01) > 1e-4)
    }
    let depth = Double(ratios.count + 1)
    #expect(abs((thresholds.min() ?? 0) - depth / 2) < 1e-12)
  }

  private static let layers = [(0, true), (1, true), (2, true), (1, false)]

  /// The boundary in a plane is where the trend changes, and distances are to it.
  @Test(arguments: ["g12", "g23"], layers)
  func boundaryIsWhereTrendsChange(ordinate: String, layer: (Int, Bool)) throws {
    let plane = Plane(x: "gamma3", y: ordinate)
    let theory = try #require(ThreeLayerScaling(layer: layer.0, isFrobenius: layer.1, plane: plane))
    let line = theory.boundary(in: PlaneRange(x: 1...3, y: -0.9...0.9))[0]
    #expect(line.first?.y == -0.9 && line.last?.y == 0.9)
    for (a, b) in zip(line, line.dropFirst()) {
      let middle = PlanePoint(x: (a.x + b.x) / 2, y: (a.y + b.y) / 2)
      func trend(_ shift: Double) -> Trend? {
        theory.trend(at: plane.setting(PlanePoint(x: middle.x + shift, y: middle.y)))
      }
      #expect(theory.distanceToBoundary(middle) < 1e-12)
      #expect(theory.distanceToBoundary(PlanePoint(x: middle.x + 0.1, y: middle.y)) > 0.01)
      // Nothing is said where arguments of tanh are large.
      for (shift, expected) in [(-0.05, Trend.vanishing), (0, .bounded), (0.05, .growing)] {
        if let found = trend(shift) { #expect(found == expected) }
      }
    }
    let equal = line.contains { theory.trend(at: plane.setting($0)) == .bounded }
    #expect(equal)
    for mark in theory.landmarks {
      guard case .point(let point) = mark.shape else { continue }
      #expect(theory.trend(at: plane.setting(point)) != nil)
    }
  }

  @Test func otherPlanesHaveNoTheory() throws {
    #expect(ThreeLayerScaling(layer: 0, isFrobenius: true, plane: Plane(x: "g12", y: "g23")) == nil)
    #expect(ThreeLayerScaling(layer: 3, isFrobenius: true, plane: Plane(x: "gamma3")) == nil)
    let line = try #require(ThreeLayerScaling(layer: 1, isFrobenius: true, plane: Plane(x: "gamma3")))
    #expect(
      line.trend(at: ["gamma3": 3]) == .bounded && line.distanceToBoundary(PlanePoint(x: 2.5, y: 0)) == 0.5)
    #expect(line.expectedExponent(at: ["gamma3": 1]) == nil && line.trend(at: ["gamma3": 1]) == .vanishing)
    #expect(line.trend(at: ["gamma3": 0.5]) == nil)
  }

  /// At equal scales of three layers: γ₃ − 3/2 below 3/2, a third of it above; W2 in the Frobenius
  /// norm grows from γ₃ = 3 on.
  @Test func equalScalesOfThreeLayers() {
    for gamma in [1.0, 1.5, 2.1, 3] {
      let scaling = LayerScaling(gamma: gamma, ratios: [0, 0], antisymmetric: false)
      let expected = gamma <= 1.5 ? gamma - 1.5 : (gamma - 1.5) / 3
      #expect(scaling.exponents.allSatisfy { abs($0 - expected) < 1e-12 })
      #expect(abs(scaling.frobeniusExponents[1] - expected + 0.5) < 1e-12)
      #expect(scaling.frobeniusExponents[0] == scaling.exponents[0])
    }
    // f(0) must be unlearned.
    #expect(LayerScaling(gamma: 0.5, ratios: [0, 0], antisymmetric: false).exponents[0] == -0.5)
    #expect(LayerScaling(gamma: 0.5, ratios: [0, 0], antisymmetric: true).exponents[0] == -1)
  }
}
