/// The runs of a sweep in their order: by setting, width, seed. They are the union of the products
/// that its blocks of axes span; a run of several blocks is one run.
///
/// The *index* of a run is its number in this order. A *cell* is what the runs of one setting and
/// width have in common; cells have indices, too, in the same order. A single block takes no memory
/// beyond its axes and settings. Of several, each setting has what is run there; equal lists of
/// widths and seeds are kept once.
public struct RunSet: Sendable {
  /// The runs of one setting and width.
  public struct Cell: Hashable, Sendable {
    /// The parameters.
    public var setting: Setting
    /// The index of the width in ``RunSet/widths``.
    public var widthIndex: Int
    /// The indices of the runs, one for each seed.
    public var runs: Range<Int>
  }

  private enum Form {
    case product(Axes)
    case union(UnionOfProducts)
  }

  private let form: Form
  /// All settings, ascending.
  public let settings: [Setting]
  /// All widths that occur, ascending.
  public let widths: [Double]
  /// How many runs every cell has, if they are equally many because there is only one block; else
  /// nil.
  public let seedsPerCell: Int?

  /// The runs of some blocks.
  public init(_ blocks: [Axes]) {
    if let axes = blocks.first, blocks.count == 1 {
      form = .product(axes)
      settings = axes.settings
      widths = axes.width
      seedsPerCell = axes.seed.count
    } else {
      let union = UnionOfProducts(blocks)
      form = .union(union)
      settings = union.settings
      widths = union.widths
      seedsPerCell = nil
    }
  }

  /// The runs of a sweep. They are put in order here: keep them rather than make them again.
  public init(_ sweep: Sweep) { self.init(sweep.runBlocks) }

  /// The seeds that every cell of finite width has, ascending.
  public var commonSeeds: [UInt64] {
    switch form {
    case .product(let axes): axes.seed
    case .union(let union): union.commonSeeds
    }
  }

  /// How many runs have each of ``widths``.
  public var runsByWidth: [Int] {
    switch form {
    case .product(let axes): axes.width.map { _ in settings.count * axes.seed.count }
    case .union(let union): union.runsByWidth
    }
  }

  /// The index of a run; nil if it is none of these.
  public func index(of run: Run) -> Int? {
    switch form {
    case .product(let axes):
      guard let i = axes.index(of: run.setting), let k = axes.width.index(of: run.width),
        let l = axes.seed.index(of: run.seed)
      else { return nil }
      return (i * axes.width.count + k) * axes.seed.count + l
    case .union(let union): return union.index(of: run)
    }
  }

  /// The index of a run at a setting that has been looked up; nil if it is none of these.
  ///
  /// - Parameter setting: the index of the setting in ``settings``.
  public func index(setting: Int, width: Double, seed: UInt64) -> Int? {
    switch form {
    case .product(let axes):
      guard let k = axes.width.index(of: width), let l = axes.seed.index(of: seed) else { return nil }
      return (setting * axes.width.count + k) * axes.seed.count + l
    case .union(let union): return union.index(setting: setting, width: width, seed: seed)
    }
  }

  /// The index of a setting in ``settings``; nil if it is none of these.
  public func settingIndex(_ setting: Setting) -> Int? {
    switch form {
    case .product(let axes): axes.index(of: setting)
    case .union: settings.index(of: setting)
    }
  }

  /// Whether the run is one of these.
  public func contains(_ run: Run) -> Bool { index(of: run) != nil }

  /// Whether any run is at this setting and width.
  public func contains(_ setting: Setting, width: Double) -> Bool {
    widths(at: setting).index(of: width) != nil
  }

  /// The widths at a setting, ascending; none if it is no setting of these.
  public func widths(at setting: Setting) -> [Double] {
    switch form {
    case .product(let axes): axes.index(of: setting) != nil ? axes.width : []
    case .union(let union): union.shape(at: setting)?.widths ?? []
    }
  }

  /// The seeds at a setting and width, ascending; none where there are no runs.
  public func seeds(at setting: Setting, width: Double) -> [UInt64] {
    switch form {
    case .product(let axes): return contains(setting, width: width) ? axes.seed : []
    case .union(let union):
      guard let shape = union.shape(at: setting), let index = shape.widths.index(of: width) else { return [] }
      return shape.seeds[index]
    }
  }

  /// How many settings and widths have runs.
  public var cellCount: Int {
    switch form {
    case .product(let axes): settings.count * axes.width.count
    case .union(let union): union.cellCount
    }
  }

  /// The cell at an index, from 0 to below ``cellCount``.
  public func cell(_ index: Int) -> Cell {
    switch form {
    case .product(let axes):
      let (setting, width) = index.quotientAndRemainder(dividingBy: axes.width.count)
      let seeds = axes.seed.count
      return Cell(
        setting: settings[setting], widthIndex: width, runs: index * seeds..<(index + 1) * seeds)
    case .union(let union): return union.cell(index)
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

  /// The run at an index.
  public subscript(index: Int) -> Run {
    switch form {
    case .product(let axes):
      let (cell, seed) = index.quotientAndRemainder(dividingBy: axes.seed.count)
      let (setting, width) = cell.quotientAndRemainder(dividingBy: axes.width.count)
      return Run(settings[setting], width: axes.width[width], seed: axes.seed[seed])
    case .union(let union): return union.run(index)
    }
  }
}
