import Foundation
import Networks

/// The measuring half of `make bench`: runs one named benchmark and prints a JSON line a
/// measurement.
///
/// What is measured, and against which target, is decided in `Benchmarks/questions`; this program
/// only runs the library and the clock.
@main
struct Bench {
  static let usage = """
    usage: gammaplane-bench sampling --point G,G' … --width M --x X,… --y Y,… [--repeats N] [--seed S]
                                     [--tolerance T] [--target R] [--wall SECONDS]
           gammaplane-bench flow     (as sampling) [--law LAW] [--nodes N]
           gammaplane-bench initial  --width M --output FILE [--seed S]
           gammaplane-bench fill     --grid FILE --database FILE | --submission FOLDER
           gammaplane-bench stub     --folder FOLDER [--seconds S]

    sampling   times a run, its initial values included, and the sampling of the same initial values
    flow       times a run from given initial values: the flow alone; where the initial values follow another law than
               `sampled`, they are made in the run
    initial    writes the initial values: all a, all w, all b, as little-endian doubles
    stub       is a worker that takes S seconds a run, and writes into FOLDER how long it waited for orders
    fill       records a made-up result for every run of a grid, in batches as a sweep does; into one database, or into
               those of the shards of a submission
    """

  static func main() {
    do {
      try run(Array(CommandLine.arguments.dropFirst()))
    } catch {
      FileHandle.standardError.write(Data("gammaplane-bench: error: \(error)\n".utf8))
      exit(64)
    }
  }

  private static func run(_ arguments: [String]) throws {
    guard let name = arguments.first else { throw BenchError.noBenchmark }
    let options = try Options(Array(arguments.dropFirst()))
    switch name {
    case "sampling": try SamplingBenchmark(options).run()
    case "flow": try FlowBenchmark(options).run()
    case "initial": try exportInitialValues(options)
    case "stub": try StubWorker(options).serve()
    case "fill": try FilledDatabase(options).write()
    case "--help", "help": print(usage)
    default: throw BenchError.unknownBenchmark(name)
    }
  }

  /// Writes the initial values of a width and a seed, so that a peer starts from the same numbers.
  private static func exportInitialValues(_ options: Options) throws {
    let values = InitialValues(
      width: try options.integer("width"), seed: UInt64(try options.integer("seed", default: 0)),
      antisymmetric: false)
    var bytes = Data(capacity: 24 * values.width)
    for column in [values.a, values.w, values.b] {
      let words = column.map(\.bitPattern.littleEndian)
      words.withUnsafeBytes { bytes.append(contentsOf: $0) }
    }
    try bytes.write(to: URL(fileURLWithPath: try options.text("output")))
  }
}

/// Why a benchmark cannot be run.
enum BenchError: Error, CustomStringConvertible {
  /// No benchmark is named.
  case noBenchmark
  /// There is no benchmark of this name.
  case unknownBenchmark(String)
  /// The option has no value, or a word stands where an option is expected.
  case noValue(String)
  /// The option is needed.
  case missing(String)
  /// The value of the option is not what it should be.
  case malformed(option: String, value: String, expected: String)

  /// One sentence for the user.
  var description: String {
    switch self {
    case .noBenchmark: "say which benchmark\n\(Bench.usage)"
    case .unknownBenchmark(let name): "there is no benchmark \"\(name)\"\n\(Bench.usage)"
    case .noValue(let option): "expected --option value, found \"\(option)\""
    case .missing(let option): "--\(option) is missing"
    case .malformed(let option, let value, let expected):
      "--\(option) must be \(expected), found \"\(value)\""
    }
  }
}
