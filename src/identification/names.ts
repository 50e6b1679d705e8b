/**
 * From a manufacturer cell as a city wrote it to words that can be compared.
 *
 * Nothing here knows the catalog. What is rewritten rather than dropped keeps short brands alive:
 * `Z.T.E.` becomes `zte`, `Hikvision/DS-7616` keeps `hikvision`, `H&#105;kvisi0n` becomes `hikvision`.
 */
import { createRequire } from 'node:module'
import anyAscii from 'any-ascii'
import { DEMOTING_WORDS } from './words.ts'

/** UTF-16 units read of a cell; the rest is ignored. No name of a company is nearly as long. */
const MAX_CELL_LENGTH = 512
/** Words read of a cell. */
export const MAX_WORDS = 30

type Script = 'latin' | 'han' | 'native'

export interface Word {
  /** Latin: `a-z` and `0-9` only. Han: simplified characters. Other scripts: lower case without marks. */
  readonly text: string
  readonly script: Script
  /** Inside brackets that do not hold the whole cell. */
  readonly bracketed: boolean
  /** After "by", "formerly" and the like: a second opinion, not the label. */
  readonly demoted: boolean
  /** A model or serial number, or a bare figure. */
  readonly isModel: boolean
  /** Put together from, or taken out of, a hyphenated model number; left out of the canonical text. */
  readonly isCut: boolean
  /** A piece of three or four letters cut off a model number: `TVT-3201`. */
  readonly isGlued: boolean
}

const han = createRequire(import.meta.url)('#root/data/han.json') as {
  traditional: string
  simplified: string
}
const SIMPLIFIED = new Map([...han.traditional].map((char, index) => [char, han.simplified[index] as string]))

const PRINTABLE_ASCII = /^[\x20-\x7e]*$/
const TOKEN = /[([{<]|[)\]}>]|[^\s()[\]{}<>,;|"]+/g

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  quot: ' ',
  apos: "'",
  lt: ' ',
  gt: ' ',
  nbsp: ' ',
  trade: ' ',
  reg: ' ',
  copy: ' ',
  szlig: 'ss',
  ndash: '-',
  mdash: '-',
  rsquo: "'",
  lsquo: "'",
}

/** Cyrillic and Greek letters that are drawn like Latin ones, both cases where both are. */
const LOOKALIKE_LETTERS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    ...{
      А: 'a',
      В: 'b',
      Е: 'e',
      З: '3',
      К: 'k',
      М: 'm',
      Н: 'h',
      О: 'o',
      Р: 'p',
      С: 'c',
      Т: 't',
      У: 'y',
      Х: 'x',
    },
    ...{ а: 'a', е: 'e', к: 'k', о: 'o', р: 'p', с: 'c', у: 'y', х: 'x', ѕ: 's', Ѕ: 's', і: 'i', І: 'i' },
    ...{
      ј: 'j',
      Ј: 'j',
      ԁ: 'd',
      ԛ: 'q',
      ԝ: 'w',
      һ: 'h',
      ѵ: 'v',
      Ѵ: 'v',
      ӏ: 'l',
      Ӏ: 'l',
      ь: 'b',
      Ԍ: 'g',
      м: 'm',
      т: 't',
    },
    ...{
      Α: 'a',
      Β: 'b',
      Ε: 'e',
      Ζ: 'z',
      Η: 'h',
      Ι: 'i',
      Κ: 'k',
      Μ: 'm',
      Ν: 'n',
      Ο: 'o',
      Ρ: 'p',
      Τ: 't',
      Υ: 'y',
    },
    ...{
      Χ: 'x',
      ο: 'o',
      α: 'a',
      ν: 'v',
      ι: 'i',
      κ: 'k',
      ρ: 'p',
      υ: 'u',
      τ: 't',
      ε: 'e',
      ϲ: 'c',
      в: 'b',
      н: 'h',
    },
  }),
)
/** Small letters that look Latin only beside Latin letters, not in a word of their own script. */
const ONLY_WHEN_MIXED = new Set(['м', 'т', 'в', 'н', 'ь', 'к', 'α', 'ν', 'ι', 'κ', 'ρ', 'υ', 'τ', 'ε', 'З'])

const TOP_LEVEL =
  'com|net|org|biz|info|io|co|tv|eu|us|uk|cn|hk|tw|jp|kr|in|ru|de|fr|nl|se|it|es|pl|ca|mx|br|au|sg|il|tech|cloud'
