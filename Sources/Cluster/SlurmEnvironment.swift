/// The environment in which the programs of Slurm are run.
///
/// Variables stand for options: `SQUEUE_STATES=R` hides what waits, and `SBATCH_PARTITION` has
/// precedence over the options in a batch script (sbatch(1), “input environment variables”). A
/// request must mean the same in every environment.
public enum SlurmEnvironment {
  /// The variables of sbatch for options whose variable is not `SBATCH_NAME`, by the names of the
  /// options.
  private static let variables = [
    "array": ["SBATCH_ARRAY_INX"], "time": ["SBATCH_TIMELIMIT"], "chdir": [], "dependency": [],
    "mem": ["SBATCH_MEM_PER_NODE", "SBATCH_MEM_PER_CPU", "SBATCH_MEM_PER_GPU"],
    "mem-per-cpu": ["SBATCH_MEM_PER_NODE", "SBATCH_MEM_PER_CPU", "SBATCH_MEM_PER_GPU"],
    "requeue": ["SBATCH_REQUEUE", "SBATCH_NO_REQUEUE"],
  ]
  /// Short options of sbatch for which there is a variable, by their letters.
  private static let long: [Character: String] = [
    "p": "partition", "t": "time", "A": "account", "q": "qos", "C": "constraint", "o": "output", "e": "error",
    "D": "chdir", "i": "input", "k": "no-kill", "m": "distribution",
  ]

  /// The environment of this process without what would change what the programs of Slurm are
  /// asked.
  ///
  /// - Parameters:
  ///   - own: the environment of this process.
  ///   - script: the batch script that is to be submitted, if one is; its options hold.
  public static func cleaned(_ own: [String: String], submitting script: String? = nil) -> [String: String] {
    var environment = own.filter { !$0.key.hasPrefix("SQUEUE_") && !$0.key.hasPrefix("SCANCEL_") }
    // Another cluster is meant for all programs: what is submitted there has to be found there.
    if let clusters = environment.removeValue(forKey: "SBATCH_CLUSTERS") {
      environment["SLURM_CLUSTERS"] = clusters
    }
    environment["SBATCH_WAIT"] = nil
    for name in script.map(options) ?? [] {
      let regular = "SBATCH_" + name.uppercased().replacing("-", with: "_")
      for variable in variables[name] ?? [regular] { environment[variable] = nil }
    }
    return environment
  }

  /// The options that a batch script sets, by their long names.
  private static func options(_ script: String) -> [String] {
    script.split(separator: "\n").compactMap { line in
      guard line.hasPrefix("#SBATCH ") else { return nil }
      let word = line.dropFirst("#SBATCH ".count).drop { $0 == "\"" || $0 == " " }
      if word.hasPrefix("--") { return String(word.dropFirst(2).prefix { $0 != "=" && $0 != "\"" }) }
      return word.dropFirst().first.flatMap { long[$0] }
    }
  }
}
