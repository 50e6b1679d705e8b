/**
 * Random numbers that any language can repeat to the last bit, and the normal distribution.
 *
 * An estimate is kept for years and must come out the same when it is run again, so the generator, its
 * seeding, its warm-up and the way a draw becomes a normal deviate are all fixed here.
 */

/** The next 32-bit draw, 0 to 4294967295. */
export type Draws = () => number

/**
 * Generator sfc32 (C. Doty-Humphrey, PractRand), 128 bits of state: the first bits of the fractions of the
 * golden ratio, pi and e, and the seed xor DEADBEEF; 15 draws are thrown away. Only the low 32 bits of the
 * seed count.
 */
export function sfc32(seed: number): Draws {
  let a = 0x9e3779b9 | 0
  let b = 0x243f6a88 | 0
  let c = 0xb7e15162 | 0
  let d = seed ^ 0xdeadbeef
  const next = () => {
    const drawn = (((a + b) | 0) + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + drawn) | 0
    return drawn >>> 0
  }
  for (let i = 0; i < 15; i++) next()
  return next
}

/** A uniform deviate strictly between 0 and 1: the middle of the draw's cell, so that its normal is finite. */
export function uniform(draws: Draws): number {
  return (draws() + 0.5) / 4294967296
}

/**
 * The normal deviate below which a share p of the distribution lies, 0 < p < 1; relative error about 1e-16.
 * Source: M. J. Wichura, algorithm AS 241 (PPND16), Applied Statistics 37 (1988) 477-484.
 */
export function inverseNormal(p: number): number {
  if (!(p > 0 && p < 1)) throw new RangeError(`A probability lies between 0 and 1, got ${p}.`)
  const q = p - 0.5
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q
    return (q * polynomial(CENTER_TOP, r)) / polynomial(CENTER_BOTTOM, r)
  }
  const r = Math.sqrt(-Math.log(q < 0 ? p : 1 - p))
  const size =
    r <= 5
      ? polynomial(MIDDLE_TOP, r - 1.6) / polynomial(MIDDLE_BOTTOM, r - 1.6)
      : polynomial(TAIL_TOP, r - 5) / polynomial(TAIL_BOTTOM, r - 5)
  return q < 0 ? -size : size
}

/**
 * The share of the normal distribution below z; relative error about 1e-16 z² in the tail.
 * Source: W. J. Cody, Rational Chebyshev approximations for the error function, Math. Comp. 23 (1969) 631-637.
 */
export function normalCdf(z: number): number {
  const x = Math.abs(z) * Math.SQRT1_2
  if (x <= 0.46875) {
    const s = x * x
    const erf = (x * polynomial(ERF_TOP, s)) / polynomial(ERF_BOTTOM, s)
    return z < 0 ? 0.5 - 0.5 * erf : 0.5 + 0.5 * erf
  }
  const tail = 0.5 * erfc(x)
  return z < 0 ? tail : 1 - tail
}

/** Complementary error function for x above 0.46875. */
function erfc(x: number): number {
  if (x > 27) return 0
  // exp(-x²) in two factors, so that the rounding of x² does not reach the result.
  const head = Math.trunc(x * 16) / 16
  const decay = Math.exp(-head * head) * Math.exp(-(x - head) * (x + head))
  if (x <= 4) return (decay * polynomial(ERFC_TOP, x)) / polynomial(ERFC_BOTTOM, x)
  const s = 1 / (x * x)
  const correction = (s * polynomial(FAR_TOP, s)) / polynomial(FAR_BOTTOM, s)
  return (decay * (INVERSE_SQRT_PI - correction)) / x
}

const INVERSE_SQRT_PI = 0.5641895835477563

/** Value of the polynomial whose coefficients stand highest power first. */
function polynomial(coefficients: readonly number[], x: number): number {
  let value = 0
  for (const coefficient of coefficients) value = value * x + coefficient
  return value
}

// AS 241, highest power first.
const CENTER_TOP = [
  2509.0809287301227, 33430.57558358813, 67265.7709270087, 45921.95393154987, 13731.69376550946,
  1971.5909503065513, 133.14166789178438, 3.3871328727963665,
]
const CENTER_BOTTOM = [
  5226.495278852546, 28729.085735721943, 39307.89580009271, 21213.794301586597, 5394.196021424751,
  687.1870074920579, 42.31333070160091, 1,
]
const MIDDLE_TOP = [
  0.0007745450142783414, 0.022723844989269184, 0.2417807251774506, 1.2704582524523684, 3.6478483247632045,
  5.769497221460691, 4.630337846156546, 1.4234371107496835,
]
const MIDDLE_BOTTOM = [
  1.0507500716444169e-9, 0.0005475938084995345, 0.015198666563616457, 0.14810397642748008, 0.6897673349851,
  1.6763848301838038, 2.053191626637759, 1,
]
const TAIL_TOP = [
  2.0103343992922881e-7, 0.000027115555687434876, 0.0012426609473880784, 0.026532189526576124,
  0.29656057182850487, 1.7848265399172913, 5.463784911164114, 6.657904643501103,
]
const TAIL_BOTTOM = [
  2.0442631033899397e-15, 1.421511758316446e-7, 0.000018463183175100548, 0.0007868691311456133,
  0.014875361290850615, 0.1369298809227358, 0.599832206555888, 1,
]

// Cody 1969, highest power first.
const ERF_TOP = [
  0.18577770618460315, 3.1611237438705655, 113.86415415105016, 377.485237685302, 3209.3775891384694,
]
const ERF_BOTTOM = [1, 23.601290952344122, 244.02463793444417, 1282.6165260773723, 2844.236833439171]
const ERFC_TOP = [
  2.1531153547440383e-8, 0.5641884969886701, 8.883149794388377, 66.11919063714163, 298.6351381974001,
  881.952221241769, 1712.0476126340707, 2051.0783778260716, 1230.3393547979972,
]
const ERFC_BOTTOM = [
  1, 15.744926110709835, 117.6939508913125, 537.1811018620099, 1621.3895745666903, 3290.7992357334597,
  4362.619090143247, 3439.3676741437216, 1230.3393548037495,
]
const FAR_TOP = [
  0.016315387137302097, 0.30532663496123236, 0.36034489994980445, 0.12578172611122926, 0.016083785148742275,
  0.0006587491615298378,
]
const FAR_BOTTOM = [
  1, 2.568520192289822, 1.8729528499234673, 0.5279051029514285, 0.06051834131244132, 0.0023352049762686918,
]
