/** Model numbers in the product names of feeds: with the brand, kinds of devices and remarks around them. */
import { fold, type MakerNames } from './advisories.ts'
import { MODEL_LIMITS } from './models.ts'

/** Words for kinds of products, which are no part of a model number. */
const KINDS = new Set(
  `access alarm analog and bullet camera cameras control controller controllers device devices digital dome door
  doorbell dvr dvrs edition encoder encoders family firmware fixed hardware indoor intercom ip line model models
  network nvr nvrs outdoor product products ptz recorder recorders reader readers security series software station
  surveillance system systems terminal terminals thermal the video with`.split(/\s+/),
)

/** What follows a model number and belongs to it: `P3245-V Mk II`. */
const MARK = /^(?:mk\.?|mark|gen\.?|v?\d{1,2}|i{1,3}|iv)$/i

/**
 * Patterns of the models that a product name means; none when it names no model. An operating system such as AXIS OS
 * runs on many models and is none.
 */
export function modelsIn(product: string, maker: string | null, makers: MakerNames): string[] {
  return product.split(/[,;]/).flatMap((item) => {
    const text = withoutRemarks(item).trim()
    if (/\d/.test(text) && !/\s/.test(text) && !isVersion(text)) {
      return unpackSlashes(text).flatMap(withoutLine).map(feedPattern)
    }
    return ofWords(withoutBrand(text.split(/\s+/), maker, makers))
  })
}

/** The pattern of a product of a CPE name; none for an operating system and for a kind of products. */
export function modelsOfCpe(product: string, maker: string | null, makers: MakerNames): string[] {
  const words = withoutBrand(product.split(/[\s_]+/), maker, makers)
  const isKind = words.every((word) => KINDS.has(word.toLowerCase()))
  return isKind || isOperatingSystem(words) ? [] : [feedPattern(words.join(' '))]
}

/** `4MP`, `1080p`, `2.8mm`, `30x`, `16ch`: what data sheets say of a device, in the shape of a number. */
const SPECIFICATION = /^\d+(?:[.-]\d+)*(?:mp|mm|k|x|ch|fps|[tg]b)$|^\d{3,4}[ip]$/i

/** What stands where nobody knew the model. */
const NO_MODEL = /^[^a-z0-9]*(?:n\/?a|none|unknown|unk|tbd|other|various|generic|misc)?[^a-z0-9]*$/i

/** Programs have names of such words alone. */
const PROGRAM = /^(?:software|station|server)$/

/**
 * The model number on a label: without the brand, the kind of device and its specification around it. Null when
 * nothing is left, as of "4MP dome camera": such a text is no model that a list could leave out.
 */
export function labelModel(model: string, vendors: readonly string[], makers: MakerNames): string | null {
  // Longer ones are compared with nothing, which is said.
  if (model.length > MODEL_LIMITS.model) return model
  const words = model
    .replace(/[\u2010-\u2015\u2212]/g, '-')
    .trim()
    .split(/\s+/)
  const bare = vendors.reduce<readonly string[]>((rest, vendor) => withoutBrand(rest, vendor, makers), words)
  if (words.some((word) => PROGRAM.test(plainWord(word)))) return words.join(' ')
  const kept = bare.filter((word) => !KINDS.has(plainWord(word)) && !SPECIFICATION.test(plainWord(word)))
  const text = kept.join(' ')
  const isBrand = !/\d/.test(text) && vendors.includes(makers.get(fold(text)) ?? '')
  return NO_MODEL.test(text) || isBrand ? null : text
}

/** The same model number as lists may have it: with hyphens for blanks, and without words that nobody knows. */
export function labelReadings(model: string): readonly string[] {
  const words = model.split(/\s+/)
  if (words.length < 2) return withoutLine(model)
  const codes = words.filter((word) => isCode(word) && word.length >= 5)
  const isAlone = codes.length === 1 && !words.some((word) => word.startsWith('/') || word.endsWith('/'))
  return [model, words.join('-'), ...(isAlone ? codes : [])]
}

const plainWord = (word: string) => word.toLowerCase().replace(/^[(,;]+|[),;.:]+$/g, '')

/**
 * Whether a text that stands where a version should is the number of a model: letters and digits without a dot,
 * and none of the words that versions begin with.
 */
export function isModelNumber(text: string): boolean {
  if (/^(?:v|ver|version|build|built|fw|firmware|release|rev|fullimg)[\s._-]*\d/i.test(text)) return false
  return text.length >= 5 && isCode(text)
}

function isCode(word: string): boolean {
  return (
    /^[a-z0-9][a-z0-9()/+-]*$/i.test(word) &&
    /\d/.test(word) &&
    (word.match(/[a-z]/gi)?.length ?? 0) >= (word.length >= 5 ? 1 : 2) &&
    word.length >= 4 &&
    !isVersion(word)
  )
}

function isVersion(word: string): boolean {
  return /^(?:v|ver\.?|version|r)?[\s_-]*\d+(?:\.\w+)*$/i.test(word) && !/^r?\d+[a-z]/i.test(word)
}

export function isOperatingSystem(words: readonly string[]): boolean {
  return words.some((word) => word.toLowerCase() === 'os')
}

function ofWords(words: readonly string[]): string[] {
  if (isOperatingSystem(words)) return []
  const kept = words.filter((word) => word !== '' && !KINDS.has(word.toLowerCase()))
  const [first, ...rest] = kept
  if (first === undefined) return []
  const isMarked = isCode(first) && rest.length > 0 && rest.every((word) => MARK.test(word))
  if (isMarked) return [feedPattern(kept.join(' '))]
  const series = seriesIn(words)
  const codes = kept.filter((word) => isCode(word) || word === series)
  return codes.flatMap((word) => {
    const numbers = unpackSlashes(word).flatMap(withoutLine)
    return numbers.map(word === series ? seriesPattern : feedPattern)
  })
}

