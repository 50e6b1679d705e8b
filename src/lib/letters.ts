/** Comparing what people typed. */

/**
 * Small letters as PostgreSQL's `lower` writes them: letter by letter, so that a filter finds the same in the database
 * and in memory. `toLowerCase` looks at the letters around (the last sigma of a word) and makes two of one (İ).
 */
export function lowered(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all that is not ASCII
  if (/^[\x00-\x7f]*$/.test(text)) return text.toLowerCase()
  return Array.from(text, (letter) => String.fromCodePoint(letter.toLowerCase().codePointAt(0)!)).join('')
}

/** Text in one form of letters and one case, without spaces at its ends or twice between: `fold_key` in SQL. */
export function folded(text: string): string {
  return lowered(text.normalize('NFKC').trim().replace(/\s+/g, ' '))
}

/** Letters and digits alone, in one form and one case: without signs that nobody sees, and spaces that look alike. */
function legible(text: string): string {
  return lowered(text.normalize('NFKC')).replace(/\p{Default_Ignorable_Code_Point}|[^\p{L}\p{M}\p{N}]/gu, '')
}

export const isSeen = (text: string): boolean => legible(text) !== ''

/** Whether two names of people are read as the same. */
export const isSameName = (a: string, b: string): boolean => legible(a) === legible(b)
