import Foundation
import Model

/// What one repeat of a benchmark measured: one line of the output.
struct Measurement: Encodable {
  /// The point of the plane.
  let setting: Setting
  /// m.
  let width: Int
  /// n.
  let samples: Int
  /// The step tolerance.
  let tolerance: Double
  /// Time to sample the initial values alone, in seconds.
  let sampling: Lap
  /// Time of the run, in seconds; with its initial values in the benchmark `sampling`, without in
  /// `flow`.
  let run: Lap
  /// How the run ended.
  let result: RunResult
  /// The largest resident memory of this process so far, in bytes.
  let peakBytes = peakResidentBytes()

  enum CodingKeys: String, CodingKey {
    case width, samples, tolerance, outcome, steps
    case samplingSeconds = "sampling_seconds"
    case samplingCPUSeconds = "sampling_cpu_seconds"
    case runSeconds = "run_seconds"
    case runCPUSeconds = "run_cpu_seconds"
    case peakBytes = "peak_bytes"
  }

  func encode(to encoder: any Encoder) throws {
    try setting.encode(to: encoder)
    try result.quantities.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(width, forKey: .width)
    try container.encode(samples, forKey: .samples)
    try container.encode(tolerance, forKey: .tolerance)
    try container.encode(sampling.wall, forKey: .samplingSeconds)
    try container.encode(sampling.cpu, forKey: .samplingCPUSeconds)
    try container.encode(run.wall, forKey: .runSeconds)
    try container.encode(run.cpu, forKey: .runCPUSeconds)
    try container.encode(result.outcome, forKey: .outcome)
    try container.encode(result.steps, forKey: .steps)
    try container.encode(peakBytes, forKey: .peakBytes)
  }

  /// Prints the line, at once: the reader may stop waiting at any time.
  func print() throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    var line = try encoder.encode(self)
    line.append(UInt8(ascii: "\n"))
    try FileHandle.standardOutput.write(contentsOf: line)
  }
}

/// How long something took, in seconds.
struct Lap {
  /// Wall time.
  let wall: Double
  /// Time on all cores together; where it is less than the wall time of serial work, the machine
  /// was busy.
  let cpu: Double

  /// Nothing took any time.
  static let none = Lap(wall: 0, cpu: 0)

  /// Times `work`, and gives what it yields.
  static func time<Value>(_ work: () throws -> Value) rethrows -> (Lap, Value) {
    let clock = ContinuousClock()
    let (start, startCPU) = (clock.now, cpuSeconds())
    let value = try work()
    let (end, endCPU) = (clock.now, cpuSeconds())
    return (Lap(wall: start.duration(to: end) / .seconds(1), cpu: endCPU - startCPU), value)
  }

  private static func cpuSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}

/// The largest resident memory of this process so far, in bytes.
///
/// Linux counts it in `VmHWM`. `getrusage` would not do there: its value outlives `exec`, so that a
/// small program inherits the memory of the one that started it.
func peakResidentBytes() -> Int {
  if let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
    let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
    let kilobytes = line.split(whereSeparator: { !$0.isNumber }).first.flatMap({ Int($0) })
  {
    return kilobytes * 1024
  }
  var usage = rusage()
  #if canImport(Darwin)
    getrusage(RUSAGE_SELF, &usage)
    return usage.ru_maxrss
  #else
    getrusage(0, &usage)  // RUSAGE_SELF, which C libraries declare with different types
    return usage.ru_maxrss * 1024
  #endif
}
