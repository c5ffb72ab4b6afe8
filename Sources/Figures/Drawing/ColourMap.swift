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

/// A perceptually uniform colour map that readers with colour-vision deficiency can read.
///
/// F. Crameri, Scientific colour maps, doi:10.5281/zenodo.1243862 (© 2020 Fabio Crameri, MIT
/// licence); F. Crameri, G. E. Shephard, P. J. Heron, The misuse of colour in science
/// communication, Nature Communications 11, 5444, 2020. Each has 33 equally spaced samples of the
/// published 256; linear interpolation between them is never further than 2/255 from the original.
struct ColourMap: Hashable {
  /// From the lower end to the upper one.
  let stops: [Colour]

  /// The colour at a fraction of the way from the lower end to the upper one; beyond, the ends are
  /// used.
  func colour(at fraction: Double) -> Colour {
    let position = min(max(fraction, 0), 1) * Double(stops.count - 1)
    let lower = min(Int(position.rounded(.down)), stops.count - 2)
    return stops[lower].mixed(with: stops[lower + 1], fraction: position - Double(lower))
  }

  /// The same from the other end.
  var reversed: ColourMap { ColourMap(stops: stops.reversed()) }

  private init(stops: [Colour]) { self.stops = stops }
  private init(_ stops: [UInt32]) { self.init(stops: stops.map { Colour($0) }) }

  /// Diverging: blue, a light neutral centre, red.
  static let vik = ColourMap([
    0x001261, 0x021F69, 0x022B71, 0x023779, 0x034481, 0x045089, 0x0C5E92, 0x1B6D9B, 0x2F7CA6, 0x478DB1,
    0x609DBC, 0x79ADC7, 0x92BDD2, 0xACCCDC, 0xC5DBE5, 0xDCE5E9, 0xECE5E1, 0xEEDACF, 0xE9CBB9, 0xE2BBA4,
    0xDCAB8F, 0xD59C7B, 0xCF8E68, 0xC97F55, 0xC37243, 0xBC6331, 0xB3531F, 0xA5400E, 0x932E06, 0x832106,
    0x741506, 0x660A07, 0x590008,
  ])

  /// Sequential: dark blue, green, ochre, pale pink.
  static let batlow = ColourMap([
    0x011959, 0x08255B, 0x0D315D, 0x0F3B5F, 0x114360, 0x134B61, 0x165262, 0x1B5962, 0x226061, 0x2A655E,
    0x356A59, 0x406F54, 0x4D734D, 0x597646, 0x667A3F, 0x737E38, 0x818232, 0x90862D, 0xA08A2B, 0xB08D2E,
    0xBF9035, 0xCE923F, 0xDB954C, 0xE8985B, 0xF29D6C, 0xF8A27E, 0xFCA891, 0xFDAEA3, 0xFDB4B4, 0xFDBAC5,
    0xFCC0D6, 0xFBC6E8, 0xFACCFA,
  ])

  /// Sequential: almost black, red, orange, pale yellow.
  static let lajolla = ColourMap([
    0x191900, 0x201C04, 0x271E08, 0x2F210D, 0x372411, 0x412716, 0x4C2B1C, 0x592F22, 0x663429, 0x753931,
    0x853D38, 0x95423F, 0xA64644, 0xB64A48, 0xC54F4A, 0xD1564C, 0xD95F4E, 0xDE6A4F, 0xE1744F, 0xE37E50,
    0xE58751, 0xE79152, 0xE99A52, 0xEBA353, 0xEDAD54, 0xEFB755, 0xF1C159, 0xF4CD62, 0xF7D972, 0xFAE588,
    0xFCEF9F, 0xFEF7B6, 0xFFFECB,
  ])
}
