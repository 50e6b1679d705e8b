/** What a number format makes of a number: a date, a time, digits with zeros before them, or itself. */

export type NumberFormat =
  | { readonly kind: 'number' }
  /** A day, a time of day, or both, as far as the number has them. */
  | { readonly kind: 'date' }
  /** Hours that go on after 24: `[h]:mm`. */
  | { readonly kind: 'duration' }
  /** At least so many digits, and what stands around them: `00000000`, `"CAM-"0000`. */
  | { readonly kind: 'padded'; readonly digits: number; readonly before: string; readonly after: string }

const PLAIN: NumberFormat = { kind: 'number' }
const DATE: NumberFormat = { kind: 'date' }
const DURATION: NumberFormat = { kind: 'duration' }

/** Numbers of formats that files name without spelling them. Source: ECMA-376, part 1, 18.8.30. */
const BUILT_IN: readonly (readonly [from: number, to: number, NumberFormat])[] = [
  [14, 22, DATE],
  [27, 36, DATE],
  [45, 45, DATE],
  [46, 46, DURATION],
  [47, 47, DATE],
  [50, 58, DATE],
]

export function builtInFormat(id: number): NumberFormat {
  return BUILT_IN.find(([from, to]) => id >= from && id <= to)?.[2] ?? PLAIN
}

/** Read a format code such as `[$-409]d\-mmm\-yy;@`. Its first section is the one for positive numbers. */
export function parseFormat(code: string): NumberFormat {
  const { literal, letters } = firstSection(code)
  if (/\[(?:h+|m+|s+)\]/i.test(letters)) return DURATION
  const bare = letters.replace(/\[[^\]]*\]/g, '')
  if (/general/i.test(bare)) return PLAIN
  const padded = /^(\uE000*)(0{2,})(\uE000*)$/.exec(bare)
  if (padded !== null) {
    const before = literal.slice(0, padded[1]!.length)
    return { kind: 'padded', digits: padded[2]!.length, before, after: literal.slice(padded[1]!.length) }
  }
  // The e of 0.00E+00 is no year of an era.
  return /[ymdhs]/i.test(bare.replace(/E[+-]/gi, '').replace(/AM\/PM|A\/P/gi, 'h')) ? DATE : PLAIN
}

/** Stands in `letters` for each character that is shown as it is. */
const SHOWN = '\uE000'

/** The first section: its literal characters, and the rest of it with a mark for each of them. */
function firstSection(code: string): { literal: string; letters: string } {
  let literal = ''
  let letters = ''
  for (let i = 0; i < code.length; i++) {
    const c = code[i]!
    if (c === ';') break
    if (c === '"') {
      const end = code.indexOf('"', i + 1)
      const text = code.slice(i + 1, end === -1 ? code.length : end)
      literal += text
      letters += SHOWN.repeat(text.length)
      i = end === -1 ? code.length : end
    } else if (c === '\\') {
      literal += code[++i] ?? ''
      letters += SHOWN
    } else if (c === '_' || c === '*')
      i++ // room for a character, or a filling
    else if (c === '[') {
      const end = code.indexOf(']', i)
      letters += code.slice(i, end === -1 ? code.length : end + 1)
      i = end === -1 ? code.length : end
    } else letters += c
  }
  return { literal, letters }
}
