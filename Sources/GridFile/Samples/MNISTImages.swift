import DataFiles
import DelimitedText
import Foundation
import Model

/// Images of digits and their labels, from files in the form of MNIST that the user has.
///
/// IDX files (`train-images-idx3-ubyte` and `train-labels-idx1-ubyte`, or the same with `.gz`), or
/// one CSV file, each line of it a label and the pixels of an image, with or without a header. Grey
/// values from 0 to 255 become x from 0 to 1, the label is y.
struct MNISTImages {
  /// The file of images.
  var file: String
  /// The file of labels; nil: that beside the images which has its name with `labels` for `images`.
  /// A CSV file has them inside.
  var labels: String?

  /// The first so many images.
  ///
  /// - Throws: ``MNISTError``.
  func samples(_ count: Int) throws(MNISTError) -> (x: [[Double]], y: [Double]) {
    let bytes = try Self.contents(of: file)
    let isCSV = file.lowercased().hasSuffix(".csv")
    guard !isCSV else { return try fromCSV(String(decoding: bytes, as: UTF8.self), count) }
    let images = try Self.array(bytes, file)
    guard images.shape.count == 3 else {
      throw MNISTError(file: file, reason: "it holds no images: its shape is \(Self.text(images.shape))")
    }
    let labelsFile = labels ?? Self.labels(of: file)
    let digits = try Self.array(try Self.contents(of: labelsFile), labelsFile)
    guard digits.shape == [images.shape[0]] else {
      throw MNISTError(
        file: labelsFile,
        reason: "it has the shape \(Self.text(digits.shape)), and there are \(images.shape[0]) images")
    }
    try check(count, of: images.shape[0])
    let pixels = images.shape[1] * images.shape[2]
    let x = (0..<count).map { image in
      images.values[image * pixels..<(image + 1) * pixels].map { Double($0) / 255 }
    }
    return (x, digits.values.prefix(count).map { Double($0) })
  }

  private func check(_ count: Int, of all: Int) throws(MNISTError) {
    guard count <= all else {
      throw MNISTError(file: file, reason: "it has \(all) images, and \(count) are asked for")
    }
  }

  private func fromCSV(_ text: String, _ count: Int) throws(MNISTError) -> (x: [[Double]], y: [Double]) {
    var reader = CSVReader(text)
    var (x, y): ([[Double]], [Double]) = ([], [])
    var isFirst = true
    while y.count < count {
      let record: CSVRecord?
      do throws(CSVError) { record = try reader.next() } catch {
        throw MNISTError(file: file, reason: "\(error)")
      }
      guard let record else { break }
      defer { isFirst = false }
      let values = record.fields.map { Double($0.text) }
      // A header has names.
      if isFirst, values.allSatisfy({ $0 == nil }) { continue }
      let numbers = values.compactMap { $0 }
      guard numbers.count == values.count, numbers.count == (x.first?.count ?? numbers.count - 1) + 1,
        numbers.count > 1, numbers.dropFirst().allSatisfy({ (0...255).contains($0) })
      else {
        throw MNISTError(
          file: file, reason: "line \(record.line) is no label followed by grey values from 0 to 255")
      }
      y.append(numbers[0])
      x.append(numbers.dropFirst().map { $0 / 255 })
    }
    try check(count, of: y.count)
    return (x, y)
  }

  private static func array(_ bytes: [UInt8], _ file: String) throws(MNISTError) -> IDXArray {
    do throws(DataFileError) { return try IDXArray(bytes) } catch {
      throw MNISTError(file: file, reason: "\(error)")
    }
  }

  private static func contents(of file: String) throws(MNISTError) -> [UInt8] {
    guard let data = FileManager.default.contents(atPath: file) else {
      throw MNISTError(file: file, reason: "there is no such file, or it cannot be read")
    }
    return Array(data)
  }

  /// The name of the labels that belong to images.
  private static func labels(of file: String) -> String {
    let (folder, name) = ((file as NSString).deletingLastPathComponent, (file as NSString).lastPathComponent)
    let labels = name.replacing("images", with: "labels").replacing("idx3", with: "idx1")
    return folder.isEmpty ? labels : "\(folder)/\(labels)"
  }

  private static func text(_ shape: [Int]) -> String { "(\(shape.map { "\($0)" }.joined(separator: ", ")))" }
}

/// Files that hold no such images.
struct MNISTError: Error, Hashable {
  /// The file at fault.
  var file: String
  /// What is wrong with it, a clause.
  var reason: String
}
