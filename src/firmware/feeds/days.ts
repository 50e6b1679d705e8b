/** Days by which feeds limit builds, in the ways they are written. */
import { addDays, isRealDay, type PlainDate, plainDate } from '../../lib/calendar.ts'

const MONTHS = 'january february march april may june july august september october november december'.split(
  ' ',
)
const MONTH = `(?:${MONTHS.map((month) => `${month.slice(0, 3)}(?:${month.slice(3)})?`).join('|')})\\.?`

/** `2021-06-28`, `2021/6/28`, `20210628`, `210628`, `June 28, 2021`, `28 June 2021`, `June 2021`. */
const DAY = String.raw`(?:\d{4}[-/]\d{1,2}(?:[-/]\d{1,2})?|\d{8}|\d{6}|${MONTH} \d{1,2}(?:st|nd|rd|th)?,? \d{4}|\d{1,2} ${MONTH},? \d{4}|${MONTH},? \d{4})`

const BUILT = `(?:build[- ]?(?:time|date)?s?|built|compiled|dated|released|firmware|versions?|releases?)`

const BEFORE = new RegExp(
  String.raw`\b${BUILT}(?: (?:are|is|was|were|which|that|of|on|time|date))*:? (?:is |are |was )?(?:before|prior to|earlier than|older than|until) (?:build )?(${DAY})(?![\w./-]*\d)`,
  'i',
)
const BARE = new RegExp(`^(?:before|prior to|earlier than) (?:builds? )?(${DAY})$`, 'i')
const UNTIL = new RegExp(
  String.raw`^(?:builds?|built)(?: (?:on|of|date|time))*:? ?(${DAY}) (?:and|or) (?:prior|earlier|before|older|below)\b`,
  'i',
)

/** The day before which a text says that firmware was built, the last of several; null when it names none. */
export function buildLimit(text: string): PlainDate | null {
  const plain = text.replace(/\s+/g, ' ').trim()
  const days = builtBefore(plain).map(({ day }) => day)
  if (days.length > 0) return days.toSorted().at(-1)!
  const before = readDay(BARE.exec(plain)?.[1])
  if (before !== null) return before
  const until = readDay(UNTIL.exec(plain)?.[1])
  return until === null ? null : addDays(until, 1)
}

/** Each "built before" of a text with its day, and where it stands. */
export function builtBefore(text: string): readonly { day: PlainDate; from: number; to: number }[] {
  return [...text.matchAll(new RegExp(BEFORE, 'gi'))].flatMap((match) => {
    const day = readDay(match[1])
    return day === null ? [] : [{ day, from: match.index, to: match.index + match[0].length }]
  })
}

/** The first day that a text means: a month is its first day. Six digits are a day of this century. */
function readDay(text: string | undefined): PlainDate | null {
  if (text === undefined) return null
  const digits = /^(\d{4}|\d{2})(\d{2})(\d{2})$/.exec(text)
  if (digits) return dayFrom(digits[1]!.length === 2 ? `20${digits[1]}` : digits[1]!, digits[2]!, digits[3]!)
  const parted = /^(\d{4})[-/](\d{1,2})(?:[-/](\d{1,2}))?$/.exec(text)
  if (parted) return dayFrom(parted[1]!, parted[2]!, parted[3] ?? '1')
  const month = /[a-z]{3}/i.exec(text)?.[0].toLowerCase()
  const numbers = text.match(/\d+/g) ?? []
  if (month === undefined || numbers.length === 0) return null
  const position = MONTHS.findIndex((name) => name.startsWith(month)) + 1
  return dayFrom(numbers.at(-1)!, String(position), numbers.length > 1 ? numbers[0]! : '1')
}

function dayFrom(year: string, month: string, day: string): PlainDate | null {
  const [y, m, d] = [Number(year), Number(month), Number(day)]
  return isRealDay(y, m, d) ? plainDate(y, m, d) : null
}
