import Model
import Networks

/// What a family refuses.
extension GridReader {
  /// Whether a family can train a problem; if not, reports what of the file is to blame: the key
  /// without which it could, or the samples.
  mutating func check(_ problem: Problem, of family: any NetworkFamily, _ fields: Fields) -> Bool {
    guard let objection = Self.objection({ try family.check(problem) }) else { return true }
    let hint = "this program trains the \(family.description.title); for others \(methodAdvice)"
    var plain = problem
    for key in family.networkKeys { plain.network[key.name] = key.defaultValue }
    let other = Self.objection { try family.check(plain) }
    if let other {
      report(.unsupported, at: fields["samples"]?.position, other, hint: hint)
    }
    if other != objection {
      report(
        .unsupported,
        at: culprit(problem, of: family, fields, objection) ?? fields["network"]?.position, objection,
        hint: hint)
    }
    return false
  }

  /// Where the key of `network` is with whose default there would not be this objection.
  private func culprit(
    _ problem: Problem, of family: any NetworkFamily, _ fields: Fields, _ objection: String
  ) -> Position? {
    guard case .map(let entries) = fields["network"]?.content else { return nil }
    return entries.first { entry in
      guard let key = family.networkKeys.first(where: { $0.name == entry.key }) else { return false }
      var changed = problem
      changed.network[key.name] = key.defaultValue
      return Self.objection { try family.check(changed) } != objection
    }?.value.position
  }

  /// A block whose widths a family can have: computed ones that it cannot have give way to
  /// neighbours, others are reported.
  mutating func checkWidths(_ block: Block, of problem: Problem, _ family: any NetworkFamily) -> Block {
    let axes = block.axes
    if !hasSeeds, let seed = axes.seed.first(where: { $0 != Run.meanSeed }) {
      report(
        .range, at: block.seeds?.position,
        "the initial values of this network do not fluctuate, so that there is no seed \(seed)",
        hint: "remove the key \"seed\"")
      return block
    }
    guard let setting = axes.firstSetting, let seed = axes.seed.first else { return block }
    func check(_ width: Double) -> String? {
      Self.objection { try family.check(Run(setting, width: width, seed: seed), of: problem) }
    }
    var widths: [Double] = []
    for (i, width) in axes.width.enumerated() {
      guard let objection = check(width) else {
        widths.append(width)
        continue
      }
      let isBetween = i > 0 && i < axes.width.count - 1
      let neighbours = block.widthsAreComputed && isBetween ? [width + 1, width - 1] : []
      if let neighbour = neighbours.first(where: { check($0) == nil }) {
        widths.append(neighbour)
        continue
      }
      report(
        .range, at: position(of: width, in: block.widths),
        "this network cannot have the width \(formattedNumber(width)): \(objection)",
        hint: "list other widths")
      return block
    }
    var result = block
    result.axes.width = Set(widths).sorted()
    return result
  }

  /// Where a value is written: at its place in a list, else where the values are.
  func position(of value: Double, in tree: YAMLTree?) -> Position? {
    guard case .list(let items) = tree?.content else { return tree?.position }
    return items.first { $0.plain.flatMap { decimalNumber($0) } == value }?.position ?? tree?.position
  }

  /// What a check throws, for the user; nil if it passes.
  private static func objection(_ check: () throws -> Void) -> String? {
    do {
      try check()
      return nil
    } catch {
      return "\(error)"
    }
  }
}

extension Axes {
  /// The first setting; nil if there is none.
  fileprivate var firstSetting: Setting? {
    let values = parameters.compactMap(\.values.first)
    return values.count == parameters.count ? Setting(sortedNames: names, values: values) : nil
  }
}
