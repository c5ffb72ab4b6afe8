import Figures
import LimitFit
import Model

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A sweep as one HTML file that needs nothing else: no network, no server.
///
/// The page holds the phase map and the summary as they are. What is shown of single points,
/// figures and tables drawn once by ``Figures``, is added point by point, compressed a few dozen
/// points at a time (``Deflate``), and undone by the browser when one of them is opened. A pure
/// function of what it is given, to the byte, for one version of zlib.
public struct Report: Sendable {
  /// The runs of a width, by state.
  struct Width: Sendable {
    var width: Double
    var counts = PointFit.Counts()
  }

  /// The sweep.
  public let sweep: Sweep
  /// The fit of its order parameter.
  public let map: PhaseMap
  /// What the names mean.
  public let context: FigureContext
  /// Why runs failed.
  public let failures: [FailureGroup]
  /// What the figures are drawn from.
  public let provenance: FigureProvenance
  /// Where the results come from.
  public let origins: [ReportedOrigin]
  /// What must be said before anything else, such as that the fit is older than the runs; empty if
  /// there is nothing.
  public let caveats: [String]
  /// After how many seconds a browser loads the page again; nil: it does not.
  public var renewsAfter: Int?

  private let detail: FeatureFigure.Detail
  private(set) var widths: [Double: Width] = [:]
  /// Fragments that are not compressed yet, and those that are.
  private var pending: [String] = []
  private var pendingSize = 0
  private(set) var chunks: [(first: Int, text: String)] = []
  private(set) var points: [PointFit] = []

  /// So many bytes of fragments are compressed together: enough to be alike, few enough to be
  /// opened at once.
  private static let chunkSize = 400_000
  /// Between the fragments of a chunk; no fragment holds it.
  static let separator = "\u{1E}"
  /// Where the neurons of more networks were recorded, only their means are drawn.
  public static let maxNetworks = 120

  /// A report without points.
  ///
  /// - Parameters:
  ///   - map: of which every point is to be added, in order.
  ///   - context: of the plane and the order parameter of the map.
  ///   - provenance: what is written into the figures.
  ///   - origins: where the results come from, in the order in which they are listed.
  ///   - networks: of how many networks the neurons are shown, all points together.
  public init(
    sweep: Sweep, map: PhaseMap, context: FigureContext, failures: [FailureGroup],
    provenance: FigureProvenance, origins: [ReportedOrigin] = [], networks: Int = 0, caveats: [String] = []
  ) {
    self.sweep = sweep
    self.map = map
    self.context = context
    self.failures = failures
    self.provenance = provenance
    self.origins = origins
    self.caveats = caveats
    detail = networks > Self.maxNetworks ? .means : .neurons
  }

  /// Adds the next point of the map.
  ///
  /// - Throws: ``DeflateError`` if it cannot be compressed.
  public mutating func add(_ point: ReportedPoint) throws(DeflateError) {
    for line in point.runs {
      var width = widths[line.run.width] ?? Width(width: line.run.width)
      switch line.state {
      case .ended(let outcome): width.counts.add(outcome)
      case .failed: width.counts.failed += 1
      case .pending: width.counts.pending += 1
      }
      widths[line.run.width] = width
    }
    let fragment = PointFragment(
      point: point, problem: sweep.problem, context: context, provenance: provenance, detail: detail
    ).markup
    if !pending.isEmpty, pendingSize + fragment.utf8.count > Self.chunkSize { try finishChunk() }
    pending.append(fragment)
    pendingSize += fragment.utf8.count
    points.append(point.fit)
  }

  private mutating func finishChunk() throws(DeflateError) {
    guard !pending.isEmpty else { return }
    let text = try Self.packed(pending.joined(separator: Self.separator))
    chunks.append((points.count - pending.count, text))
    pending = []
    pendingSize = 0
  }

  /// A text compressed, in base64.
  static func packed(_ text: String) throws(DeflateError) -> String {
    base64(try Deflate.compress(Array(text.utf8)))
  }

  /// The page.
  ///
  /// - Throws: ``DeflateError`` if it cannot be compressed.
  public func html() throws(DeflateError) -> String {
    var whole = self
    try whole.finishChunk()
    return try ReportPage(report: whole).markup()
  }
}

/// Bytes as letters (RFC 4648, section 4).
func base64(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }
