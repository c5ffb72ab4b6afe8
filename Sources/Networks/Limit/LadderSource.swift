import Model

/// What a ladder of widths climbs: flows of a setting at any width, however large, as a family with
/// weighted nodes can make them.
public protocol LadderSource: Sendable {
  /// The names of the quantities whose limits are asked for; the first decides. Their flows report
  /// each.
  var quantities: [String] { get }

  /// The names of quantities that are recorded with the ladder where flows report them.
  var parts: [String] { get }

  /// The largest log₁₀ m at which flows can be made, and found to be right.
  var maxLog10Width: Double { get }

  /// log₁₀ of the first quantity that the top of a ladder is to reach where it grows.
  var topLog10: Double { get }

  /// A flow at a width, at its initial values.
  ///
  /// - Throws: an error whose description is one sentence, if the width is out of range.
  func flow(_ rung: RungRequest) throws -> any Flow

  /// log₁₀ of the quantities in closed form, right if the regime is linear at the width; nil: no
  /// closed form is known.
  func linear(at log10Width: Double) -> LinearEstimate?

  /// By how much a flow and the closed form may differ, in ln q, and be in the same regime: the
  /// error of the nodes, which is the same at all widths there.
  var agreement: Double { get }

  /// Bounds of the exponent known from theory, for settings where flows of finitely many nodes may
  /// rest falsely; nil: none are needed.
  var bounds: ClosedRange<Double>? { get }
}

extension LadderSource {
  /// That of nodes whose error is below 10⁻².
  public var agreement: Double { 0.05 }
}

/// The values of a closed form at a width.
public struct LinearEstimate: Hashable, Sendable {
  /// log₁₀ of each quantity.
  public var log10: [String: Double]
  /// log₁₀ of how far neurons move relative to themselves: the closed form is right where this is
  /// very negative.
  public var log10Change: Double
  /// Whether a flow at this width stays within double precision.
  public var isInRange: Bool
}

/// A flow that a ladder needs.
public struct RungRequest: Hashable, Sendable {
  /// Which nodes.
  public enum Nodes: Int, Hashable, Sendable {
    /// Plain, without fluctuations.
    case plain
    /// Plain, fewer: their difference is the error of the nodes.
    case fewer
    /// Plain, many: for limits with all their digits.
    case finer
    /// Graded, without fluctuations.
    case graded
    /// Graded otherwise: their difference is the error of the nodes.
    case regraded
    /// Graded, with the fluctuations of a network of the width.
    case fluctuating
    /// Plain or graded, a quarter of them: a bound of the error of the nodes where nothing better
    /// is
    /// needed.
    case sparse, sparseGraded
  }

  /// log₁₀ m.
  public var log10Width: Double
  /// Which nodes.
  public var nodes: Nodes

  /// A request.
  public init(log10Width: Double, nodes: Nodes) {
    self.log10Width = log10Width
    self.nodes = nodes
  }
}

/// What a flow of a ladder came to.
public struct Rung: Hashable, Sendable {
  /// What was asked for.
  public var request: RungRequest
  /// How the flow ended; nil: it could not be made.
  public var outcome: Outcome?
  /// log₁₀ of each quantity, in the order of ``LadderSource/quantities``.
  public var log10: [Double]
  /// Accepted steps.
  public var steps: Int
  /// The parts of the first quantity by parity of the output weights, as log₁₀; not numbers where
  /// they were not measured.
  public var log10Parts: [Double]

  /// A rung.
  public init(
    _ request: RungRequest, outcome: Outcome?, log10: [Double], steps: Int = 0, log10Parts: [Double] = []
  ) {
    self.request = request
    self.outcome = outcome
    self.log10 = log10
    self.steps = steps
    self.log10Parts = log10Parts
  }
}

/// The flows of a ladder that are finished. What is not is reported as missing, so that whatever
/// follows from flows is a pure function of this, and can be asked again when there are more.
public struct Rungs: Hashable, Sendable {
  /// Finished flows.
  public private(set) var all: [RungRequest: Rung] = [:]

  /// None.
  public init() {}

  /// A flow is needed that is not finished.
  public struct Missing: Error, Hashable {
    /// Which.
    public var request: RungRequest
  }

  /// The result of a flow.
  ///
  /// - Throws: ``Missing`` if it is not finished.
  public subscript(_ request: RungRequest) -> Rung {
    get throws(Missing) {
      guard let rung = all[request] else { throw Missing(request: request) }
      return rung
    }
  }

  /// Those with plain or graded nodes, ascending in width, and at one width plain nodes before
  /// graded ones: what is recorded of a ladder.
  var recorded: [Rung] {
    all.values
      .filter { $0.outcome != nil && [.plain, .graded].contains($0.request.nodes) }
      .sorted {
        ($0.request.log10Width, $0.request.nodes.rawValue)
          < ($1.request.log10Width, $1.request.nodes.rawValue)
      }
  }

  /// The flow with other nodes at the width of a recorded one by which the error of its nodes is
  /// told; nil if there is none yet.
  func partner(of rung: Rung) -> Rung? {
    let kinds: [RungRequest.Nodes] =
      rung.request.nodes == .graded ? [.regraded, .sparseGraded] : [.fewer, .sparse]
    return kinds.lazy.compactMap { all[RungRequest(log10Width: rung.request.log10Width, nodes: $0)] }.first
  }

  /// Adds a finished flow.
  public mutating func add(_ rung: Rung) { all[rung.request] = rung }
}
