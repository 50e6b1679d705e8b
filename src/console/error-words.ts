/** What the API says of a wrong field, in the words of a form. Pure. */
import { inDayWords } from './parts/words.tsx'

type Say = string | ((found: RegExpExecArray, name: string) => string)

export const IS_NEEDED = 'is needed'
const CHOOSE = 'choose one of the list'
const DAY = 'must be a day that exists'

/** Forms take dollars where the API takes cents. */
const isMoney = (name: string) => /Cents$|^(?:low|expected|high|cents)$/.test(name)

const bound = (text: string | undefined, name: string) =>
  (isMoney(name) ? Number(text) / 100 : Number(text)).toLocaleString('en-US', { useGrouping: isMoney(name) })

const WORDS: readonly (readonly [message: RegExp, say: Say])[] = [
  [/^Invalid input: expected .*, received undefined$/, IS_NEEDED],
  [/^must not be empty$/, IS_NEEDED],
  [
    /^Invalid input: expected (?:number|int), received (?:string|null|NaN)$/,
    (_, name) =>
      isMoney(name) ? 'must be an amount such as 1,250 or 1250.00' : 'must be a number such as 12',
  ],
  [/^Invalid input: expected int, received number$/, 'must be a whole number'],
  [/^Invalid input: expected boolean, /, 'choose yes or no'],
  [/^Invalid input/, 'cannot be read'],
  [/^Invalid option/, CHOOSE],
  [/^must be a UUID$/, CHOOSE],
  [
    /^Too big: expected number to be <=(-?[\d.]+)$/,
    ([, most], name) => `must be at most ${bound(most, name)}`,
  ],
  [
    /^Too big: expected number to be <(-?[\d.]+)$/,
    ([, most], name) => `must be less than ${bound(most, name)}`,
  ],
  [
    /^Too small: expected number to be >=(-?[\d.]+)$/,
    ([, least], name) => `must be at least ${bound(least, name)}`,
  ],
  [
    /^Too small: expected number to be >(-?[\d.]+)$/,
    ([, least], name) => `must be more than ${bound(least, name)}`,
  ],
  [/^must be a real day written YYYY-MM-DD$/, DAY],
  [/^must be an RFC 3339 instant$/, DAY],
  [/^must be an ISO 4217 code such as (\w+)$/, ([, such]) => `must be three letters such as ${such}`],
  [/^must be an ISO 3166-1 code such as (\w+)$/, ([, such]) => `must be two letters such as ${such}`],
  [
    /^must be a USPS code of a state such as (\w+)$/,
    ([, such]) => `must be the two letters of a state, such as ${such}`,
  ],
  [
    /^must be a name of the IANA time zone database such as (.+)$/,
    ([, such]) => `must be a time zone such as ${such}`,
  ],
  [/^must have 64 hex digits$/, 'must have 64 characters, each a digit or a letter from a to f'],
]

/** `name` is that of the field. What has no other words stands as the API says it, with its days in words. */
export function errorWords(name: string, message: string): string {
  for (const [pattern, say] of WORDS) {
    const found = pattern.exec(message)
    if (found !== null) return typeof say === 'string' ? say : say(found, name)
  }
  return inDayWords(message)
}