const DOMAIN = new RegExp(`^(?:[a-z0-9-]+\\.)*[a-z0-9-]{3,}\\.(?:${TOP_LEVEL})$`, 'i')
const DOMAIN_SUFFIX = new RegExp(`(?:\\.(?:${TOP_LEVEL}))+$`, 'i')

/** Words of the cell in order, at most `MAX_WORDS`. Never throws, whatever the text. */
export function readWords(raw: string): Word[] {
  const out: Word[] = []
  const text = decode(raw)
  let depth = 0
  let hasOutside = false
  let demoted = false
  let length = 0
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === '(' || token === '[' || token === '{' || token === '<') {
      depth++
      demoted = false
      continue
    }
    if (token === ')' || token === ']' || token === '}' || token === '>') {
      depth = Math.max(0, depth - 1)
      demoted = false
      continue
    }
    for (const piece of readChunk(token)) {
      length += piece.text.length + 1
      if (out.length >= MAX_WORDS || length > MAX_CELL_LENGTH) break
      if (depth === 0 && !piece.isModel) hasOutside = true
      piece.bracketed = depth > 0
      piece.demoted = demoted
      out.push(piece)
      if (DEMOTING_WORDS.has(piece.text)) demoted = true
    }
  }
  // "(Dahua)": brackets around everything say nothing.
  return hasOutside ? out : out.map((word) => (word.bracketed ? { ...word, bracketed: false } : word))
}

/** The cell's words with single spaces between them; applying it twice gives what applying it once gives. */
export function canonicalText(raw: string): string {
  return readWords(raw)
    .filter((word) => !word.isCut)
    .map((word) => word.text)
    .join(' ')
}

/** The canonical text without its spaces: equal for all spellings that differ in case, marks and spacing only. */
export function canonicalKey(raw: string): string {
  let key = ''
  for (const word of readWords(raw)) key += word.text
  return key
}

/**
 * What a Latin word sounds like, roughly: `ck` and `c` as `k`, `ph` as `f`, `z` as `s`, doubles single.
 * Two names with one skeleton are heard alike.
 */
export function skeleton(latin: string): string {
  let text = latin
  if (/[cksxzhpyw]|(.)\1/.test(text)) {
    text = text
      .replace(/sch/g, 'sh')
      .replace(/tch/g, 'ch')
      .replace(/ck/g, 'k')
      .replace(/ch/g, '#')
      .replace(/kh/g, 'h')
      .replace(/zh/g, 's')
      .replace(/c(?=[eiy])/g, 's')
      .replace(/[cq]/g, 'k')
      .replace(/#/g, 'ch')
      .replace(/z/g, 's')
      .replace(/(?:ks|xs)+/g, 'x')
      .replace(/ph/g, 'f')
      .replace(/y/g, 'i')
      .replace(/(.)\1+/g, '$1')
  }
  return text
}

/** Latin spelling of a native word; empty when there is none. */
export function romanize(native: string): string {
  return anyAscii(native)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '')
}

type Piece = { -readonly [K in keyof Word]: Word[K] }

const pieceOf = (text: string, isModel: boolean): Piece => ({
  text,
  script: 'latin',
  bracketed: false,
  demoted: false,
  isModel,
  isCut: false,
  isGlued: false,
})
const wordOf = (text: string): Piece => pieceOf(text, false)
const figureOf = (text: string): Piece => pieceOf(text, true)

