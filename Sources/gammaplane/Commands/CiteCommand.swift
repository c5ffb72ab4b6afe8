import ArgumentParser
import Model
import Networks
import Orchestration

/// `gammaplane cite`.
struct CiteCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cite",
    abstract: "Print how to cite the program, and the theory of its figures.",
    discussion: """
      BibTeX on standard output. CITATION.cff holds the same for the program.

      \(ExitStatus.help)
      """)

  func run() throws {
    Console.print(
      """
      @software{gammaplane,
        title   = {{gammaplane}: phase diagrams of neural networks over the initialisation exponents},
        author  = {{The gammaplane authors}},
        version = {\(Program.version)},\(Program.commit.map { "\n  note    = {commit \($0)}," } ?? "")
        license = {MIT}
      }

      @article{LuoXuMaZhang2021,
        title   = {Phase Diagram for Two-layer {ReLU} Neural Networks at Infinite-width Limit},
        author  = {Luo, Tao and Xu, Zhi-Qin John and Ma, Zheng and Zhang, Yaoyu},
        journal = {Journal of Machine Learning Research},
        volume  = {22},
        number  = {71},
        pages   = {1--47},
        year    = {2021},
        url     = {https://jmlr.org/papers/v22/20-1123.html}
      }
      """)
  }
}
