/// The runs of a sweep in their order: by γ, γ', width, seed. They are the union of the products that its blocks of axes
/// span; a run of several blocks is one run.
///
/// The *place* of a run is its number in this order. A *cell* is what the runs of one point and width have in common;
/// cells have places, too, in the same order. A single block takes no memory beyond its axes. Of several, the points are
/// kept, with what is run at each; equal lists of widths and seeds are kept once.
public struct RunSet: Sendable {
  /// The runs of one point and width.
  public struct Cell: Hashable, Sendable {
    /// (γ, γ').
    public var point: PhasePoint
    /// The place of the width in ``RunSet/widths``.
    public var widthPlace: Int
    /// The places of the runs, one for each seed.
    public var runs: Range<Int>
  }

  private enum Form {
    case product(Axes)
    case union(UnionOfProducts)
  }

  private let form: Form
  /// All widths that occur, ascending.
  public let widths: [Int]
  /// How many runs every cell has, if they are equally many because there is only one block; else nil.
  public let seedsPerCell: Int?

  /// The runs of some blocks.
  public init(_ blocks: [Axes]) {
    if let axes = blocks.first, blocks.count == 1 {
      form = .product(axes)
      widths = axes.width
      seedsPerCell = axes.seed.count
    } else {
      let union = UnionOfProducts(blocks)
      form = .union(union)
      widths = union.widths
      seedsPerCell = nil
    }
  }

  /// The runs of a sweep. They are put in order here: keep them rather than make them again.
  public init(_ sweep: Sweep) { self.init([sweep.axes] + sweep.also) }

  /// All (γ, γ'), by γ, then γ'.
  public var points: [PhasePoint] {
    switch form {
    case .product(let axes): axes.points
    case .union(let union): union.points
    }
  }

  /// The seeds that every cell has, ascending.
  public var commonSeeds: [UInt64] {
    switch form {
    case .product(let axes): axes.seed
    case .union(let union): union.commonSeeds
    }
  }

  /// How many runs have each of ``widths``.
  public var runsByWidth: [Int] {
    switch form {
    case .product(let axes):
      axes.width.map { _ in axes.gamma.count * axes.gammaPrime.count * axes.seed.count }
    case .union(let union): union.runsByWidth
    }
  }

  /// The place of a run; nil if it is none of these.
  public func place(of run: Run) -> Int? {
    switch form {
    case .product(let axes):
      guard let i = axes.gamma.place(of: run.point.gamma),
        let j = axes.gammaPrime.place(of: run.point.gammaPrime), let k = axes.width.place(of: run.width),
        let l = axes.seed.place(of: run.seed)
      else { return nil }
      return ((i * axes.gammaPrime.count + j) * axes.width.count + k) * axes.seed.count + l
    case .union(let union): return union.place(of: run)
    }
  }

  /// Whether the run is one of these.
  public func contains(_ run: Run) -> Bool { place(of: run) != nil }

  /// Whether any run is at this point and width.
  public func contains(_ point: PhasePoint, width: Int) -> Bool {
    switch form {
    case .product(let axes):
      axes.gamma.place(of: point.gamma) != nil && axes.gammaPrime.place(of: point.gammaPrime) != nil
        && axes.width.place(of: width) != nil
    case .union(let union): union.shape(at: point)?.widths.place(of: width) != nil
    }
  }

  /// The widths at a point, ascending; none if it is no point of these.
  public func widths(at point: PhasePoint) -> [Int] {
    switch form {
    case .product(let axes):
      axes.gamma.place(of: point.gamma) != nil && axes.gammaPrime.place(of: point.gammaPrime) != nil
        ? axes.width : []
    case .union(let union): union.shape(at: point)?.widths ?? []
    }
  }

  /// The seeds at a point and width, ascending; none where there are no runs.
  public func seeds(at point: PhasePoint, width: Int) -> [UInt64] {
    switch form {
    case .product(let axes): return contains(point, width: width) ? axes.seed : []
    case .union(let union):
      guard let shape = union.shape(at: point), let place = shape.widths.place(of: width) else { return [] }
      return shape.seeds[place]
    }
  }

  /// How many points and widths have runs.
  public var cellCount: Int {
    switch form {
    case .product(let axes): axes.gamma.count * axes.gammaPrime.count * axes.width.count
    case .union(let union): union.cellCount
    }
  }

  /// The cell at a place, from 0 to below ``cellCount``.
  public func cell(_ place: Int) -> Cell {
    switch form {
    case .product(let axes):
      let (point, width) = place.quotientAndRemainder(dividingBy: axes.width.count)
      let seeds = axes.seed.count
      return Cell(
        point: axes.point(point), widthPlace: width, runs: place * seeds..<(place + 1) * seeds)
    case .union(let union): return union.cell(place)
    }
  }
}

extension RunSet: RandomAccessCollection {
  /// 0.
  public var startIndex: Int { 0 }

  /// The number of runs.
  public var endIndex: Int {
    switch form {
    case .product(let axes): axes.runCount
    case .union(let union): union.runCount
    }
  }

  /// The run at a place.
  public subscript(place: Int) -> Run {
    switch form {
    case .product(let axes):
      let (cell, seed) = place.quotientAndRemainder(dividingBy: axes.seed.count)
      let (point, width) = cell.quotientAndRemainder(dividingBy: axes.width.count)
      return Run(point: axes.point(point), width: axes.width[width], seed: axes.seed[seed])
    case .union(let union): return union.run(place)
    }
  }
}

extension Axes {
  /// The point at a place in ``points``.
  fileprivate func point(_ place: Int) -> PhasePoint {
    let (i, j) = place.quotientAndRemainder(dividingBy: gammaPrime.count)
    return PhasePoint(gamma: gamma[i], gammaPrime: gammaPrime[j])
  }
}
