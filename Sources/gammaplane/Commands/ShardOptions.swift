import ArgumentParser
import Cluster

/// Options of `run` for one shard of a sweep.
struct ShardOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Only this shard of the sweep, such as 3/8: the runs are divided into so many of equal cost, in \
      the same way everywhere. Results go to RESULTS/NAME/shards; `gammaplane merge` merges them.
      """, valueName: "i/n"), transform: Self.shard)
  var shard: Shard?

  @Option(
    help: ArgumentHelp(
      """
      With --shard: a folder on a disk of this machine for the database while runs are under way; it \
      is copied beside the sweep every minute and at the end.
      """, valueName: "dir"), completion: .directory)
  var scratch: String?

  @Flag(
    help:
      "With --shard, in a task of Slurm: when SIGUSR1 announces the end of its time, ask to be queued again.")
  var requeue = false

  private static func shard(_ text: String) throws -> Shard {
    if let shard = Shard(text) { return shard }
    throw ValidationError(
      "name a shard and how many there are, from 1/N to N/N, such as 3/8 (\(Shard.maxCount) at most).")
  }

  func validate() throws {
    if shard == nil, scratch != nil || requeue {
      throw ValidationError("--scratch and --requeue go with --shard; name a shard, such as --shard 3/8.")
    }
    if scratch?.isEmpty == true {
      throw ValidationError("--scratch is empty; name a folder, or leave it out.")
    }
  }
}
