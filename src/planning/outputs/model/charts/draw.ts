/**
 * Drawing of charts as SVG. They are read in black and white: areas are told apart by pattern and label, lines
 * by dash and label. Text widths are estimated, since nothing here can measure; the estimate errs on the wide side.
 */

export interface Chart {
  readonly title: string
  readonly description: string
  readonly table: {
    readonly columns: readonly string[]
    readonly rows: readonly (readonly (string | number | null)[])[]
  }
  readonly svg: string
}

export const WIDTH = 760
const SIZE = 13
export const INK = '#1a1a1a'
export const GRID = '#d0d0d0'

function xml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}

export const round = (n: number) => Math.round(n * 10) / 10

/** Generous width of a text in user units. */
export function widthOf(text: string, size = SIZE): number {
  let units = 0
  for (const character of text)
    units += /[il.,;:'|!() ]/.test(character) ? 0.36 : /[mwMW@%]/.test(character) ? 0.92 : 0.6
  return units * size
}

/** The text, cut with an ellipsis where it would be wider than allowed. */
function fitted(text: string, most: number, size = SIZE): string {
  if (widthOf(text, size) <= most) return text
  let cut = text
  while (cut.length > 1 && widthOf(`${cut}…`, size) > most) cut = cut.slice(0, -1)
  return `${cut.trimEnd()}…`
}

/** At most so many lines; the last is cut. */
export function wrapped(text: string, width: number, size: number, most: number): readonly string[] {
  if (most === 1 || widthOf(text, size) <= width) return [fitted(text, width, size)]
  const words = text.split(' ')
  let first = words.shift()!
  while (words.length > 0 && widthOf(`${first} ${words[0]}`, size) <= width) first += ` ${words.shift()}`
  const rest = words.length > 0 ? wrapped(words.join(' '), width, size, most - 1) : []
  return [fitted(first, width, size), ...rest]
}

interface TextStyle {
  readonly anchor?: 'start' | 'middle' | 'end'
  readonly size?: number
  readonly isBold?: boolean
  /** On white, so that lines behind it do not cross it. */
  readonly isOnWhite?: boolean
}

export function text(x: number, y: number, content: string, style: TextStyle = {}): string {
  const { anchor = 'start', size = SIZE, isBold = false, isOnWhite = false } = style
  const halo = isOnWhite ? ' stroke="#fff" stroke-width="4" paint-order="stroke" stroke-linejoin="round"' : ''
  return `<text x="${round(x)}" y="${round(y)}" font-size="${size}" text-anchor="${anchor}"${isBold ? ' font-weight="bold"' : ''}${halo}>${xml(content)}</text>`
}

export function line(x1: number, y1: number, x2: number, y2: number, attributes = `stroke="${INK}"`): string {
  return `<line x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}" ${attributes}/>`
}

export function rect(x: number, y: number, width: number, height: number, fill: string): string {
  return `<rect x="${round(x)}" y="${round(y)}" width="${round(Math.max(0, width))}" height="${round(Math.max(0, height))}" fill="${fill}" stroke="${INK}"/>`
}

export function path(points: readonly (readonly [number, number])[], attributes: string): string {
  const d = points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${round(x)} ${round(y)}`).join('')
  return `<path d="${d}" fill="none" ${attributes}/>`
}

/** Fills that stay apart in black and white, darkest and lightest first. */
export const PATTERNS: readonly string[] = [
  `<rect width="8" height="8" fill="#3d5a80"/>`,
  `<rect width="8" height="8" fill="#fff"/><path d="M-2 2L2 -2M0 8L8 0M6 10L10 6" stroke="#1a1a1a" stroke-width="1.6"/>`,
  `<rect width="8" height="8" fill="#fff"/><circle cx="2" cy="2" r="1.5" fill="#1a1a1a"/><circle cx="6" cy="6" r="1.5" fill="#1a1a1a"/>`,
  `<rect width="8" height="8" fill="#c9d6e3"/>`,
  `<rect width="8" height="8" fill="#fff"/><path d="M0 2H8M0 6H8" stroke="#1a1a1a" stroke-width="1.2"/>`,
  `<rect width="8" height="8" fill="#fff"/><path d="M0 0L8 8M8 0L0 8" stroke="#1a1a1a" stroke-width="1"/>`,
  `<rect width="8" height="8" fill="#7c8b99"/><path d="M2 0V8M6 0V8" stroke="#fff" stroke-width="1.2"/>`,
]
/** For what nobody pays: empty, with a broken outline. */
const UNFUNDED = `<rect width="8" height="8" fill="#fff"/>`

export function svg(name: string, height: number, title: string, description: string, body: string): string {
  const patterns = [...PATTERNS, UNFUNDED]
    .map(
      (fill, i) =>
        `<pattern id="${name}-${i === PATTERNS.length ? 'none' : i}" width="8" height="8" patternUnits="userSpaceOnUse">${fill}</pattern>`,
    )
    .join('')
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${round(height)}" width="${WIDTH}" height="${round(height)}" role="img" aria-labelledby="${name}-title ${name}-desc" font-family="Arial, 'Liberation Sans', Helvetica, sans-serif" fill="${INK}"><title id="${name}-title">${xml(title)}</title><desc id="${name}-desc">${xml(description)}</desc><defs>${patterns}</defs><rect width="${WIDTH}" height="${round(height)}" fill="#fff"/>${text(WIDTH / 2, 24, fitted(title, WIDTH - 40, 17), { anchor: 'middle', size: 17, isBold: true })}${body}</svg>`
}

/** `$1.23M`, `$45.6k`, `$780`: for axes and labels, never for a figure that is added up. */
export function shortDollars(cents: number, currency = 'USD'): string {
  const dollars = Math.abs(cents) / 100
  const sign = cents < 0 ? '-' : ''
  const unit = currency === 'USD' ? '$' : `${currency} `
  const cut = (n: number) => String(Number(n.toPrecision(3)))
  if (dollars >= 999_500_000) return `${sign}${unit}${cut(dollars / 1e9)}B`
  if (dollars >= 999_500) return `${sign}${unit}${cut(dollars / 1e6)}M`
  if (dollars >= 9_995) return `${sign}${unit}${cut(dollars / 1e3)}k`
  return `${sign}${unit}${Math.round(dollars).toLocaleString('en-US')}`
}

/** About `wanted` round steps from 0 that cover the value. */
export function ticks(most: number, wanted = 5): readonly number[] {
  if (!(most > 0)) return [0, 1]
  const raw = most / wanted
  const power = 10 ** Math.floor(Math.log10(raw))
  const step = [1, 2, 2.5, 5, 10].map((n) => n * power).find((n) => n >= raw)!
  const count = Math.ceil(most / step - 1e-9)
  return Array.from({ length: count + 1 }, (_, i) => i * step)
}

interface Legend {
  readonly label: string
  readonly fill?: string
  readonly stroke?: string
}

/** Rows of swatches with their labels; gives the drawing and its height. */
export function legend(
  entries: readonly Legend[],
  top: number,
): { readonly body: string; readonly height: number } {
  let [x, y] = [40, top]
  const parts: string[] = []
  for (const { label, fill, stroke } of entries) {
    const shown = fitted(label, 300)
    const width = 34 + widthOf(shown) + 14
    if (x + width > WIDTH - 20 && x > 40) {
      x = 40
      y += 22
    }
    if (fill) parts.push(rect(x, y - 11, 24, 14, fill))
    if (stroke) parts.push(line(x, y - 4, x + 24, y - 4, stroke))
    parts.push(text(x + 31, y, shown))
    x += width
  }
  return { body: parts.join(''), height: y - top + 22 }
}
