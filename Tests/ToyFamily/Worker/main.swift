import FlowWorker
import Networks
import ToyFamily

FlowWorker(families: NetworkFamilies([ToyFamily()]), name: "toy-worker").run()
