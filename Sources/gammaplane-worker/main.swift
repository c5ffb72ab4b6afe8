import FlowWorker
import Model
import Networks

FlowWorker(families: .builtIn, name: "gammaplane-worker \(Program.version)").run()
