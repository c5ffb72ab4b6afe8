import Testing

@testable import Model

/// The course of a run as an array.
struct TrajectoryTests {
  private func trajectory(_ times: [Double], rd: Double = 0.5) -> Trajectory {
    Trajectory(columns: ["time", "rd"], points: times.map { [$0, rd] })
  }

  @Test func itIsReadBack() throws {
    let whole = trajectory([0, 1e-200, 1e200])
    #expect(Trajectory(whole.array) == whole)
    #expect(Trajectory(try NumericArray(npy: whole.array.npy)) == whole)
    #expect(whole.times == [0, 1e-200, 1e200] && whole.values(of: "rd") == [0.5, 0.5, 0.5])
    #expect(whole.values(of: "x") == nil)
  }

  @Test func whatCannotBeIsNotRead() {
    let many = (0...Trajectory.maxPoints).map { Double($0) }
    #expect(Trajectory(trajectory(Array(many.dropLast())).array) != nil)
    for times in [[], many, [1, 1], [2, 1], [-1, 1], [0, .nan], [0, .infinity]] {
      #expect(Trajectory(trajectory(times).array) == nil, "\(times.prefix(3))")
    }
    #expect(Trajectory(trajectory([0, 1], rd: .nan).array) == nil)
    #expect(Trajectory(NumericArray(columns: [.init("rd"), .init("time")], rows: [[0, 1]])) == nil)
    #expect(Trajectory(NumericArray([0, 1], shape: [2])) == nil)
    #expect(Trajectory(NumericArray(columns: [], rows: [])) == nil)
  }
}

/// Neurons before and after a run as arrays.
struct NeuronSnapshotTests {
  private let each = NeuronSnapshot.each([
    .init(before: .init(orientation: 0.5, amplitude: -1), after: .init(orientation: -3, amplitude: 0)),
    .init(before: .init(orientation: 1, amplitude: 2), after: .init(orientation: 2, amplitude: 4)),
  ])

  private func histograms(_ before: [(bin: Int, amplitude: Double)], _ after: [(bin: Int, amplitude: Double)])
    -> NeuronSnapshot
  {
    func histogram(_ neurons: [(bin: Int, amplitude: Double)]) -> OrientationHistogram {
      var result = OrientationHistogram()
      for neuron in neurons { result.add(bin: neuron.bin, amplitude: neuron.amplitude) }
      return result
    }
    return .histograms(before: histogram(before), after: histogram(after))
  }

  @Test func theyAreReadBack() {
    let some = histograms([(0, -0.5), (359, 0.25), (359, 0.125)], [(5, 0), (6, 0), (7, 0)])
    for snapshot in [each, some, .each([])] { #expect(NeuronSnapshot(snapshot.arrays) == snapshot) }
    #expect(each.width == 2 && some.width == 3)
    guard case .histograms(let before, _) = some else { return }
    #expect(before.positive.count[359] == 2 && before.positive.amplitude[359] == 0.375)
    #expect(before.negative.count[0] == 1 && before.negative.amplitude[0] == 0.5)
  }

  /// 16 bytes a neuron; 23 kB of histograms.
  @Test func theyAreCompact() {
    #expect(each.arrays.values.first?.data.count == 2 * 16)
    #expect(histograms([], []).arrays.values.first?.data.count == 23_040)
  }

  @Test func whatCannotBeIsNotRead() {
    #expect(NeuronSnapshot([:]) == nil)
    let names = ["orientation_before", "amplitude_before", "orientation_after", "amplitude_after"]
    let columns = names.map { NumericArray.Field($0, .float64) }
    func each(_ row: [Double], _ columns: [NumericArray.Field]) -> NeuronSnapshot? {
      NeuronSnapshot([NeuronSnapshot.nameOfEach: NumericArray(columns: columns, rows: [row])])
    }
    #expect(each([0, 1, 2, 3], columns) != nil)
    #expect(each([0, 1, 2, .infinity], columns) == nil)
    #expect(each([0, 1, 2, 3], columns.reversed()) == nil)
    #expect(each([0, 1, 2], Array(columns.dropLast())) == nil)

    func histogram(_ values: [Double], _ shape: [Int]) -> NeuronSnapshot? {
      NeuronSnapshot([NeuronSnapshot.nameOfHistograms: NumericArray(values, shape: shape)])
    }
    let zeros = [Double](repeating: 0, count: 8 * 360)
    #expect(histogram(zeros, [2, 2, 2, 360]) != nil)
    #expect(histogram(zeros, [8, 360]) == nil)
    for wrong in [-1, .nan, .infinity] {
      #expect(histogram([wrong] + zeros.dropFirst(), [2, 2, 2, 360]) == nil)
    }
    #expect(NeuronSnapshot(histograms([(0, 1)], []).arrays) == nil, "no neuron disappears")
  }
}

/// The function before and after a run as an array.
struct FunctionSnapshotTests {
  @Test func itIsReadBack() {
    let function = FunctionSnapshot(points: [
      .init(x: -1, before: 0, after: 0.1), .init(x: 1, before: 1, after: -2),
    ])
    #expect(FunctionSnapshot(function.array) == function && function.array.data.count == 24)
    // The first number of the first row, lowest byte first.
    #expect(Array(function.array.data.prefix(4)) == [0, 0, 0x80, 0xbf])
  }

  @Test func whatCannotBeIsNotRead() {
    #expect(FunctionSnapshot(FunctionSnapshot(points: []).array) == nil)
    #expect(FunctionSnapshot(FunctionSnapshot(points: [.init(x: 0, before: .nan, after: 0)]).array) == nil)
    let columns = ["x", "after", "before"].map { NumericArray.Field($0, .float32) }
    #expect(FunctionSnapshot(NumericArray(columns: columns, rows: [[0, 1, 2]])) == nil)
    let many = [FunctionSnapshot.Point](repeating: .init(x: 0, before: 0, after: 0), count: 10_001)
    #expect(FunctionSnapshot(FunctionSnapshot(points: many).array) == nil)
  }

  @Test func theGridReachesBeyondTheSamples() throws {
    let grid = FunctionSnapshot.grid(for: try SampleSet(x: [0.0, 2], y: [0, 0]))
    #expect(grid.count == 201 && grid.first == -0.5 && abs((grid.last ?? 0) - 2.5) < 1e-12)
    #expect(FunctionSnapshot.grid(for: try SampleSet(x: [1.0], y: [0])).first == 0)
  }
}
