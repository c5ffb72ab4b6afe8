import Figures
import LimitFit
import Model
import Theories

/// The names of made-up figures.
enum SampleContext {
  /// Two-layer ReLU networks, as far as figures have to know them.
  static let family = FamilyDescription(
    title: "two-layer ReLU network", methods: ["method"],
    parameters: [Parameter("gamma", symbol: "γ"), Parameter("gamma_prime", symbol: "γ′")],
    quantities: [
      Quantity("sup_rd", symbol: "RD", summary: "relative change of the input weights"),
      Quantity("rd", symbol: "RD"), Quantity("mean_squared_residual", symbol: "mean sq. residual"),
    ],
    recordables: [Recordable("trajectory", shown: ["mean_squared_residual", "rd", "orientations"])])
  static let theory = LuoEtAl2021(antisymmetric: false)
  static let luo = FigureContext(
    plane: LuoEtAl2021.plane, orderParameter: "sup_rd", description: family, theory: theory)

  /// A setting of that plane.
  static func setting(_ gamma: Double, _ gammaPrime: Double) -> Setting {
    ["gamma": gamma, "gamma_prime": gammaPrime]
  }

  /// A map in that plane.
  static func map(_ points: [PointFit], boundary: [BoundaryLine] = []) -> PhaseMap {
    PhaseMap(orderParameter: "sup_rd", plane: LuoEtAl2021.plane, points: points, boundary: boundary)
  }

  /// A worker of a user's own, of which no more is known than names.
  static let foreign = FigureContext(
    plane: Plane(x: "momentum", y: "learning_rate"), orderParameter: "sharpness")

  /// A map in a plane of another context: exponents with intervals of ± 0.1.
  static func map(_ context: FigureContext, _ settings: [Setting], _ exponent: (Setting) -> Double)
    -> PhaseMap
  {
    PhaseMap(
      orderParameter: context.orderParameter.name, plane: context.plane,
      points: settings.sorted().map { setting in
        var point = fit(0, 0, slope: exponent(setting), half: 0.1)
        point.setting = setting
        point.expectedExponent = context.theory?.exponentRange(at: setting)?.lowerBound
        return point
      }, boundary: [])
  }

  /// All combinations of the values of some parameters.
  static func product(_ axes: [String: [Double]]) -> [Setting] {
    Axes(parameters: axes, width: [], seed: []).settings
  }
}
