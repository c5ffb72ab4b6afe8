import ArgumentParser
import Model

/// What to show of a sweep, for figures that do not show all of it.
struct PanelOptions: ParsableArguments {
  @Option(help: "A phase point, such as 1.5,-0.5; may be repeated.")
  var point: [PlaneCoordinates] = []

  /// The names of the options that were given.
  var given: [String] { point.isEmpty ? [] : ["--point"] }
}

/// A phase point as it is typed: γ,γ'.
struct PlaneCoordinates: ExpressibleByArgument, Hashable {
  var gamma, gammaPrime: Double

  init?(argument: String) {
    let parts = argument.replacing("\u{2212}", with: "-").split(
      separator: ",", omittingEmptySubsequences: false
    )
    .map { Double($0.trimmingPrefix { $0 == " " }) }
    guard parts.count == 2, let gamma = parts[0], let gammaPrime = parts[1], gamma.isFinite,
      gammaPrime.isFinite
    else { return nil }
    (self.gamma, self.gammaPrime) = (gamma, gammaPrime)
  }
}
