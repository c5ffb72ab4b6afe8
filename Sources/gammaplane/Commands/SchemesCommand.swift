import ArgumentParser
import Foundation
import Orchestration
import Theories

/// `gammaplane schemes`.
struct SchemesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schemes",
    abstract: "Place initialisation schemes in the plane of γ and γ'.",
    discussion: """
      Lists the named ones, or one of your own, with κ = β1 β2/α and κ' = β1/β2, with (γ, γ') at one \
      width, where a grid has the very same network, and for m → ∞, which decides the regime. \
      Expressions are made of numbers, m, d, + * / ^ and sqrt( ): --alpha 1 --beta1 'sqrt(2/m)' \
      --beta2 0.01

      \(ExitStatus.help)
      """)

  @Option(help: "The width m (default: 1000).", transform: Self.width)
  var width = 1000.0

  @Option(
    help: "The dimension d of the inputs, one more where there is a bias (default: 2).",
    transform: Self.dimension)
  var dimension = 2.0

  @Option(
    help: ArgumentHelp("α of a scheme of your own.", valueName: "expression"),
    transform: Self.expression)
  var alpha: WidthExpression?

  @Option(
    help: ArgumentHelp("The standard deviation β1 of output weights.", valueName: "expression"),
    transform: Self.expression)
  var beta1: WidthExpression?

  @Option(
    help: ArgumentHelp("The standard deviation β2 of input weights.", valueName: "expression"),
    transform: Self.expression)
  var beta2: WidthExpression?

  @Flag(help: "One JSON value instead of text.")
  var json = false

  private static func expression(_ text: String) throws -> WidthExpression {
    do {
      return try WidthExpression(text)
    } catch {
      throw ValidationError("\(error)")
    }
  }

  private static func width(_ text: String) throws -> Double {
    guard let m = Double(text), m.isFinite, m > 1 else {
      throw ValidationError("“\(text)” is no width; it is a number greater than 1, such as 1000 or 1e6.")
    }
    return m
  }

  private static func dimension(_ text: String) throws -> Double {
    guard let d = Double(text), d.isFinite, d >= 1 else {
      throw ValidationError("“\(text)” is no dimension; it is a number from 1 on.")
    }
    return d
  }

  func validate() throws {
    let given = [alpha, beta1, beta2].count { $0 != nil }
    guard given == 0 || given == 3 else {
      throw ValidationError("a scheme of your own takes all three of --alpha, --beta1 and --beta2.")
    }
  }

  func run() throws {
    var schemes = InitialisationScheme.named
    if let alpha, let beta1, let beta2 {
      schemes = [InitialisationScheme(name: "yours", alpha: alpha, beta1: beta1, beta2: beta2)]
    }
    let rows = schemes.map { SchemePlacement($0, width: width, dimension: dimension) }
    if let row = rows.first(where: { !$0.isFinite }) {
      throw Failure(
        .usage,
        "\(row.name): κ or κ' is beyond the range of numbers at m = \(Self.short(width)); choose another width"
      )
    }
    guard !json else { return try Console.print(json: rows) }
    Console.print(
      "m = \(Self.short(width)), d = \(Self.short(dimension)): κ, κ', γ and γ' at this width; limits for m → ∞"
    )
    let table = [SchemePlacement.heads] + rows.map { $0.cells(Self.short) }
    Console.print(Formatting.table(table, left: table[0].indices, indent: 0))
  }

  private static func short(_ number: Double) -> String { String(format: "%.4g", number) }
}
