/// What a sweep asks of Slurm: the block `slurm` of a grid file, or the options of `gammaplane
/// submit slurm`. What is nil is left to gammaplane, or to the cluster.
public struct SlurmRequest: Hashable, Sendable, Codable {
  /// How many array tasks, and so shards; at least 1.
  public var tasks: Int?
  /// The partition.
  public var partition: String?
  /// The account to charge.
  public var account: String?
  /// The time limit of a task as sbatch(1) writes it: minutes, `hours:minutes:seconds`,
  /// `days-hours` and so on.
  public var time: String?
  /// The memory of a task, in bytes.
  public var memory: Int?
  /// The cores of a task, and so its workers; at least 1.
  public var cpusPerTask: Int?
  /// Where tasks keep their databases while they run: a folder on the disk of the node, in which
  /// the shell expands variables; `none`: beside the sweep.
  public var scratch: String?
  /// Further options of sbatch, one a word.
  public var options: [String]

  /// A request.
  public init(
    tasks: Int? = nil, partition: String? = nil, account: String? = nil, time: String? = nil,
    memory: Int? = nil, cpusPerTask: Int? = nil, scratch: String? = nil, options: [String] = []
  ) {
    self.tasks = tasks
    self.partition = partition
    self.account = account
    self.time = time
    self.memory = memory
    self.cpusPerTask = cpusPerTask
    self.scratch = scratch
    self.options = options
  }

  /// This request with what another one says in place of its own; further options come after its
  /// own.
  public func overridden(by other: SlurmRequest) -> SlurmRequest {
    SlurmRequest(
      tasks: other.tasks ?? tasks, partition: other.partition ?? partition, account: other.account ?? account,
      time: other.time ?? time, memory: other.memory ?? memory, cpusPerTask: other.cpusPerTask ?? cpusPerTask,
      scratch: other.scratch ?? scratch, options: options + other.options)
  }

  enum CodingKeys: String, CodingKey {
    case tasks, partition, account, time, memory, scratch, options
    case cpusPerTask = "cpus_per_task"
  }

  /// How many bytes an amount of memory is: with a unit such as `8GiB` or `500MB`, or as sbatch(1)
  /// has it, `8G`, `4096M`, or `4096` (MiB); nil if it is neither.
  public static func bytes(ofMemory text: String) -> Int? {
    let units: [(String, Double)] = [
      ("kib", 1024), ("mib", 1_048_576), ("gib", 1_073_741_824), ("tib", 1_099_511_627_776), ("kb", 1e3),
      ("mb", 1e6), ("gb", 1e9), ("tb", 1e12), ("k", 1024), ("m", 1_048_576), ("g", 1_073_741_824),
      ("t", 1_099_511_627_776), ("b", 1), ("", 1_048_576),
    ]
    let text = text.lowercased()
    guard let (unit, factor) = units.first(where: { text.hasSuffix($0.0) }) else { return nil }
    let digits = String(text.dropLast(unit.count)).split(separator: " ").joined()
    let isNumber = digits.utf8.allSatisfy { (48...57).contains($0) || (!unit.isEmpty && $0 == 46) }
    guard isNumber, let value = Double(digits), value * factor >= 1, value * factor < 9e15 else { return nil }
    return Int((value * factor).rounded())
  }

  /// How long a time limit is, in seconds; infinity for `UNLIMITED`; nil if sbatch would not
  /// understand it (https://slurm.schedmd.com/sbatch.html#OPT_time).
  public static func seconds(ofTimeLimit text: String) -> Double? {
    if ["unlimited", "infinite"].contains(text.lowercased()) { return .infinity }
    let halves = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    let parts = (halves.last ?? "").split(separator: ":", omittingEmptySubsequences: false).map { part in
      part.count <= 9 && part.utf8.allSatisfy { (48...57).contains($0) } ? Double(String(part)) : nil
    }
    guard !parts.contains(nil), parts.count <= 3 else { return nil }
    let numbers = parts.compactMap { $0 }
    var seconds: Double
    if halves.count == 2 {
      guard let days = Double(String(halves[0])), days >= 0, days <= 36_500, days == days.rounded() else {
        return nil
      }
      // days-hours[:minutes[:seconds]]
      seconds = days * 86_400 + zip(numbers, [3600.0, 60, 1]).reduce(0) { $0 + $1.0 * $1.1 }
    } else {
      // minutes, minutes:seconds, hours:minutes:seconds
      let units: [Double] = numbers.count == 3 ? [3600, 60, 1] : [60, 1]
      seconds = zip(numbers, units).reduce(0) { $0 + $1.0 * $1.1 }
    }
    return seconds > 0 ? seconds : nil
  }

  /// Whether a word can stand in a line of a batch script: no blanks but spaces, no quotes, nothing
  /// that ends the line.
  public static func isWord(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= 1000
      && text.unicodeScalars.allSatisfy {
        $0.value > 0x20 && $0.value != 0x7f && !"\"'\\#`".unicodeScalars.contains($0)
      }
  }

  /// Whether a text is a folder as ``scratch`` names it: letters, digits, `/ . _ - :` and variables
  /// like `$TMPDIR` or `${TMPDIR:-/tmp}`.
  public static func isScratch(_ text: String) -> Bool {
    guard let first = text.first, text.utf8.count <= 1000 else { return false }
    return text == "none"
      || "/$".contains(first)
        && text.unicodeScalars.allSatisfy {
          $0.isASCII && ($0.properties.isAlphabetic || $0.properties.numericType != nil)
            || "/._-:${}".unicodeScalars.contains($0)
        }
  }

  /// Options of sbatch that submissions set themselves.
  private static let ownOptions = [
    "--array", "-a", "--job-name", "-J", "--comment", "--wrap", "--signal", "--parsable", "--hold", "-H",
    "--test-only", "--requeue", "--no-requeue", "--wait", "-W", "--output", "-o", "--open-mode", "--nodes",
    "-N", "--ntasks", "-n", "--ntasks-per-node", "--mem-per-cpu",
  ]

  /// Options of sbatch that decide how a sweep is divided, and the option of `submit slurm` for
  /// each.
  private static let plannedOptions = [
    (["--time", "-t"], "--time"), (["--mem"], "--mem"), (["--cpus-per-task", "-c"], "--cpus-per-task"),
  ]

  /// Why a further option of sbatch cannot be passed on; nil if it can.
  public static func objection(toOption word: String) -> String? {
    guard isWord(word) else { return "it has blanks, quotes, “#” or “\\” in it, or is empty" }
    guard word.hasPrefix("-") else { return "it does not begin with “-”; write --option=value as one word" }
    let name = word.split(separator: "=", maxSplits: 1).first.map(String.init) ?? word
    func isOne(of options: [String]) -> Bool {
      options.contains { option in
        // sbatch takes what a long option begins with for it.
        option.hasPrefix("--")
          ? name.count > 2 && option.hasPrefix(name) : !name.hasPrefix("--") && name.hasPrefix(option)
      }
    }
    if isOne(of: ["--clusters", "-M"]) {
      return
        "the queue has to be looked at there, too; set the variable SLURM_CLUSTERS, which all programs of Slurm heed"
    }
    if let (_, own) = plannedOptions.first(where: { isOne(of: $0.0) }) {
      let key = own == "--mem" ? "memory" : own.dropFirst(2).replacing("-", with: "_")
      return "the sweep is divided by it; use \(own) before “--”, or slurm.\(key) in the grid"
    }
    return isOne(of: ownOptions) ? "gammaplane sets or needs it itself" : nil
  }
}
