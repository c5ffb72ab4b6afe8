import Model
import Testing

@testable import GridFile

/// The block `slurm` of a grid.
struct SlurmGridTests {
  private func grid(_ slurm: String) -> DemoGrid {
    var grid = DemoGrid()
    grid.rest = slurm
    return grid
  }

  @Test func everythingIsRead() throws {
    let sweep = try grid(
      """
      slurm:
        tasks: 32
        partition: short
        account: physics
        time: 04:00:00
        memory: 8GiB
        cpus_per_task: 16
        scratch: ${TMPDIR:-/tmp}
        options: [--qos=low, "--constraint=[a|b]"]
      """
    ).sweep()
    #expect(
      sweep.slurm
        == SlurmRequest(
          tasks: 32, partition: "short", account: "physics", time: "04:00:00", memory: 8 << 30,
          cpusPerTask: 16,
          scratch: "${TMPDIR:-/tmp}", options: ["--qos=low", "--constraint=[a|b]"]))
  }

  @Test func withoutItThereIsNone() throws { #expect(try grid("").sweep().slurm == nil) }

  @Test(arguments: [
    ("{ tasks: 0 }", "slurm.tasks must be a whole number from 1"),
    ("{ task: 3 }", "unknown key \"task\" in slurm"),
    ("{ time: soon }", "slurm.time must be a time limit"),
    ("{ memory: much }", "slurm.memory must be an amount of memory"),
    ("{ partition: a b }", "slurm.partition must be a name"),
    ("{ scratch: here }", "slurm.scratch must be a folder"),
    ("{ scratch: \"/tmp/$(rm -r x)\" }", "slurm.scratch must be a folder"),
    ("{ options: --x }", "slurm.options must be a list"),
    ("{ options: [--array=1] }", "slurm.options cannot have --array=1"),
    ("{ cpus_per_task: 1.5 }", "slurm.cpus_per_task"),
    ("32", "slurm must be a mapping"),
  ])
  func mistakesAreNamed(text: String, message: String) throws {
    do {
      _ = try grid("slurm: \(text)").sweep()
      Issue.record("nothing is wrong with \(text)")
    } catch {
      #expect("\(error)".contains(message), "\(error)")
    }
  }
}
