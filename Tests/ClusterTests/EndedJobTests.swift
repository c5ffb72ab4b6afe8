import Testing

@testable import Cluster

/// What Slurm says of jobs that are over.
struct EndedJobTests {
  private let key = SweepKey(sweep: "tiny", folder: "/data/results/tiny")

  /// As `scontrol --oneliner show job` of 22.05 prints it.
  private func line(_ name: String, _ end: String, task: String = "ArrayJobId=1 ArrayTaskId=2 ") -> String {
    "JobId=3 \(task)JobName=\(name) UserId=root(0) Account=(null) \(end) RunTime=00:00:00 "
      + "Command=/data/a JobState=RUNNING b/array.sh WorkDir=/data Comment=x  Power= "
  }

  @Test(arguments: [
    ("JobState=FAILED Reason=NonZeroExitCode Dependency=(null) Requeue=1 Restarts=1 ExitCode=1:0", true),
    ("JobState=NODE_FAIL Reason=None ExitCode=0:0", true), ("JobState=PREEMPTED ExitCode=75:0", true),
    // Time was up, and nothing had come of it; the program has ended with an error; it was killed;
    // all is well; a user has ended it.
    ("JobState=FAILED Reason=NonZeroExitCode ExitCode=75:0", false),
    ("JobState=FAILED Reason=NonZeroExitCode ExitCode=74:0", false),
    ("JobState=FAILED Reason=RaisedSignal:9(Killed) ExitCode=0:9", false),
    ("JobState=COMPLETED Reason=None ExitCode=0:0", false),
    ("JobState=CANCELLED Reason=None ExitCode=1:0", false),
    ("JobState=OUT_OF_MEMORY ExitCode=0:125", false), ("JobState=TIMEOUT ExitCode=0:0", false),
    ("JobState=RUNNING ExitCode=0:0", false),
  ])
  func whatIsLost(end: String, isLost: Bool) throws {
    let jobs = EndedJob.all(in: line(key.jobName(submission: "s4"), end), key: key)
    let job = try #require(jobs.first)
    #expect(jobs.count == 1 && job.isLoss == isLost)
    #expect(job.array == 1 && job.task == 2 && job.submission == "s4")
  }

  /// Where a node has failed, processes may live on.
  @Test(arguments: [
    ("COMPLETED", true), ("FAILED", true), ("CANCELLED", true), ("TIMEOUT", true), ("OUT_OF_MEMORY", true),
    ("NODE_FAIL", false), ("RUNNING", false), ("PENDING", false), ("COMPLETING", false),
  ])
  func whatIsOver(state: String, isOver: Bool) throws {
    let text = line(key.jobName(submission: "s4"), "JobState=\(state) ExitCode=0:0")
    let job = try #require(EndedJob.all(in: text, key: key).first)
    #expect(job.isOver == isOver && job.id == "1_2")
  }

  @Test func othersArePassedOver() {
    let end = "JobState=FAILED ExitCode=1:0"
    let text = [
      line(key.jobName(submission: "s1", role: "merge"), end, task: ""), line("another", end), "",
      "garbage = =",
      "slurm_load_jobs error: Invalid job id specified",
      line(key.jobName(submission: "s1"), "ExitCode=1:0").replacing("JobState=RUNNING", with: ""),
    ].joined(separator: "\n")
    #expect(EndedJob.all(in: text, key: key).isEmpty)
    let alone = EndedJob.all(in: line(key.jobName(submission: "s1"), end, task: ""), key: key)
    #expect(alone.map(\.array) == [3] && alone.map(\.task) == [nil])
  }
}
