/// The answers of the programs of Slurm, as far as they matter here.
public enum SlurmAnswers {
  /// The number of the job that `sbatch --parsable` names: "4711", or "4711;cluster" where there
  /// are several. Nil if it names none.
  public static func jobNumber(sbatch output: String) -> Int? {
    // On some sites sbatch prints remarks before.
    output.split(whereSeparator: \.isNewline).last.flatMap { line in
      line.split(separator: ";").first.flatMap { Int($0.filter { !$0.isWhitespace }) }
    }
  }

  /// A number in the output of `scontrol show config`; nil if it is not there.
  public static func setting(_ name: String, in config: String) -> Int? {
    for line in config.split(separator: "\n") {
      let parts = line.split(separator: "=", maxSplits: 1).map { $0.filter { !$0.isWhitespace } }
      if parts.count == 2, parts[0] == name { return Int(parts[1]) }
    }
    return nil
  }

  /// The largest number of tasks that an array numbered from 1 may have, by the output of `scontrol
  /// show config`; nil if it has no limit. MaxArraySize is one more than the largest number of a
  /// task (slurm.conf(5)), and every task counts as a job.
  public static func maxTasks(config: String) -> Int? {
    let limits = [
      setting("MaxArraySize", in: config).map { $0 - 1 }, setting("MaxJobCount", in: config).map { $0 - 1 },
    ]
    return limits.compactMap { $0 }.min()
  }

  /// What to do when `sbatch` has refused a job.
  ///
  /// - Parameters:
  ///   - error: its message.
  ///   - tasks: how many tasks were asked for.
  public static func remedy(sbatchError error: String, tasks: Int) -> String {
    let text = error.lowercased()
    func mentions(_ parts: String...) -> Bool { parts.contains { text.contains($0) } }
    if mentions("is not installed") {
      return
        "run this where the cluster's own commands are installed: on a login node, perhaps after `module load slurm`; "
        + "--dry-run shows everywhere what would be submitted"
    }
    if mentions("job array index", "invalid job array", "maxarraysize", "job array specification") {
      return
        "ask for fewer tasks (--tasks; `scontrol show config | grep MaxArraySize` shows the limit)"
    }
    if mentions("submitjob", "maxjobs", "qosmaxsubmit", "assocmaxsubmit", "job count", "maxjobcount") {
      return
        "the cluster lets you have fewer jobs at once than \(tasks): ask for fewer tasks (--tasks), each of which then does "
        + "more, or wait until earlier jobs have ended"
    }
    if mentions("access denied", "access/permission", "permission denied", "invalid user", "not permitted") {
      return
        "this user may not do that; name another partition (--partition; `sinfo -s` lists them), or ask the administrators"
    }
    if mentions("policy", "qos", "association") {
      return
        "your account or QOS does not allow this: ask for fewer tasks, cores, memory or hours (--tasks, --cpus-per-task, "
        + "--mem, --time), or name another account or QOS (`slurm.account`, or `-- --qos=NAME`)"
    }
    if mentions("partition") {
      return "name a partition that is there (--partition; `sinfo -s` lists them)"
    }
    if mentions("account") {
      return "name an account that you may use (`slurm.account` in the grid, or `-- --account=NAME`)"
    }
    if mentions("time limit") { return "ask for less time (--time; `sinfo -o '%P %l'` lists the limits)" }
    if mentions("memory specification", "memory required") {
      return "ask for less memory (--mem; `sinfo -o '%P %m'` lists what nodes have), or for fewer cores"
    }
    if mentions("node configuration", "cpu count", "more processors") {
      return
        "ask for fewer cores or less memory (--cpus-per-task, --mem; `sinfo -o '%P %c %m'` lists what nodes have)"
    }
    if mentions(
      "contact", "connect", "communication", "timed out", "timeout", "socket", "configuration source", "dns")
    {
      return
        "the controller of the cluster does not answer; run the same command again later: it first checks whether "
        + "the jobs have arrived, and submits nothing twice"
    }
    return "correct what sbatch complains about, and run the same command again"
  }
}
