/// How a run went, at times that are evenly spaced in log t̄: among them the start and the end.
///
/// Points are ends of accepted steps. The largest RD of a run lies between them as a rule; it is
/// ``RunResult/supRD``.
public struct Trajectory: Hashable, Sendable {
  /// The state at one time.
  public struct Point: Hashable, Sendable, Codable {
    /// The normalised time t̄, dimensionless.
    public var time: Double
    /// (1/n) Σ r_i², twice the loss.
    public var meanSquaredResidual: Double
    /// RD = ‖θ_w − θ_w(0)‖₂ / ‖θ_w(0)‖₂, dimensionless.
    public var rd: Double
    /// ‖ā‖₂ = ‖θ_a‖₂ / β1, the norm of the normalised output weights; near √m at the start.
    public var outputNorm: Double
    /// How many neurons slide on a ray: their kink stays on a sample.
    public var sliding: Int
    /// How many neurons are active on no sample, and so do not move.
    public var dead: Int
    /// The least number of orientations that together carry 99 % of the amplitude Σ |ā||w̄| of the neurons
    /// that are not dead. Orientations are the rays on which neurons slide, and bins of 1° of the direction of
    /// (w, b) of the others.
    public var orientations: Int

    /// A point; see the properties.
    public init(
      time: Double, meanSquaredResidual: Double, rd: Double, outputNorm: Double, sliding: Int, dead: Int,
      orientations: Int
    ) {
      self.time = time
      self.meanSquaredResidual = meanSquaredResidual
      self.rd = rd
      self.outputNorm = outputNorm
      self.sliding = sliding
      self.dead = dead
      self.orientations = orientations
    }

    enum CodingKeys: String, CodingKey {
      case time, rd, sliding, dead, orientations
      case meanSquaredResidual = "mean_squared_residual"
      case outputNorm = "output_norm"
    }
  }

  /// The largest number of points.
  public static let mostPoints = 256

  /// At least one and at most ``mostPoints``, ascending in time; the first is the start.
  public var points: [Point]

  /// A trajectory; the points are taken as they are.
  public init(points: [Point]) { self.points = points }

  /// The numbers of a row of ``bytes``.
  private static let columns = 7

  /// The compact form: a row of seven doubles for each point, lowest byte first. The columns are time, mean squared
  /// residual, RD, ‖ā‖₂, and the numbers of sliding neurons, dead neurons and orientations.
  public var bytes: [UInt8] {
    Double.bytes(
      of: points.flatMap {
        [
          $0.time, $0.meanSquaredResidual, $0.rd, $0.outputNorm, Double($0.sliding), Double($0.dead),
          Double($0.orientations),
        ]
      })
  }

  /// Reads ``bytes``; nil if they cannot be a trajectory: no points or too many, a time that does not ascend, a number
  /// that is negative or not finite, a count that is not whole.
  public init?(bytes: [UInt8]) {
    let size = Self.columns * 8
    guard bytes.count % size == 0, (1...Self.mostPoints).contains(bytes.count / size) else { return nil }
    let values = Double.values(in: bytes)
    guard values.allSatisfy({ $0 >= 0 && $0.isFinite }) else { return nil }
    points = []
    for row in stride(from: 0, to: values.count, by: Self.columns) {
      let counts = values[row + 4..<row + Self.columns].compactMap { Int(exactly: $0) }
      guard counts.count == 3, points.last.map({ $0.time < values[row] }) ?? true else { return nil }
      points.append(
        Point(
          time: values[row], meanSquaredResidual: values[row + 1], rd: values[row + 2],
          outputNorm: values[row + 3], sliding: counts[0], dead: counts[1], orientations: counts[2]))
    }
  }
}
