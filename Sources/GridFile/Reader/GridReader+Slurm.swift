import Model

/// The key `slurm`.
extension GridReader {
  mutating func slurm(_ tree: YAMLTree) -> SlurmRequest {
    var request = SlurmRequest()
    guard let fields = fields(of: tree, .slurm) else { return request }
    request.tasks = fields["tasks"].flatMap { integer($0, "slurm.tasks", from: 1, to: 1_000_000) }
    request.cpusPerTask = fields["cpus_per_task"].flatMap {
      integer($0, "slurm.cpus_per_task", from: 1, to: 4096)
    }
    request.memory = fields["memory"].flatMap { taskMemory($0) }
    request.partition = fields["partition"].flatMap { word($0, "slurm.partition") }
    request.account = fields["account"].flatMap { word($0, "slurm.account") }
    request.time = fields["time"].flatMap { timeLimit($0) }
    request.scratch = fields["scratch"].flatMap { scratch($0) }
    request.options = fields["options"].map { sbatchOptions($0) } ?? []
    return request
  }

  /// A name that Slurm knows.
  private mutating func word(_ tree: YAMLTree, _ what: String) -> String? {
    if case .scalar(let text, _) = tree.content, SlurmRequest.isWord(text) { return text }
    report(
      .type, at: tree.position, "\(what) must be a name without blanks and quotes, found \(tree.found)",
      hint: "write it as you would give it to sbatch")
    return nil
  }

  private mutating func timeLimit(_ tree: YAMLTree) -> String? {
    if case .scalar(let text, _) = tree.content, SlurmRequest.seconds(ofTimeLimit: text) != nil {
      return text
    }
    report(
      .type, at: tree.position,
      "slurm.time must be a time limit as sbatch writes it, found \(tree.found)",
      hint: "write for example 90 (minutes), 04:00:00 (hours) or 1-12 (days and hours)")
    return nil
  }

  /// As sbatch has it, or with a unit.
  private mutating func taskMemory(_ tree: YAMLTree) -> Int? {
    if let bytes = tree.plain.flatMap(SlurmRequest.bytes) { return bytes }
    report(
      tree.plain == nil ? .type : .range, at: tree.position,
      "slurm.memory must be an amount of memory, found \(tree.found)",
      hint: "write for example 8GiB, 8G or 8192, which is MiB as for sbatch")
    return nil
  }

  private mutating func scratch(_ tree: YAMLTree) -> String? {
    if case .scalar(let text, _) = tree.content, SlurmRequest.isScratch(text) { return text }
    report(
      .type, at: tree.position,
      "slurm.scratch must be a folder from the root on, or begin with a variable, or be none, found \(tree.found)",
      hint: "write for example $TMPDIR, /scratch/$USER or none")
    return nil
  }

  private mutating func sbatchOptions(_ tree: YAMLTree) -> [String] {
    guard case .list(let items) = tree.content else {
      report(
        .type, at: tree.position, "slurm.options must be a list of options of sbatch, found \(tree.found)",
        hint: "write for example options: [--qos=low, --constraint=avx2]")
      return []
    }
    return items.compactMap { item in
      guard case .scalar(let text, _) = item.content else {
        report(
          .type, at: item.position, "an option of slurm.options must be a text, found \(item.found)",
          hint: "write for example options: [--qos=low, --constraint=avx2]")
        return nil
      }
      if let objection = SlurmRequest.objection(toOption: text) {
        report(
          .range, at: item.position, "slurm.options cannot have \(item.found): \(objection)",
          hint: "the keys of slurm, and options such as --qos=low, are passed on to sbatch")
        return nil
      }
      return text
    }
  }
}
