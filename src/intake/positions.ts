/** Where a device stands: decimal degrees, pairs in one cell, WKT points. */
import { type CellIssue, compact, type Point, type Reading, right, unsure } from './reading.ts'

const NUMBER = String.raw`[+-]?\d{1,3}(?:\.\d+)?`
const DEGREES = new RegExp(String.raw`^(?:([NSEW])\s*)?(${NUMBER}|[+-]?\d{1,3},\d+)\s*°?\s*([NSEW])?$`, 'i')
const PAIR = new RegExp(
  String.raw`\(?\s*(${NUMBER})\s*°?\s*([NS])?\s*[,;\s]\s*(${NUMBER})\s*°?\s*([EW])?\s*\)?$`,
  'i',
)
const WKT = new RegExp(
  String.raw`^(?:SRID=4326;\s*)?POINT\s*Z?\s*\(\s*(${NUMBER})\s+(${NUMBER})(?:\s+${NUMBER})?\s*\)$`,
  'i',
)

export function readDegrees(field: 'latitude' | 'longitude', text: string): Reading {
  const match = DEGREES.exec(text)
  if (!match)
    return unsure(
      null,
      'not-a-coordinate',
      `Not a ${field} in decimal degrees, such as ${EXAMPLE[field]}. The position stays unknown.`,
    )
  const letter = (match[1] ?? match[3] ?? '').toUpperCase()
  if (letter !== '' && (field === 'latitude') !== 'NS'.includes(letter)) {
    return unsure(
      null,
      'swapped-coordinates',
      `The letter ${letter} does not go with a ${field}. The columns may be swapped.`,
    )
  }
  const number = Number(match[2]!.replace(',', '.'))
  return right('SW'.includes(letter) && letter !== '' ? -Math.abs(number) : number)
}

const EXAMPLE = { latitude: '30.2665', longitude: '-97.7372' } as const

export function readPoint(text: string): Reading {
  const wkt = WKT.exec(text)
  if (wkt) return right({ latitude: Number(wkt[2]), longitude: Number(wkt[1]) })
  const pair = pairIn(text)
  if (pair === null) {
    return unsure(
      null,
      'not-a-coordinate',
      'Not a position such as "30.2665, -97.7372", "(30.2665, -97.7372)" or "POINT (-97.7372 30.2665)". It stays unknown.',
    )
  }
  return right(pair)
}

/** `lat, lon`, with or without brackets; also in brackets at the end of an address, as open data portals write it. */
function pairIn(text: string): Point | null {
  const match = PAIR.exec(text)
  if (!match || (match.index > 0 && text.charAt(match.index) !== '(')) return null
  const latitude = Number(match[1]) * (match[2]?.toUpperCase() === 'S' ? -1 : 1)
  const longitude = Number(match[3]) * (match[4]?.toUpperCase() === 'W' ? -1 : 1)
  return { latitude, longitude }
}

/**
 * Whether a column of such cells holds positions, whatever it is called. Two numbers alone are none: "1,234.00" is an
 * amount and "44,567" a number with a decimal comma. Both have a fraction, as every position that means a place does,
 * or stand in brackets, and both are in their range.
 */
export function isPointText(text: string): boolean {
  const value = compact(text.trim())
  if (value === null) return false
  if (WKT.test(value)) return true
  const point = pairIn(value)
  if (point === null || positionIssue(point)?.code === 'coordinate-out-of-range') return false
  return /\d\.\d{2,}[^.]*\d\.\d{2,}/.test(value) || /^\(.*\)$/.test(value)
}

/**
 * What is wrong with a position; null when it can be one.
 * No city lies south of 60° S, so a longitude of the Americas in the place of the latitude always shows.
 */
export function positionIssue({ latitude, longitude }: Point): CellIssue | null {
  if (latitude === 0 && longitude === 0)
    return { code: 'no-position', message: 'Latitude and longitude 0 stand for no position.' }
  const isInside = Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180
  const fitsSwapped = Math.abs(longitude) <= 75 && Math.abs(latitude) <= 180
  if ((!isInside || latitude < -60) && fitsSwapped) {
    return {
      code: 'swapped-coordinates',
      message:
        'Latitude and longitude look swapped. Latitude comes first in a pair, longitude in a WKT point.',
    }
  }
  if (!isInside || latitude < -60) {
    return {
      code: 'coordinate-out-of-range',
      message: 'Latitude goes from -60 to 90 and longitude from -180 to 180 degrees.',
    }
  }
  return null
}
