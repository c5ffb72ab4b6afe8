import Model
import Networks

/// The JSON form of a run and its result.
struct FlowReport: Encodable {
  let run: Run
  let ending: FlowEnding
  let problem: Problem

  private enum CodingKeys: String, CodingKey { case setting, width, seed, target, tolerance, trajectory }

  func encode(to encoder: any Encoder) throws {
    try ending.result.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(run.setting, forKey: .setting)
    try container.encode(run.width, forKey: .width)
    try container.encode(run.seed, forKey: .seed)
    try container.encode(problem.target, forKey: .target)
    try container.encode(problem.tolerance, forKey: .tolerance)
    let trajectory = ending.arrays.trajectory
    let points = trajectory.map { course in
      course.points.map { NamedNumbers(zip(course.columns, $0).map { (name: $0, value: $1) }) }
    }
    try container.encodeIfPresent(points, forKey: .trajectory)
  }
}
