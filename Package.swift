// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
]

/// log, exp, hypot … on every platform, without the weight of Foundation.
let real: Target.Dependency = .product(name: "RealModule", package: "swift-numerics")
let heap: Target.Dependency = .product(name: "HeapModule", package: "swift-collections")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

/// Told by `make build`; git is not asked here, because a manifest that was read once is not read
/// again for a new commit.
let commit = Context.environment["GAMMAPLANE_COMMIT"] ?? ""

// Every arrow points downwards; ARCHITECTURE.md draws the floors.
let package = Package(
  name: "gammaplane",
  products: [
    .executable(name: "gammaplane", targets: ["gammaplane"]),
    .executable(name: "gammaplane-worker", targets: ["gammaplane-worker"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-numerics", from: "1.1.1"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    // Ground floor: the system, texts, and what a run is and yields.
    .target(name: "CPlatform"),
    .target(name: "Platform", dependencies: ["CPlatform"], swiftSettings: strict),
    .target(name: "Failpoints", dependencies: ["Platform"], swiftSettings: strict),
    .target(name: "DelimitedText", swiftSettings: strict),
    .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
    // The commit, which the manifest alone can tell; in C, which takes it as a definition.
    .target(name: "CBuild", cSettings: [.define("GAMMAPLANE_COMMIT", to: "\"\(commit)\"")]),
    .target(name: "Model", dependencies: ["CBuild", real], swiftSettings: strict),
    .target(name: "Theories", dependencies: ["Model", real], swiftSettings: strict),
    .target(name: "DataFiles", dependencies: ["Model", "CZlib"], swiftSettings: strict),

    // What is done with every neuron, in C for the sake of vectors; the networks themselves.
    .target(name: "VectorKernels"),
    .target(
      name: "Networks",
      dependencies: ["Platform", "Model", "Theories", "DelimitedText", "VectorKernels", real],
      swiftSettings: strict),

    // Libraries on the model; what each knows besides is named here.
    .target(
      name: "GridFile",
      dependencies: [
        "Platform", "Model", "Networks", "DelimitedText", "DataFiles", real,
        .product(name: "Yams", package: "Yams"),
      ],
      swiftSettings: strict),
    .target(name: "Planning", dependencies: ["Model", "Networks"], swiftSettings: strict),
    .target(name: "WorkerProtocol", dependencies: ["Platform", "Model"], swiftSettings: strict),
    .target(
      name: "Scheduling",
      dependencies: [
        "Platform", "Model", "WorkerProtocol", "Failpoints",
        .product(name: "DequeModule", package: "swift-collections"),
        .product(name: "Subprocess", package: "swift-subprocess"),
      ],
      swiftSettings: strict),
    .target(name: "Cluster", dependencies: ["Platform", "Model", heap], swiftSettings: strict),
    .target(name: "LimitFit", dependencies: ["Model", real], swiftSettings: strict),
    .target(
      name: "ResultStore",
      dependencies: [
        "Platform", "Model", "LimitFit", "Failpoints", heap, grdb,
        .product(name: "GRDBSQLite", package: "GRDB.swift"),
      ],
      swiftSettings: strict),
    .target(name: "Figures", dependencies: ["Model", "LimitFit", real], swiftSettings: strict),
    // Resources in the code: the program is one file.
    .target(
      name: "Report", dependencies: ["Model", "LimitFit", "Figures", "CZlib"],
      resources: [.embedInCode("Resources/report.css"), .embedInCode("Resources/report.js")],
      swiftSettings: strict),

    // What commands have in common, and what workers have.
    .target(
      name: "Orchestration",
      dependencies: [
        "Platform", "Model", "Networks", "GridFile", "Planning", "WorkerProtocol", "Scheduling", "LimitFit",
        "ResultStore", "Cluster", "Failpoints",
      ],
      swiftSettings: strict),
    .target(
      name: "FlowWorker", dependencies: ["Platform", "Model", "Networks", "WorkerProtocol"],
      swiftSettings: strict),

    // Executables: commands, and the process that integrates.
    .executableTarget(
      name: "gammaplane",
      dependencies: [
        "Platform", "Model", "Theories", "Networks", "DataFiles", "GridFile", "Planning", "WorkerProtocol",
        "Scheduling", "LimitFit", "ResultStore", "Figures", "Report", "Cluster", "Orchestration",
        "Failpoints", argumentParser,
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "gammaplane-worker", dependencies: ["FlowWorker", "Networks"], swiftSettings: strict),

    // What `make bench` measures with; it is not installed.
    .executableTarget(
      name: "gammaplane-bench",
      dependencies: [
        "Platform", "Model", "Theories", "Networks", "GridFile", "Planning", "Cluster", "ResultStore",
      ],
      path: "Benchmarks/gammaplane-bench", swiftSettings: strict),

    // Tests, a target a library, one that runs the executables, and one that reads the sources.
    .testTarget(name: "PlatformTests", dependencies: ["Platform"], swiftSettings: strict),
    .testTarget(name: "ModelTests", dependencies: ["Model"], swiftSettings: strict),
    .testTarget(name: "DelimitedTextTests", dependencies: ["DelimitedText"], swiftSettings: strict),
    .testTarget(name: "DataFilesTests", dependencies: ["DataFiles", "Model"], swiftSettings: strict),
    .testTarget(name: "TheoriesTests", dependencies: ["Theories"], swiftSettings: strict),
    .testTarget(
      name: "NetworksTests", dependencies: ["Networks", "VectorKernels", real],
      resources: [.copy("Reference")], swiftSettings: strict),
    .testTarget(name: "GridFileTests", dependencies: ["GridFile", "Planning"], swiftSettings: strict),
    .testTarget(name: "PlanningTests", dependencies: ["Planning", "GridFile"], swiftSettings: strict),
    .testTarget(
      name: "ClusterTests", dependencies: ["Cluster", "GridFile", "Planning"], swiftSettings: strict),
    .testTarget(
      name: "LimitFitTests", dependencies: ["LimitFit", "Theories"], resources: [.copy("Reference")],
      swiftSettings: strict),
    .testTarget(
      name: "ReportTests", dependencies: ["Report", "Theories", "CZlib"], swiftSettings: strict),
    .testTarget(
      name: "FiguresTests", dependencies: ["Figures", "Theories"], exclude: ["Golden"],
      swiftSettings: strict),
    .testTarget(name: "ResultStoreTests", dependencies: ["ResultStore"], swiftSettings: strict),
    .testTarget(
      name: "SchedulingTests", dependencies: ["Platform", "Scheduling", "WorkerProtocol"],
      swiftSettings: strict),
    .testTarget(name: "HouseTests", dependencies: ["ProjectFiles"], swiftSettings: strict),
    // What those that read the project's files share.
    .target(name: "ProjectFiles", path: "Tests/ProjectFiles", swiftSettings: strict),
    // A family that exists in tests only, and its worker.
    .target(
      name: "ToyFamily", dependencies: ["Model", "Networks", real], path: "Tests/ToyFamily/Family",
      swiftSettings: strict),
    .executableTarget(
      name: "toy-worker", dependencies: ["FlowWorker", "Networks", "ToyFamily"],
      path: "Tests/ToyFamily/Worker", swiftSettings: strict),
    .testTarget(
      name: "OrchestrationTests",
      dependencies: [
        "Model", "Networks", "Scheduling", "Orchestration", "LimitFit", "ResultStore", "Figures", "Report",
        "ToyFamily", "toy-worker",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "CommandTests",
      dependencies: [
        "Platform", "DelimitedText", "Model", "Theories", "Networks", "GridFile", "Planning", "Scheduling",
        "LimitFit", "ResultStore", "Cluster", "Orchestration", "Failpoints", "ProjectFiles", "gammaplane",
        "gammaplane-worker", grdb,
      ],
      exclude: ["Frozen"], swiftSettings: strict),
  ]
)
