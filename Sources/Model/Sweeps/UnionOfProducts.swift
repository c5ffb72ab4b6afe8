/// The union of products of axes: settings, and what is run at each.
struct UnionOfProducts: Sendable {
  /// What is run at a setting; many settings have the same.
  struct Shape: Sendable {
    /// Ascending.
    var widths: [Double]
    /// Where these stand among all widths.
    var widthIndices: [Int]
    /// The seeds of each width, ascending.
    var seeds: [[UInt64]]
    /// Where the runs of each width begin, counted from the first of the setting; at the end, how
    /// many there are.
    var firstRun: [Int]
  }

  /// Ascending.
  let settings: [Setting]
  /// All widths, ascending.
  let widths: [Double]
  private let shapes: [Shape]
  /// The shape of each setting.
  private let shapeOfSetting: [Int]
  /// Where the cells and the runs of each setting begin; at the end, how many there are.
  private let firstCell, firstRun: [Int]

  /// The union of some blocks. Takes time n log k for n settings of k blocks, beyond what the
  /// shapes take.
  init(_ blocks: [Axes]) {
    let blocks = blocks.filter { $0.runCount > 0 }
    widths = Set(blocks.flatMap(\.width)).sorted()

    // Blocks that differ only in their settings are alike, and most do.
    var profiles: [Profile] = []
    var indices: [Profile: Int] = [:]
    var entries: [(setting: Setting, profile: Int)] = []
    entries.reserveCapacity(blocks.reduce(0) { $0 + $1.settingCount })
    for block in blocks {
      let profile = Profile(width: block.width, seed: block.seed)
      let index = indices[profile] ?? profiles.count
      if index == profiles.count {
        profiles.append(profile)
        indices[profile] = index
      }
      for setting in block.settings { entries.append((setting, index)) }
    }
    // The settings of every block are in order already, of which the sort makes use.
    entries.sort { ($0.setting, $0.profile) < ($1.setting, $1.profile) }

    var settings: [Setting] = []
    var shapes: [Shape] = []
    var shapeOfSetting: [Int] = []
    var known: [[Int]: Int] = [:]
    var firstCell = [0]
    var firstRun = [0]
    var next = 0
    while next < entries.count {
      let setting = entries[next].setting
      var key: [Int] = []
      while next < entries.count, entries[next].setting == setting {
        if key.last != entries[next].profile { key.append(entries[next].profile) }
        next += 1
      }
      let shape = known[key] ?? shapes.count
      if shape == shapes.count {
        shapes.append(Shape(key.map { profiles[$0] }, among: widths))
        known[key] = shape
      }
      settings.append(setting)
      shapeOfSetting.append(shape)
      firstCell.append((firstCell.last ?? 0) + shapes[shape].widths.count)
      firstRun.append((firstRun.last ?? 0) + (shapes[shape].firstRun.last ?? 0))
    }
    self.settings = settings
    self.shapes = shapes
    self.shapeOfSetting = shapeOfSetting
    self.firstCell = firstCell
    self.firstRun = firstRun
  }

  var runCount: Int { firstRun.last ?? 0 }
  var cellCount: Int { firstCell.last ?? 0 }

  var commonSeeds: [UInt64] {
    let lists = shapes.flatMap { shape in
      zip(shape.widths, shape.seeds).compactMap { $0.isFinite ? $1 : nil }
    }
    guard let first = lists.first else { return [] }
    return lists.dropFirst().reduce(into: Set(first)) { $0.formIntersection($1) }.sorted()
  }

  var runsByWidth: [Int] {
    var settingsOfShape = [Int](repeating: 0, count: shapes.count)
    for shape in shapeOfSetting { settingsOfShape[shape] += 1 }
    var counts = [Int](repeating: 0, count: widths.count)
    for (shape, settings) in zip(shapes, settingsOfShape) {
      for (width, seeds) in zip(shape.widthIndices, shape.seeds) { counts[width] += settings * seeds.count }
    }
    return counts
  }

  func shape(at setting: Setting) -> Shape? { settings.index(of: setting).map { shapes[shapeOfSetting[$0]] } }

  func index(of run: Run) -> Int? {
    settings.index(of: run.setting).flatMap { index(setting: $0, width: run.width, seed: run.seed) }
  }

  func index(setting: Int, width: Double, seed: UInt64) -> Int? {
    let shape = shapes[shapeOfSetting[setting]]
    guard let width = shape.widths.index(of: width), let seed = shape.seeds[width].index(of: seed)
    else { return nil }
    return firstRun[setting] + shape.firstRun[width] + seed
  }

  func run(_ index: Int) -> Run {
    let setting = firstRun.lastIndex(notAbove: index)
    let shape = shapes[shapeOfSetting[setting]]
    let width = shape.firstRun.lastIndex(notAbove: index - firstRun[setting])
    return Run(
      settings[setting], width: shape.widths[width],
      seed: shape.seeds[width][index - firstRun[setting] - shape.firstRun[width]])
  }

  func cell(_ index: Int) -> RunSet.Cell {
    let setting = firstCell.lastIndex(notAbove: index)
    let shape = shapes[shapeOfSetting[setting]]
    let width = index - firstCell[setting]
    return RunSet.Cell(
      setting: settings[setting], widthIndex: shape.widthIndices[width],
      runs: firstRun[setting] + shape.firstRun[width]..<firstRun[setting] + shape.firstRun[width + 1])
  }
}

/// The widths and seeds of a block.
private struct Profile: Hashable {
  var width: [Double]
  var seed: [UInt64]
}

extension UnionOfProducts.Shape {
  /// What several blocks say together.
  fileprivate init(_ profiles: [Profile], among all: [Double]) {
    var seeds: [Double: Set<UInt64>] = [:]
    for profile in profiles {
      for width in profile.width { seeds[width, default: []].formUnion(profile.seed) }
    }
    let sorted = seeds.sorted { $0.key < $1.key }
    self.widths = sorted.map(\.key)
    self.widthIndices = self.widths.compactMap { all.index(of: $0) }
    self.seeds = sorted.map { $0.value.sorted() }
    firstRun = self.seeds.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.count) }
  }
}