function decode(raw: string): string {
  // Blanks go first, so that padding cannot push a name past the limit.
  let text =
    raw.length > MAX_CELL_LENGTH
      ? raw
          .trimStart()
          .slice(0, 65_536)
          .replace(/[\s\0]+/g, ' ')
      : raw
  if (text.length > MAX_CELL_LENGTH)
    text = text
      .slice(0, MAX_CELL_LENGTH + 1)
      .trimStart()
      .slice(0, MAX_CELL_LENGTH)
  if (text.includes('&')) text = decodeEntities(decodeEntities(text))
  if (PRINTABLE_ASCII.test(text)) return text
  return (
    text
      // NFKC would turn the trade mark sign into the letters "TM".
      .replace(/[™®©℠№]/g, ' ')
      .normalize('NFKC')
      // NUL is what a 16-bit file read as 8-bit leaves between letters; format characters are invisible.
      .replace(/[\0\p{Cf}\p{Cs}\u0640]|\p{Variation_Selector}/gu, '')
      .replace(/[《》「」『』【】〈〉〔〕]/g, ' ')
      .replace(/[‐-―−﹘﹣_]/g, '-')
      .replace(/[’‘ʼ`´′＇ʻ]/g, "'")
      .replace(/[、，；。“”„«»]/g, ' ')
      .replace(/[\p{Cc}]/gu, ' ')
  )
}

function decodeEntities(text: string): string {
  return text.replace(/&(#x[0-9a-f]{1,6}|#\d{1,7}|[a-z]{2,6});/gi, (whole, name: string) => {
    if (name[0] === '#') {
      const code =
        name[1] === 'x' || name[1] === 'X' ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1))
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : ' '
    }
    const known = ENTITIES[name.toLowerCase()]
    if (known !== undefined) return known
    const accented = /^([a-z])(?:uml|acute|grave|circ|tilde|cedil|ring|caron|slash)$/i.exec(name)
    return accented ? (accented[1] as string) : whole
  })
}

function readChunk(chunk: string): Piece[] {
  const out: Piece[] = []
  let rest = chunk
  if (rest.includes('.') || rest.includes('@')) {
    const label = domainLabel(rest)
    if (label !== null) rest = label
    else if (/^(?:\p{L}\.){2,}\p{L}?[.:,]*$/u.test(rest)) rest = rest.replaceAll('.', '')
    else if (/^(?:\p{L}{1,3}\.){2,}$/u.test(rest) && rest.length <= 8 && /^\p{L}\./u.test(rest))
      rest = rest.replaceAll('.', '')
  }
  for (const part of rest.split(/[/\\_&:=]+/)) {
    if (part !== '') readPart(part.replaceAll("'", '').replaceAll('+', ' plus '), out)
  }
  return out
}

/** The owner's label of an address or mailbox: `https://eu.hikvision.com/en` gives `hikvision`. */
function domainLabel(chunk: string): string | null {
  const isAddress = chunk.includes('://') || /^www\./i.test(chunk)
  if (!isAddress && !chunk.includes('@') && !/\.[a-z]{2,5}(?:[/?#:].*)?[.,:!?]*$/i.test(chunk)) return null
  const host = chunk
    .replace(/^[a-z]+:\/\//i, '')
    .replace(/^[^@/]*@/, '')
    .replace(/^www\./i, '')
    .replace(/[/?#:].*$/, '')
    .replace(/[^a-z0-9]+$/i, '')
  if (!DOMAIN.test(host)) return isAddress ? host : null
  const label = host.replace(DOMAIN_SUFFIX, '').split('.').at(-1)
  return label === undefined || label === '' ? host : label
}

/** A stretch without slashes: words and hyphens, perhaps a model number. */
function readPart(part: string, out: Piece[]): void {
  if (!/\d/.test(part)) {
    for (const run of part.match(/[\p{L}\p{M}ー]+/gu) ?? []) readRun(run, out)
    return
  }
  const pieces = part.match(/[\p{L}\p{M}\p{Nd}ー]+/gu) ?? []
  if (pieces.length === 1) {
    readAlphanumeric(pieces[0] as string, out)
    return
  }
  // A hyphenated chunk with figures is a model number, whatever whole words ride on it.
  let model = ''
  for (const [index, piece] of pieces.entries()) {
    const letters = /^[\p{L}\p{M}ー]+$/u.test(piece)
    const isNative = letters && !/^[a-z]/i.test(piece)
    if (letters && (isNative || piece.length >= 5)) {
      readRun(piece, out)
    } else if (/^[a-z]{3,4}$/i.test(piece)) {
      out.push({ ...wordOf(fold(piece)), isGlued: true, isCut: index > 0 })
    } else {
      const lead = index === 0 ? /^([a-z]{5,})(\d{1,4})$/i.exec(piece) : null
      if (lead) readRun(lead[1] as string, out)
      model += lead ? (lead[2] as string) : fold(piece)
    }
  }
  if (model !== '') out.push({ ...figureOf(latinOnly(model)), isCut: true })
}

/** One run of letters and figures. */
function readAlphanumeric(run: string, out: Piece[]): void {
  const text = latinOnly(fold(run))
  // A figure typed for a letter: "Hikvisi0n".
  const repaired =
    /^[a-z]+[01345][a-z]+$/.test(text) && text.length >= 5 ? text.replace(/\d/, repairDigit) : text
  if (repaired !== text) {
    out.push(wordOf(repaired))
    return
  }
  const split = /^(?:([a-z]{5,})(\d{1,4})|(\d{1,4})([a-z]{5,}))$/.exec(text)
  if (split) {
    const [, lead, digits, number, tail] = split
    const word = (lead ?? tail) as string
    const figure = (digits ?? number) as string
    if (lead !== undefined) out.push(wordOf(word))
    out.push(figureOf(figure))
    if (lead === undefined) out.push(wordOf(word))
    return
  }
  if (!PRINTABLE_ASCII.test(run)) {
    for (const piece of run.match(/[\p{L}\p{M}ー]+|\p{Nd}+/gu) ?? []) {
      if (/\p{Nd}/u.test(piece)) out.push(figureOf(latinOnly(fold(piece))))
      else readRun(piece, out)
    }
    return
  }
  if (text !== '') out.push(figureOf(text))
}

const repairDigit = (digit: string): string => ({ 0: 'o', 1: 'i', 3: 'e', 4: 'a', 5: 's' })[digit] ?? digit

/** One run of letters: one Latin word, or one piece per script. */
function readRun(run: string, out: Piece[]): void {
  if (/^[a-z]+$/i.test(run)) {
    out.push(wordOf(run.toLowerCase()))
    return
  }
  const latin = unmask(run)
  if (latin !== null) {
    out.push(wordOf(latin))
    return
  }
  const scripts =
    /[\p{Script=Han}々]+|[\p{Script=Hiragana}\p{Script=Katakana}ー]+|\p{Script=Hangul}+|[\p{Script=Latin}\p{M}]+|[\p{L}\p{M}]+?(?=[\p{Script=Han}\p{Script=Latin}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]|$)/gu
  for (const piece of run.match(scripts) ?? []) {
    if (/^\p{Script=Han}/u.test(piece)) {
      out.push({ ...wordOf(simplify(piece)), script: 'han' })
      continue
    }
    const text = fold(piece)
    if (text === '') continue
    if (/^[a-z0-9]+$/.test(text)) out.push(wordOf(text))
    else if (/^\p{Script=Latin}/u.test(text)) {
      const spelled = latinOnly(anyAscii(text).toLowerCase())
      // A few rare letters are spelled with figures.
      if (/\d/.test(spelled)) readAlphanumeric(spelled, out)
      else if (spelled !== '') out.push(wordOf(spelled))
    } else {
      // Lower case and without marks it may be a mask after all.
      const unmasked = unmask(text)
      out.push(unmasked === null ? { ...wordOf(text), script: 'native' } : wordOf(unmasked))
    }
  }
}

/** The Latin word that a run of look-alike letters pretends to be; null when it is honest. */
function unmask(run: string): string | null {
  if (!/[\p{Script=Cyrillic}\p{Script=Greek}]/u.test(run)) return null
  const isMixed = /\p{Script=Latin}/u.test(run)
  let latin = ''
  for (const char of run.normalize('NFC')) {
    if (/\p{Script=Latin}/u.test(char)) {
      latin += fold(char)
      continue
    }
    const twin = LOOKALIKE_LETTERS.get(char)
    if (!isMixed && (twin === undefined || ONLY_WHEN_MIXED.has(char))) return null
    latin += twin ?? latinOnly(char)
  }
  return /^[a-z]+$/.test(latin) && latin.length >= 3 ? latin : null
}

function simplify(text: string): string {
  let out = ''
  for (const char of text) out += SIMPLIFIED.get(char) ?? char
  return out
}

/** Lower case, without marks where a mark is only an accent (Japanese and Korean keep theirs). */
function fold(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text.toLowerCase()
  const lower = text.toLowerCase()
  if (/[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u.test(lower)) return lower.normalize('NFC')
  return lower
    .normalize('NFD')
    .replace(/\p{M}+/gu, '')
    .replace(/[أإآٱ]/g, 'ا')
    .replace(/ى/g, 'ي')
    .replace(/ة/g, 'ه')
    .normalize('NFC')
}

/** Whatever is left outside ASCII is spelled out in it. */
function latinOnly(text: string): string {
  return (/^[a-z0-9]*$/.test(text) ? text : anyAscii(text).toLowerCase()).replace(/[^a-z0-9]+/g, '')
}
