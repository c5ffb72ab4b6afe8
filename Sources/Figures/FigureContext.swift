import Model

/// What the names in a figure mean: the plane of a map, the order parameter, symbols and units, and
/// what is known in theory. Figures know no network; all this comes from outside.
public struct FigureContext: Sendable {
  /// The parameters along the axes of a map.
  public var plane: Plane
  /// The quantity whose dependence on the width decides the phase.
  public var orderParameter: Quantity
  /// What is expected of the order parameter over the plane; nil: nothing is.
  public var theory: (any Theory)?
  /// Parameters and quantities with their symbols.
  private let description: FamilyDescription

  /// A context.
  ///
  /// - Parameters:
  ///   - plane: the parameters along the axes.
  ///   - orderParameter: the name of the order parameter.
  ///   - description: of the family or worker that made the runs; names that it lacks, or all where
  ///     it is nil, stand
  ///     for themselves.
  ///   - theory: what is known of this plane and this order parameter.
  public init(
    plane: Plane, orderParameter: String, description: FamilyDescription? = nil, theory: (any Theory)? = nil
  ) {
    self.description = description ?? FamilyDescription(title: "", methods: [])
    self.plane = plane
    self.orderParameter = self.description.quantity(orderParameter)
    self.theory = theory
  }

  /// What made the runs, for people; empty: not known.
  public var title: String { description.title }

  /// The parameter of a name.
  public func parameter(_ name: String) -> Parameter { description.parameter(name) }

  /// The quantity of a name.
  public func quantity(_ name: String) -> Quantity {
    name == orderParameter.name ? orderParameter : description.quantity(name)
  }

  /// The columns of trajectories that are shown unless others are named; empty: not known.
  public var shownColumns: [String] { description.shownColumns(of: Trajectory.name) }

  /// Whether a column of a trajectory is there because it was asked for.
  func isAskedFor(_ column: String) -> Bool { description.recordable(column)?.isQuantity == true }

  /// The quantities among some names, in the order of the description, then by name; the order
  /// parameter first.
  public func quantities(named names: some Sequence<String>) -> [Quantity] {
    var missing = Set(names)
    let known = ([orderParameter] + description.quantities).filter { missing.remove($0.name) != nil }
    return known + missing.sorted().map(quantity)
  }

  /// What a trend is called: theory's word for it, or its plain name.
  public func caption(_ trend: Trend) -> String { theory?.caption(trend) ?? trend.rawValue }

  /// The parameters of a setting with their values: those of the plane first, then the others by
  /// name.
  public func coordinates(of setting: Setting) -> [(parameter: Parameter, value: Double)] {
    let own = plane.names.map { (parameter: parameter($0), value: setting[$0] ?? 0) }
    return own + plane.slice(setting).pairs.map { (parameter: parameter($0.name), value: $0.value) }
  }

  /// A setting as plain text: `γ = 1.25, γ′ = 0.5`.
  public func text(_ setting: Setting) -> String {
    coordinates(of: setting).map { "\($0.parameter.symbol) = \(Numeral.coordinate($0.value, places: 6))" }
      .joined(separator: ", ")
  }

  /// A setting as HTML, for a document around figures, with every digit of its values.
  public func html(_ setting: Setting) -> String {
    coordinates(of: setting).map { "\($0.parameter.html) = \(Numeral.coordinate($0.value))" }
      .joined(separator: ", ")
  }

  /// A setting as a heading: *γ* = 1.25,  *γ′* = 0.5.
  func heading(_ setting: Setting) -> RichText { Self.heading(coordinates(of: setting)) }

  /// What distinguishes slices of a plane from each other, as headings; empty for a single one.
  func names(ofSlices slices: [Setting]) -> [RichText] {
    let shared = Self.shared(by: slices).names
    return slices.map { slice in
      Self.heading(slice.without(shared).pairs.map { (parameter: parameter($0.name), value: $0.value) })
    }
  }

  /// The parameters that have the same value in all slices.
  static func shared(by slices: [Setting]) -> Setting {
    guard let first = slices.first else { return .none }
    return first.without(first.names.filter { name in slices.contains { $0[name] != first[name] } })
  }

  /// Some values of parameters as a heading.
  static func heading(_ values: [(parameter: Parameter, value: Double)]) -> RichText {
    values.enumerated().reduce("") { text, item in
      text + (item.offset > 0 ? ",  " : "") + RichText(name: item.element.parameter.symbol)
        + RichText(" = " + Numeral.coordinate(item.element.value, places: 6))
    }
  }
}

extension Parameter {
  /// The symbol as HTML.
  public var html: String { RichText(name: symbol).html }
}

extension Quantity {
  /// The symbol as HTML.
  public var html: String { RichText(name: symbol).html }

  /// The symbol as figures set it.
  var richSymbol: RichText { RichText(name: symbol) }

  /// The symbol with the unit, for axes: `RD`, `loss (nats)`.
  var axisName: RichText { richSymbol + RichText(unit.isEmpty ? "" : " (\(unit))") }

  /// The symbol with what it stands for: `RD (largest relative change of the input weights)`.
  public var explained: String { summary.isEmpty ? symbol : "\(symbol) (\(summary))" }
}
