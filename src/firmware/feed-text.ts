/** What feeds put into words: vendors, lists of models, version ranges, days. */
import type { z } from 'zod'
import { isPlainDate, type PlainDate, plainDate } from '../calendar.ts'
import { fold, type Imported, type MakerNames } from './advisories.ts'
import type { AffectedRule } from './versions.ts'

/** Maker and model patterns of a vendor and product named in words. */
export function named(
  vendor: string,
  product: string,
  makers: MakerNames,
): { maker: string | null; product: string; models: string[] } {
  const isNameless = /^(?:n\/a|unknown|unspecified)?$/i.test(vendor.trim())
  const inProduct = isNameless ? product.split(/\s+/).flatMap((word) => makers.get(fold(word)) ?? []) : []
  const maker = makers.get(fold(vendor)) ?? inProduct[0] ?? null
  return { maker, product, models: modelsIn(product).map((model) => feedPattern(model, maker)) }
}

/** Vendor, product and version of a CPE 2.3 name; null when it is not one. */
export function cpeName(
  cpe: string,
  makers: MakerNames,
): { maker: string | null; product: string; models: string[]; version: string } | null {
  const fields = cpe.split(/(?<!\\):/)
  if (fields.length < 6 || fields[0] !== 'cpe' || fields[1] !== '2.3') return null
  const plain = (field: string) => field.replace(/\\(.)/g, '$1')
  const maker = makers.get(fold(plain(fields[3]!))) ?? null
  const product = plain(fields[4]!).replace(/_firmware$/, '')
  return {
    maker,
    product,
    models: [feedPattern(product.replaceAll('_', ' '), maker)],
    version: plain(fields[5]!),
  }
}

const MOST_VERSION_CHARACTERS = 1_000

/** A version range that a record keeps inside its version text. */
export function ruleOfText(given: string): AffectedRule {
  const text = given.trim()
  // A version is short; prose of any length is searched for nothing.
  if (text.length > MOST_VERSION_CHARACTERS) return { kind: 'unspecified' }
  if (/^(?:all(?: versions)?|\*|vers:all\/\*)$/i.test(text)) return { kind: 'any' }
  const built = /\bbuil[dt]\b.*?\b(?:before|prior to)\s+(?:(\d{4}-\d{2}-\d{2})|([a-z]+)\s+(\d{4}))/i.exec(
    text,
  )
  if (built?.[1] && isPlainDate(built[1])) return { kind: 'build-before', date: built[1] }
  const month = MONTHS.indexOf(built?.[2]?.toLowerCase() ?? '') + 1
  if (month > 0) return { kind: 'build-before', date: plainDate(Number(built![3]), month, 1) }
  const atMost =
    /^(?:<=|≤)\s*(\S.*)$/.exec(text) ?? /^(\S+)\s+and\s+(?:prior|earlier|below|older)\b/i.exec(text)
  if (atMost) return { kind: 'le', version: atMost[1]! }
  const below = /^<\s*(\S.*)$/.exec(text) ?? /^(?:before|prior to|earlier than)\s+(v?\d\S*)$/i.exec(text)
  if (below) return { kind: 'lt', version: below[1]! }
  if (/\d/.test(text) && !/\s.*\s/.test(text) && !/^cpe:/i.test(text))
    return { kind: 'exact', versions: [text] }
  return { kind: 'unspecified' }
}

export function unreadable(detail: string): Imported {
  return { version: null, releasedOn: null, advisories: [], refused: [], problems: [{ pointer: '', detail }] }
}

export function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0]!
  return `${issue.path.join('/') || 'document'}: ${issue.message}`
}

export function dayOf(text: string | undefined): PlainDate | null {
  const day = text?.slice(0, 10)
  return day !== undefined && isPlainDate(day) ? day : null
}

const MONTHS = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
]

/** Makers whose records write model families with an x that stands for any character. */
const WILDCARD_MAKERS: ReadonlySet<string> = new Set(['hikvision', 'dahua'])

/**
 * Model numbers in a product text: lists packed with commas, and `DS-A71024/48R` for `DS-A71024R` and `DS-A71048R`.
 * Prose without model numbers gives none.
 */
function modelsIn(product: string): string[] {
  return product
    .split(/[,;]/)
    .map((item) => withoutRemarks(item).trim())
    .filter((item) => /\d/.test(item) && !/\s/.test(item))
    .flatMap(unpackSlashes)
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

/** A feed writes everything in one case, so an x is a wildcard only for makers known to use it so. */
function feedPattern(product: string, maker: string | null): string {
  const upper = product.toUpperCase().replaceAll('*', '')
  if (maker === null || !WILDCARD_MAKERS.has(maker) || !/X/.test(upper)) return upper
  return `${upper.replaceAll('X', 'x')}*`
}
