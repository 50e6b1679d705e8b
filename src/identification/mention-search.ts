/**
 * Which texts two readers may read otherwise, as a regular expression that PostgreSQL runs over the lower-case text: so
 * that after a change of the law a few devices are read again and not all. It finds more than it must and misses nothing.
 */
import { LONG_NAME, LOOKALIKES, type Mentions } from './mentions.ts'

/** Letters of other scripts are folded before they are read; single letters with something between them are joined. */
const ALWAYS = ['[^\\x01-\\x7f]', '\\\\', '([a-z][ ._-]){4,}[a-z]']
const APART = '[^a-z0-9]+'

/** Null when every text has to be read. */
export function textsReadOtherwise(a: Mentions, b: Mentions): string | null {
  // A model number may be written with anything between its parts.
  if (textOf(a.sought.patterns) !== textOf(b.sought.patterns)) return null
  const names = new Set([...a.sought.names, ...b.sought.names].map(([name]) => name))
  const moved = [...names].filter((name) => meant(name, a) !== meant(name, b))
  return [...ALWAYS, ...moved.flatMap(waysToWrite)].join('|')
}

/** Whom a name means, as he is called. */
function meant(name: string, { sought }: Mentions): string {
  const vendor = sought.names.get(name)
  return vendor === undefined ? '' : `${vendor} ${sought.shown.get(vendor)}`
}

function textOf(patterns: Mentions['sought']['patterns']): string {
  return patterns.map(({ pattern, vendor }) => `${vendor} ${pattern.source}`).join('\n')
}

/** A name in letters of another script is in the texts that are always read. */
function waysToWrite(name: string): string[] {
  if (!/^[a-z0-9 ]+$/.test(name)) return []
  const written = name.split(' ').join(APART)
  return isLong(name) ? [written, nearly(name)] : [written]
}

const isLong = (name: string) => name.length >= LONG_NAME && !name.includes(' ')

/**
 * A word with a letter more, a letter less or both begins as the name does and holds a third of the rest of it as it is,
 * digits standing for the letters that they look like.
 */
function nearly(name: string): string {
  const [first, rest] = [name.slice(0, 1), name.slice(1)]
  const third = Math.floor(rest.length / 3)
  const parts = [rest.slice(0, third), rest.slice(third, 2 * third), rest.slice(2 * third)]
  return `(^|[^a-z0-9])${likeness(first)}[a-z0-9]*(${parts.map(likeness).join('|')})`
}

const DIGITS = new Map(Object.entries(LOOKALIKES).map(([digit, letter]) => [letter, digit]))

const likeness = (letters: string) =>
  letters.replace(/[a-z]/g, (letter) => (DIGITS.has(letter) ? `[${letter}${DIGITS.get(letter)}]` : letter))
