// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
]

/// log, exp, hypot … on every platform, without the weight of Foundation.
let real: Target.Dependency = .product(name: "RealModule", package: "swift-numerics")

// Every arrow points downwards; ARCHITECTURE.md draws the floors.
let package = Package(
  name: "gammaplane",
  products: [
    .executable(name: "gammaplane", targets: ["gammaplane"]),
    .executable(name: "gammaplane-worker", targets: ["gammaplane-worker"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-numerics", from: "1.1.1"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    // Below all: the calls of the system, in C where Swift cannot make them.
    .target(name: "CPlatform"),
    .target(name: "Platform", dependencies: ["CPlatform"], swiftSettings: strict),

    // Ground floor: what a run is, and what it yields.
    .target(name: "Model", dependencies: [real], swiftSettings: strict),
    .target(name: "Failpoints", dependencies: ["Platform"], swiftSettings: strict),

    // Libraries on the model; none of them knows another, but for the arrows given.
    // C, for the sake of vectors: what is done with every neuron.
    .target(name: "VectorKernels"),
    .target(
      name: "GradientFlow", dependencies: ["Platform", "Model", "VectorKernels", real],
      swiftSettings: strict),
    .target(
      name: "Grid", dependencies: ["Platform", "Model", real, .product(name: "Yams", package: "Yams")],
      swiftSettings: strict),
    .target(name: "WorkerProtocol", dependencies: ["Platform", "Model"], swiftSettings: strict),
    .target(name: "LimitFit", dependencies: ["Model", real], swiftSettings: strict),
    .target(name: "Cluster", dependencies: ["Platform", "Model"], swiftSettings: strict),
    .target(
      name: "ResultStore",
      dependencies: [
        "Platform", "Model", "LimitFit", "Failpoints", .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "GRDBSQLite", package: "GRDB.swift"),
      ],
      swiftSettings: strict),
    .target(name: "Figures", dependencies: ["Model", "LimitFit", real], swiftSettings: strict),
    .target(name: "Report", dependencies: ["Model", "LimitFit", "Figures"], swiftSettings: strict),
    .target(
      name: "Scheduling",
      dependencies: [
        "Platform", "Model", "WorkerProtocol", "Failpoints",
        .product(name: "Subprocess", package: "swift-subprocess"),
      ],
      swiftSettings: strict),

    // Executables: commands, and the process that integrates.
    .executableTarget(
      name: "gammaplane",
      dependencies: [
        "Platform", "Model", "GradientFlow", "Grid", "Scheduling", "LimitFit", "ResultStore", "Figures",
        "Report", "Cluster", "Failpoints",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "gammaplane-worker",
      dependencies: ["Platform", "Model", "GradientFlow", "WorkerProtocol"],
      swiftSettings: strict),

    // What `make bench` measures with; nobody installs it.
    .executableTarget(
      name: "gammaplane-bench",
      dependencies: ["Platform", "Model", "GradientFlow", "Grid", "Cluster", "ResultStore"],
      path: "Benchmarks/gammaplane-bench", swiftSettings: strict),

    // Tests, a target a library, and one that runs the executables.
    .testTarget(name: "PlatformTests", dependencies: ["Platform"], swiftSettings: strict),
    .testTarget(name: "ModelTests", dependencies: ["Model"], swiftSettings: strict),
    .testTarget(
      name: "GradientFlowTests", dependencies: ["GradientFlow", "VectorKernels", real],
      resources: [.copy("Reference")], swiftSettings: strict),
    .testTarget(name: "GridTests", dependencies: ["Grid"], swiftSettings: strict),
    .testTarget(name: "ClusterTests", dependencies: ["Cluster", "Grid"], swiftSettings: strict),
    .testTarget(
      name: "LimitFitTests", dependencies: ["LimitFit"], resources: [.copy("Reference")],
      swiftSettings: strict),
    .testTarget(name: "ReportTests", dependencies: ["Report"], swiftSettings: strict),
    .testTarget(name: "FiguresTests", dependencies: ["Figures"], exclude: ["Golden"], swiftSettings: strict),
    .testTarget(
      name: "ResultStoreTests", dependencies: ["Platform", "ResultStore"], swiftSettings: strict),
    .testTarget(
      name: "SchedulingTests", dependencies: ["Platform", "Scheduling", "WorkerProtocol"],
      swiftSettings: strict),
    .testTarget(
      name: "CommandTests",
      dependencies: [
        "Model", "GradientFlow", "Grid", "LimitFit", "ResultStore", "Cluster", "Failpoints", "gammaplane",
        "gammaplane-worker",
        .product(name: "GRDB", package: "GRDB.swift"),
      ],
      swiftSettings: strict),
  ]
)