/** The name of a series, as the word before that says it is one: the `Q60` of "Q60 PTZ camera series". */
function seriesIn(words: readonly string[]): string | undefined {
  const at = words.findIndex((word) => SERIES.test(plainWord(word)))
  const name = words.slice(0, Math.max(at, 0)).findLast((word) => !KINDS.has(plainWord(word)))
  return name !== undefined && (isCode(name) || SHORT_SERIES.test(name)) ? name : undefined
}

const SERIES = /^(?:series|family|families|range)$/
/** `M30`, `Q60`: too short for a model, and enough beside the word for a series. */
const SHORT_SERIES = /^[a-z]{1,3}-?\d{2}$/i

/** A series means whatever follows its name: `P32 Series` is P3245-LV too, `XNV-8000 Series` XNV-8080R. */
function seriesPattern(number: string): string {
  const pattern = feedPattern(number)
  if (pattern.endsWith('*')) return pattern
  const [zeros = ''] = /00+$/.exec(pattern) ?? []
  return `${pattern.slice(0, pattern.length - zeros.length)}${'x'.repeat(zeros.length)}*`
}

/** `G-Cam/EFD-2250` is written with its line and without. */
function withoutLine(number: string): string[] {
  const bare = /^[a-z-]+\/([a-z0-9-]*\d[a-z0-9-]*)$/i.exec(number)?.[1]
  return bare === undefined || !isCode(bare) ? [number] : [number, bare]
}

/** Without the words at the beginning that name the maker. */
function withoutBrand(words: readonly string[], maker: string | null, makers: MakerNames): readonly string[] {
  if (maker === null) return words
  for (const count of [3, 2, 1]) {
    const name = words.slice(0, count).join(' ')
    if (words.length > count && makers.get(fold(name)) === maker && !/\d/.test(name)) {
      return words.slice(count)
    }
  }
  return words
}

/** Without what stands in parentheses and has a blank: `(all versions)` is a remark, `(U)` a part of the number. */
function withoutRemarks(item: string): string {
  let kept = ''
  let at = 0
  for (let open = item.indexOf('('); open !== -1; open = item.indexOf('(', at)) {
    const close = item.indexOf(')', open)
    if (close === -1) break
    const isRemark = /\s/.test(item.slice(open, close))
    kept += item.slice(at, isRemark ? open : close + 1)
    at = close + 1
  }
  return kept + item.slice(at)
}

/** `DS-A71024/48R` is `DS-A71024R` and `DS-A71048R`. */
function unpackSlashes(item: string): string[] {
  const parts = item.split('/')
  const last = /^(\d+)([a-z][\w-]*)?$/i.exec(parts.at(-1)!)
  if (parts.length < 2 || !last) return [item]
  // Before it as many parts of digits alone as there are, and before these one that ends with digits.
  let start = parts.length - 2
  while (start > 0 && /^\d+$/.test(parts[start]!) && /\d$/.test(parts[start - 1]!)) start--
  const stem = parts[start]!
  let digitsFrom = stem.length
  while (digitsFrom > 0 && isDigit(stem.charCodeAt(digitsFrom - 1))) digitsFrom--
  const first = stem.slice(digitsFrom)
  if (first === '') return [item]
  const prefix = [...parts.slice(0, start), stem.slice(0, digitsFrom)].join('/')
  const others = [...parts.slice(start + 1, -1), last[1]!]
  const full = [
    first,
    ...others.map((digits) => first.slice(0, Math.max(0, first.length - digits.length)) + digits),
  ]
  return full.map((digits) => `${prefix}${digits}${last[2] ?? ''}`)
}

const isDigit = (code: number) => code >= 0x30 && code <= 0x39

/**
 * A number in which an x stands for any character says so by its shape: two and more in a row, one between a digit
 * and more of the number, or a small one among capitals. At the end they mean whatever follows, and so does a single
 * one after a digit if the number has another or is all in small letters, as names of CPE are. A single X elsewhere is
 * a letter (`WV-X2251L`, `XVR5XXX`), but beside a row and after a letter it is one to three letters (`IPC-HX2XXX` is
 * also `IPC-HDBW2431`).
 */
function feedPattern(number: string): string {
  const plain = number.replaceAll('*', '')
  const hasRow = /xx/i.test(plain)
  const isSmall = /[A-Z]/.test(plain.replace(/X/g, '')) && !/[a-wyz]/.test(plain)
  const isOpenAtEnd = !/[A-Z]/.test(plain) || /\dx\d/i.test(plain)
  let hasAny = false
  const pattern = plain.replace(/x+/gi, (run, at: number) => {
    const [before, after] = [plain[at - 1] ?? '', plain[at + run.length] ?? '']
    const isFirstLetter = run.length === 1 && !/[a-z0-9]/i.test(before) && /[a-z]/i.test(after)
    const isAny =
      run.length > 1 ||
      (hasRow && !isFirstLetter) ||
      (isSmall && run === 'x') ||
      (/\d/.test(before) && (after === '' ? isOpenAtEnd : /[a-z0-9]/i.test(after)))
    if (!isAny) return run.toUpperCase()
    hasAny = true
    return run.length === 1 && hasRow && /[a-z]/i.test(before) ? '\0' : run.replace(/x/gi, '\t')
  })
  const upper = pattern.toUpperCase()
  if (!hasAny) return upper
  const open = upper.replace(/\t+$/, '')
  return `${open.replaceAll('\0', '@(@)(@)').replaceAll('\t', 'x')}*`
}
