/** `_x000D_` in a text stands for the character; `_x005F_` for the underscore that would begin such a thing. */
const ESCAPE = /_x([0-9A-Fa-f]{4})_/g

export function unescaped(text: string): string {
  if (!text.includes('_x')) return text
  return text
    .replace(ESCAPE, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replace(/\p{Surrogate}/gu, '\uFFFD') // half a character, which no database takes
}
