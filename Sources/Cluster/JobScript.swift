import Model
import Platform

/// The batch scripts of a submission, as text that people can read, change and submit by hand.
public struct JobScript: Hashable, Sendable {
  /// The sweep's key.
  public var key: SweepKey
  /// The name of the submission.
  public var submission: String
  /// Its folder, as an absolute path.
  public var folder: String
  /// How many shards.
  public var shards: Int
  /// The program `gammaplane`, as an absolute path.
  public var program: String
  /// What is asked of Slurm; memory and cores are given.
  public var request: SlurmRequest
  /// How long before the end of its time a task is notified, in seconds.
  public var notice: Int
  /// Variables to set in the environment of the tasks, by name.
  public var environment: [String: String]
  /// The command that merges, as words for the shell.
  public var mergeCommand: [String]
  /// What merging and fitting may take, in bytes.
  public var mergeMemory: Int

  /// Scripts; see the properties.
  public init(
    key: SweepKey, submission: String, folder: String, shards: Int, program: String, request: SlurmRequest,
    notice: Int, environment: [String: String], mergeCommand: [String], mergeMemory: Int
  ) {
    self.key = key
    self.submission = submission
    self.folder = folder
    self.shards = shards
    self.program = program
    self.request = request
    self.notice = notice
    self.environment = environment
    self.mergeCommand = mergeCommand
    self.mergeMemory = mergeMemory
  }

  /// The folder on the disk of a node where none is asked for.
  public static let defaultScratch = "${SLURM_TMPDIR:-${TMPDIR:-/tmp}}"

  /// The script of the array: a task for each shard.
  public var array: String {
    var lines = ["#!/bin/bash"]
    lines += [
      "# Written by `gammaplane submit slurm`: task i of the array runs shard i of \(shards) of the sweep",
      "# \(key.sweep). By hand: sbatch THIS, and for some of the tasks sbatch --array=3,7 THIS; results are safe.",
    ]
    lines += directives([
      "--job-name=\(key.jobName(submission: submission))",
      "--comment=\(key.comment(submission: submission))",
      "--array=1-\(shards)",
      "--nodes=1", "--ntasks=1",
      "--cpus-per-task=\(request.cpusPerTask ?? 1)",
      isMemoryAskedOtherwise ? nil : request.memory.map { "--mem=\(mebibytes($0))M" },
      request.time.map { "--time=\($0)" },
      request.partition.map { "--partition=\($0)" },
      request.account.map { "--account=\($0)" },
      "--output=\(escaped(folder))/%a.log", "--open-mode=append",
    ])
    lines.append("# Notified in time, a task checkpoints its runs and asks to be queued again.")
    lines += directives(["--requeue", "--signal=B:USR1@\(notice)"])
    lines += further
    lines += exports
    lines.append("# In place of this shell, so that it gets the signals.")
    var words = [
      shellQuoted(program), "run", shellQuoted(folder), "--shard", "\"$SLURM_ARRAY_TASK_ID/\(shards)\"",
      "--requeue",
    ]
    let scratch = request.scratch ?? Self.defaultScratch
    if scratch != "none" { words += ["--scratch", "\"\(scratch)\""] }
    lines.append("exec " + words.joined(separator: " "))
    return lines.joined(separator: "\n") + "\n"
  }

  /// The script of the job that merges what the tasks have left, however they ended.
  public var merge: String {
    var lines = ["#!/bin/bash"]
    lines.append(
      "# Written by `gammaplane submit slurm`: merges the results of the tasks into the database of the sweep."
    )
    lines += directives([
      "--job-name=\(key.jobName(submission: submission, role: "merge"))",
      "--comment=\(key.comment(submission: submission, role: "merge"))",
      "--nodes=1", "--ntasks=1", "--cpus-per-task=1",
      // Without a request and a default of the cluster, a job gets all memory of a node, and waits
      // for it.
      isMemoryAskedOtherwise ? nil : "--mem=\(mebibytes(mergeMemory))M",
      request.time.map { "--time=\($0)" },
      request.partition.map { "--partition=\($0)" },
      request.account.map { "--account=\($0)" },
      "--output=\(escaped(folder))/merge.log", "--open-mode=append",
    ])
    lines += further
    lines += exports
    lines.append("exec " + mergeCommand.map(shellQuoted).joined(separator: " "))
    return lines.joined(separator: "\n") + "\n"
  }

  /// sbatch refuses a script that asks for memory in two ways.
  private var isMemoryAskedOtherwise: Bool {
    request.options.contains { $0.hasPrefix("--mem-per-") || $0.hasPrefix("--mem=") }
  }

  private var further: [String] {
    request.options.isEmpty ? [] : ["# As asked for."] + directives(request.options.map { $0 })
  }

  private var exports: [String] {
    [""] + environment.sorted { $0.key < $1.key }.map { "export \($0.key)=\(shellQuoted($0.value))" }
  }

  private func directives(_ options: [String?]) -> [String] {
    options.compactMap { option in
      option.map { option in
        // To sbatch a blank ends a word, and # begins a comment, unless there are quotes around
        // them.
        let isPlain = !option.contains { $0.isWhitespace || "\"'#\\".contains($0) }
        let safe = option.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        return "#SBATCH " + (isPlain ? option : "\"\(safe)\"")
      }
    }
  }

  /// Why Slurm could not write its logs into a folder; nil if it can.
  public static func objection(toFolder path: String) -> String? {
    // A backslash keeps Slurm from putting the number of the task into the name of its log.
    let isSafe = path.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7f && $0 != "\\" }
    return isSafe ? nil : "there is a backslash or a control character in its name"
  }

  /// In names of files, Slurm replaces what follows a per cent sign.
  private func escaped(_ path: String) -> String { path.replacing("%", with: "%%") }

  private func mebibytes(_ bytes: Int) -> Int { max(1, (bytes + (1 << 20) - 1) >> 20) }
}
