/// A colour of sRGB.
struct Colour: Hashable {
  var red, green, blue: UInt8

  init(_ rgb: UInt32) {
    red = UInt8(truncatingIfNeeded: rgb >> 16)
    green = UInt8(truncatingIfNeeded: rgb >> 8)
    blue = UInt8(truncatingIfNeeded: rgb)
  }

  init(red: UInt8, green: UInt8, blue: UInt8) {
    self.red = red
    self.green = green
    self.blue = blue
  }

  /// As SVG writes it: `#` and six hexadecimal digits.
  var hex: String {
    let digits = String(0x100_0000 | UInt32(red) << 16 | UInt32(green) << 8 | UInt32(blue), radix: 16)
    return "#" + digits.dropFirst()
  }

  /// The colour a fraction of the way to another, mixed as sRGB values.
  func mixed(with other: Colour, fraction: Double) -> Colour {
    func mix(_ a: UInt8, _ b: UInt8) -> UInt8 {
      UInt8(min(max((Double(a) + fraction * (Double(b) - Double(a))).rounded(), 0), 255))
    }
    return Colour(
      red: mix(red, other.red), green: mix(green, other.green), blue: mix(blue, other.blue))
  }

  /// How bright it looks, in [0, 1], for choosing ink that can be read on it; gamma is taken as 2.
  var brightness: Double {
    let (r, g, b) = (Double(red) / 255, Double(green) / 255, Double(blue) / 255)
    return (0.2126 * r * r + 0.7152 * g * g + 0.0722 * b * b).squareRoot()
  }
}

/// *vik*, a perceptually uniform diverging colour map that readers with colour-vision deficiency can read.
///
/// F. Crameri, Scientific colour maps, doi:10.5281/zenodo.1243862 (© 2020 Fabio Crameri, MIT licence);
/// F. Crameri, G. E. Shephard, P. J. Heron, The misuse of colour in science communication, Nature
/// Communications 11, 5444, 2020. These are 33 equally spaced samples of the published 256; linear
/// interpolation between them is never further than 2/255 from the original.
enum Vik {
  /// From the negative end to the positive one; the middle one is the neutral centre.
  static let stops: [Colour] = [
    0x001261, 0x021F69, 0x022B71, 0x023779, 0x034481, 0x045089, 0x0C5E92, 0x1B6D9B, 0x2F7CA6, 0x478DB1,
    0x609DBC, 0x79ADC7, 0x92BDD2, 0xACCCDC, 0xC5DBE5, 0xDCE5E9, 0xECE5E1, 0xEEDACF, 0xE9CBB9, 0xE2BBA4,
    0xDCAB8F, 0xD59C7B, 0xCF8E68, 0xC97F55, 0xC37243, 0xBC6331, 0xB3531F, 0xA5400E, 0x932E06, 0x832106,
    0x741506, 0x660A07, 0x590008,
  ].map { Colour($0) }

  /// The colour of a value.
  ///
  /// - Parameter value: from −1 to 1, 0 being the neutral centre; beyond, the ends are used.
  static func colour(at value: Double) -> Colour {
    let position = (min(max(value, -1), 1) + 1) / 2 * Double(stops.count - 1)
    let lower = min(Int(position.rounded(.down)), stops.count - 2)
    return stops[lower].mixed(with: stops[lower + 1], fraction: position - Double(lower))
  }
}
