import Model
import Testing

@testable import Cluster

/// What Slurm says, and what is made of it.
struct QueueTests {
  private let key = SweepKey(sweep: "a-b.c", folder: "/data/results/a-b.c")

  private func report(_ ending: TaskReport.Ending?, updated: Double = 1000) throws -> TaskReport {
    var report = TaskReport(
      shard: try #require(Shard("1/2")), token: "t", attempt: 1, pid: 1, host: "n", job: nil, started: 0,
      interval: 20,
      total: 5)
    report.updated = updated
    report.ending = ending
    return report
  }

  private func job(_ state: String, _ reason: String = "None") -> QueuedJob {
    QueuedJob(id: "7_1", task: 1, state: state, node: "", reason: reason, submission: "s1", isMerge: false)
  }

  @Test func keysTellSweepsAndFoldersApart() {
    #expect(SweepKey(sweep: "a", folder: "/x").description != SweepKey(sweep: "b", folder: "/x").description)
    #expect(SweepKey(sweep: "a", folder: "/x").description != SweepKey(sweep: "a", folder: "/y").description)
    #expect(key.description.count == 12)
    #expect(key.jobName(submission: "s2") == "gammaplane-a-b.c-\(key)-s2")
  }

  @Test func aJobIsKnownByItsNameOrElseItsComment() {
    for role in ["", "merge"] {
      let name = key.jobName(submission: "s3", role: role)
      let comment = key.comment(submission: "s3", role: role)
      for (name, comment) in [(name, ""), ("other", comment), (name, comment)] {
        let found = key.submission(jobName: name, comment: comment)
        #expect(found?.name == "s3" && found?.isMerge == (role == "merge"), "\(name) \(comment)")
      }
    }
    let other = SweepKey(sweep: "a", folder: "/data/results/a-b.c")
    #expect(
      key.submission(jobName: other.jobName(submission: "s1"), comment: other.comment(submission: "s1"))
        == nil)
    #expect(key.submission(jobName: "", comment: "") == nil)
  }

  @Test func aListingIsReadWhateverElseIsInIt() {
    let name = key.jobName(submission: "s1")
    let listing = QueueListing(
      parsing: """
        slurm is slow today
        4711|1|RUNNING|n1|\(name)|c|None
        4711|[3-5,9%2]|PENDING||\(name)|c|Nodes required for job are DOWN|or so
        4712|N/A|PENDING||\(name)-merge|c|Dependency
        4713|2|COMPLETED||\(name)|c|None
        12|N/A|RUNNING|n1|another user's|gammaplane|None
        |||||

        """, key: key)
    #expect(listing.jobs.map(\.id) == ["4711_1", "4711_3", "4711_4", "4711_5", "4711_9", "4712"])
    #expect(listing.jobs[1].reason == "Nodes required for job are DOWN|or so")
    #expect(listing.jobs.map(\.isMerge) == [false, false, false, false, false, true])
    #expect(QueueListing(parsing: "", key: key).jobs.isEmpty)
  }

  @Test(arguments: ["[1-", "-", "5-3", "a", "N/A", "", "1-999999999999", "[]"])
  func whatNamesNoTasksNamesNone(text: String) { #expect(QueueListing.tasks(text[...]).isEmpty) }

  /// The states of a task, by what the queue and the task say.
  @Test func statesAreWhatQueueAndTaskSay() throws {
    let now = 1010.0
    func state(_ queued: QueuedJob?, _ report: TaskReport?, known: Bool = true) -> TaskState {
      TaskState(queued: queued, report: report, queueIsKnown: known, now: now)
    }
    #expect(state(job("PENDING", "Priority"), nil) == .queued(reason: "Priority"))
    #expect(state(job("PENDING", "BeginTime"), try report(.interrupted)) == .queued(reason: "BeginTime"))
    #expect(state(job("RUNNING"), nil) == .starting)
    #expect(state(job("RUNNING"), try report(nil)) == .running)
    #expect(state(job("RUNNING"), try report(nil, updated: 0)) == .stale)
    // Of an attempt before.
    #expect(state(job("RUNNING"), try report(.interrupted)) == .starting)
    #expect(state(nil, nil) == .missing)
    #expect(state(nil, try report(nil, updated: 0)) == .lost)
    #expect(state(nil, try report(nil)) == .running)
    #expect(state(nil, try report(.interrupted)) == .interrupted)
    #expect(state(nil, try report(.failed)) == .failed)
    for known in [true, false] {
      #expect(state(nil, try report(.finished), known: known) == .finished)
      #expect(state(job("COMPLETING"), try report(.finished), known: known) == .finished)
    }
    for ending in [nil, TaskReport.Ending.interrupted, .failed] {
      #expect(state(nil, try report(ending, updated: 0), known: false) == .unknown)
    }
    #expect(state(nil, nil, known: false) == .unknown)
  }

  @Test func aJobNumberIsFoundBelowRemarks() {
    #expect(SlurmAnswers.jobNumber(sbatch: "4711\n") == 4711)
    #expect(SlurmAnswers.jobNumber(sbatch: "4711;cluster\n") == 4711)
    #expect(SlurmAnswers.jobNumber(sbatch: "Your project has 3 hours left\n4711\n") == 4711)
    for text in ["", "Submitted\n", "error 7"] { #expect(SlurmAnswers.jobNumber(sbatch: text) == nil) }
  }

  @Test func theLimitOfArraysIsRead() {
    let config =
      "Configuration data as of …\nMaxArraySize            = 1001\nMaxJobCount             = 10000\n"
    #expect(SlurmAnswers.maxTasks(config: config) == 1000)
    #expect(SlurmAnswers.maxTasks(config: "MaxArraySize = 100001\nMaxJobCount = 500\n") == 499)
    #expect(SlurmAnswers.maxTasks(config: "") == nil)
  }

  /// What sbatch 22.05 says, and what to do.
  @Test(arguments: [
    ("sbatch: error: Batch job submission failed: Invalid job array specification", "--tasks"),
    (
      "sbatch: error: QOSMaxSubmitJobPerUserLimit\nsbatch: error: Batch job submission failed: Job violates accounting/QOS policy",
      "fewer tasks"
    ),
    (
      "sbatch: error: invalid partition specified: x\nsbatch: error: Batch job submission failed: Invalid partition name specified",
      "sinfo -s"
    ),
    (
      "sbatch: error: Batch job submission failed: Invalid account or account/partition combination specified",
      "partition"
    ),
    (
      "sbatch: error: Batch job submission failed: Requested time limit is invalid (missing or exceeds some limit)",
      "--time"
    ),
    (
      "sbatch: error: Batch job submission failed: Requested node configuration is not available",
      "--cpus-per-task"
    ),
    ("sbatch: error: Memory specification can not be satisfied", "--mem"),
    (
      "sbatch: error: Batch job submission failed: Unable to contact slurm controller (connect failure)",
      "nothing twice"
    ),
    (
      "sbatch: error: Batch job submission failed: User's group not permitted to use this partition",
      "partition"
    ),
    ("sbatch: error: Batch job submission failed: Access/permission denied", "administrators"),
    ("what?", "correct what"),
  ])
  func everyRefusalHasARemedy(says: String, remedy: String) {
    #expect(SlurmAnswers.remedy(sbatchError: says, tasks: 100).contains(remedy))
  }
}

/// The batch scripts.
struct ScriptTests {
  private func script(_ request: SlurmRequest, folder: String = "/data/results/tiny/shards/s1") -> JobScript {
    JobScript(
      key: SweepKey(sweep: "tiny", folder: "/data/results/tiny"), submission: "s1", folder: folder, shards: 8,
      program: "/opt/phase sweep/gammaplane", request: request, notice: 120,
      environment: ["GAMMAPLANE_WORKER": "/w"],
      mergeCommand: ["/opt/phase sweep/gammaplane", "merge", folder], mergeMemory: 300 << 20)
  }

  @Test func everythingAskedForIsInTheScript() {
    let text = script(
      SlurmRequest(
        tasks: 8, partition: "short", account: "physics", time: "1-12", memory: 3 << 30, cpusPerTask: 16,
        scratch: "$LOCAL/x", options: ["--qos=low", "--mail-user=a@b.c"])
    ).array
    let lines = text.split(separator: "\n").map(String.init)
    #expect(lines[0] == "#!/bin/bash")
    for line in [
      "--array=1-8", "--partition=short", "--account=physics", "--time=1-12", "--mem=3072M",
      "--cpus-per-task=16",
      "--qos=low", "--mail-user=a@b.c", "--signal=B:USR1@120", "--requeue", "--open-mode=append",
      "--output=/data/results/tiny/shards/s1/%a.log",
    ] { #expect(lines.contains("#SBATCH \(line)"), "\(line)") }
    #expect(lines.contains("export GAMMAPLANE_WORKER=/w"))
    #expect(
      lines.last
        == "exec '/opt/phase sweep/gammaplane' run /data/results/tiny/shards/s1 --shard \"$SLURM_ARRAY_TASK_ID/8\" --requeue --scratch \"$LOCAL/x\""
    )
    // Directives after the first command are none to sbatch.
    let first = lines.firstIndex { !$0.hasPrefix("#") } ?? 0
    #expect(!lines[first...].contains { $0.hasPrefix("#SBATCH") })
  }

  @Test func withoutScratchThereIsNone() {
    #expect(!script(SlurmRequest(scratch: "none")).array.contains("--scratch"))
    #expect(script(SlurmRequest()).array.contains("--scratch \"${SLURM_TMPDIR:-${TMPDIR:-/tmp}}\""))
  }

  @Test func foldersWithBlanksAndPerCentSignsAreSafe() {
    let text = script(SlurmRequest(), folder: "/my data/50%").array
    #expect(text.contains("#SBATCH \"--output=/my data/50%%/%a.log\""))
    #expect(text.contains("run '/my data/50%' --shard"))
  }

  /// As sbatch 22.05 reads them: quotes group, # begins a comment, a backslash takes the next
  /// character as it is.
  @Test func foldersThatSbatchWouldMisreadAreQuoted() {
    for folder in ["/o'brien/x", "/run#3/x", "/say \"x\"/y"] {
      let line = script(SlurmRequest(), folder: folder).array.split(separator: "\n")
        .first { $0.contains("--output=") }
      #expect(
        line == "#SBATCH \"--output=\(folder.replacing("\"", with: "\\\""))/%a.log\"", "\(line ?? "none")")
      #expect(JobScript.objection(toFolder: folder) == nil)
    }
    for folder in ["/a\\b", "/a\nb", "/a\tb"] { #expect(JobScript.objection(toFolder: folder) != nil) }
  }

  @Test func theJobThatMergesTakesNoMoreMemoryThanItNeeds() {
    #expect(script(SlurmRequest(memory: 64 << 30)).merge.contains("#SBATCH --mem=300M\n"))
    let otherwise = script(SlurmRequest(memory: 64 << 30, options: ["--mem-per-cpu=2G"]))
    for text in [otherwise.array, otherwise.merge] {
      #expect(!text.contains("--mem=") && text.contains("--mem-per-cpu=2G"), "\(text)")
    }
  }

  /// Variables that stand for options neither hide jobs nor have precedence over what the script
  /// says.
  @Test func variablesDoNotChangeWhatIsAsked() {
    let own = [
      "SQUEUE_STATES": "R", "SQUEUE_FORMAT": "%i", "SCANCEL_STATE": "PENDING", "SBATCH_WAIT": "1",
      "SBATCH_JOB_NAME": "mine", "SBATCH_PARTITION": "debug", "SBATCH_TIMELIMIT": "1",
      "SBATCH_ARRAY_INX": "1",
      "SBATCH_MEM_PER_CPU": "1G", "SBATCH_NO_REQUEUE": "1", "SBATCH_QOS": "low", "SBATCH_ACCOUNT": "physics",
      "SLURM_CONF": "/c", "PATH": "/bin", "SBATCH_CLUSTERS": "b",
    ]
    let text = script(SlurmRequest(partition: "long", time: "90", memory: 1 << 30, options: ["-qhigh"])).array
    #expect(
      SlurmEnvironment.cleaned(own, submitting: text)
        == ["SBATCH_ACCOUNT": "physics", "SLURM_CONF": "/c", "PATH": "/bin", "SLURM_CLUSTERS": "b"])
    // What was not asked for here stays as the user has it.
    let plain = SlurmEnvironment.cleaned(own, submitting: script(SlurmRequest()).array)
    #expect(plain["SBATCH_PARTITION"] == "debug" && plain["SBATCH_TIMELIMIT"] == "1")
  }

  @Test(arguments: [
    ("90", 5400.0), ("1:30", 90), ("04:00:00", 14400), ("1-12", 129_600), ("2-0:30", 174_600), ("0-0:0:5", 5),
    ("UNLIMITED", .infinity),
  ])
  func timeLimitsAreReadAsSlurmReadsThem(text: String, seconds: Double) {
    #expect(SlurmRequest.seconds(ofTimeLimit: text) == seconds)
  }

  @Test(arguments: ["", "soon", "-5", "1:2:3:4", "0", "1-", "1-2-3", "4h", "1.5", "::", "99999999999999"])
  func whatIsNoTimeLimitIsNone(text: String) { #expect(SlurmRequest.seconds(ofTimeLimit: text) == nil) }

  @Test(arguments: [
    "--array=1-3", "--arr=1-3", "--job=x", "--sig=B:INT@1", "--clusters=b", "-Mb", "-a", "-a1-3",
    "--job-name=x", "-Jx", "--comment=x", "--wrap=ls", "low", "--a=\"b\"",
    "--x=a b", "",
  ])
  func optionsThatWouldDoHarmAreRefused(word: String) {
    #expect(SlurmRequest.objection(toOption: word) != nil)
  }

  @Test(arguments: [
    "--qos=low", "-C", "-Cavx2", "--constraint=[a|b]", "--wait-all-nodes=1", "--no-kill",
    "--mail-user=a@b.c", "--exclusive", "--account=x",
  ])
  func otherOptionsArePassedOn(word: String) { #expect(SlurmRequest.objection(toOption: word) == nil) }

  @Test func whatIsSaidLaterCounts() {
    let grid = SlurmRequest(tasks: 4, partition: "a", options: ["--x"])
    let line = SlurmRequest(tasks: 8, options: ["--y"])
    #expect(grid.overridden(by: line) == SlurmRequest(tasks: 8, partition: "a", options: ["--x", "--y"]))
  }
}
