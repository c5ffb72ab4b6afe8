/// The environment in which the programs of Slurm are run.
///
/// Variables stand for options: `SQUEUE_STATES=R` hides what waits, and `SBATCH_PARTITION` has precedence over what a batch script says
/// (sbatch(1), “input environment variables”). What is asked for here must mean the same in whatever environment it is asked.
public enum SlurmEnvironment {
  /// Variables of sbatch that say what a script says otherwise, by the names of options; all others are `SBATCH_NAME`.
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

  /// The environment of this process without what would change what the programs of Slurm are asked.
  ///
  /// - Parameters:
  ///   - own: the environment of this process.
  ///   - script: the batch script that is to be submitted, if one is; what it says holds.
  public static func cleaned(_ own: [String: String], submitting script: String? = nil) -> [String: String] {
    var environment = own.filter { !$0.key.hasPrefix("SQUEUE_") && !$0.key.hasPrefix("SCANCEL_") }
    // Whoever asks for another cluster means it for all programs: what is sent there has to be found there.
    if let clusters = environment.removeValue(forKey: "SBATCH_CLUSTERS") {
      environment["SLURM_CLUSTERS"] = clusters
    }
    environment["SBATCH_WAIT"] = nil
    for name in script.map(options) ?? [] {
      let usual = "SBATCH_" + name.uppercased().replacing("-", with: "_")
      for variable in variables[name] ?? [usual] { environment[variable] = nil }
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
