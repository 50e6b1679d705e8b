/**
 * The numbers that spreadsheets keep dates as: days since the end of 1899, or since the start of 1904.
 *
 * Excel counts a 29 February 1900, which never was: serial 60. Serial 0 is shown as 1900-01-00.
 */

/** 9999-12-31. */
const LAST_SERIAL = 2_958_465
const DAY_MILLIS = 86_400_000
const DAY_SECONDS = 86_400
/** Days between the two systems. Source: ECMA-376, part 1, 18.17.4.1. */
const DAYS_TO_1904 = 1462

/** `2024-03-15`, `2024-03-15T18:00:00`, `18:00:00`; null when there is no such day. */
export function dateText(serial: number, is1904: boolean): string | null {
  if (!(serial >= 0)) return null
  let day = Math.floor(serial)
  let seconds = Math.round((serial - day) * DAY_SECONDS)
  if (seconds === DAY_SECONDS) {
    day++
    seconds = 0
  }
  if (day === 0 && seconds > 0 && !is1904) return clock(seconds)
  const date = dayText(day, is1904)
  if (date === null) return null
  return seconds === 0 ? date : `${date}T${clock(seconds)}`
}

function dayText(day: number, is1904: boolean): string | null {
  const serial = is1904 ? day + DAYS_TO_1904 : day
  if (serial > LAST_SERIAL || serial === 60) return null
  // What formulas make of a blank cell; shown so, it is known as no date.
  if (serial === 0) return '1900-01-00'
  const date = new Date(Date.UTC(1899, 11, serial < 60 ? 31 : 30) + serial * DAY_MILLIS)
  return date.toISOString().slice(0, 10)
}

/** Hours that go on after 24: `36:00:00`; null when negative or beyond the last day. */
export function durationText(serial: number): string | null {
  return serial >= 0 && serial <= LAST_SERIAL ? clock(Math.round(serial * DAY_SECONDS)) : null
}

function clock(seconds: number): string {
  const two = (value: number) => String(value).padStart(2, '0')
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
}
