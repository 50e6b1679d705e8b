/** What feeds put into words: vendors, lists of models, version ranges, days. */
import type { z } from 'zod'
import { isPlainDate, isRealDay, type PlainDate, plainDate } from '../calendar.ts'
import { fold, type Imported, type MakerNames } from './advisories.ts'
import { makersIn, repaired } from './maker-names.ts'
import { modelsIn, modelsOfCpe } from './model-names.ts'
import type { AffectedRule } from './versions.ts'

export interface Subject {
  readonly maker: string | null
  readonly product: string
  readonly models: string[]
}

/** Maker and model patterns of a vendor and product in words: one of each maker that the vendor field lists. */
export function named(vendor: string, product: string, makers: MakerNames): Subject[] {
  const [seller, text] = [repaired(vendor), repaired(product)]
  const isNameless = /^(?:n\/a|unknown|unspecified)?$/i.test(seller.trim())
  const found = isNameless
    ? [text, ...text.split(/\s+/)].flatMap((word) => makers.get(fold(word)) ?? []).slice(0, 1)
    : makersIn(seller, makers)
  if (found.length === 0) {
    // Who it is about is all a reader of the report has.
    const words = isNameless ? text : `${seller.trim()} ${text}`
    return [{ maker: null, product: words, models: modelsIn(text, null, makers) }]
  }
  return found.map((maker) => ({ maker, product: text, models: modelsIn(text, maker, makers) }))
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
    models: modelsOfCpe(product, maker, makers),
    version: plain(fields[5]!),
  }
}

/** From a version, where one is given, to another. */
export function rangeRule(
  first: string | undefined,
  last: string,
  bounds: { readonly isFirstExcluded?: boolean; readonly isLastExcluded?: boolean },
): AffectedRule {
  const { isFirstExcluded = false, isLastExcluded = false } = bounds
  if (first === undefined) return { kind: isLastExcluded ? 'lt' : 'le', version: last }
  return {
    kind: 'range',
    first,
    last,
    ...(isFirstExcluded ? { isFirstExcluded: true } : {}),
    ...(isLastExcluded ? { isLastExcluded: true } : {}),
  }
}

const MOST_VERSION_CHARACTERS = 1_000

/** Without the comma or the word that a list has left behind it; a version that is too long to be one stays. */
export function tidyVersion(text: string): string {
  return text.length > MOST_VERSION_CHARACTERS ? text : text.trim().replace(/(?:,|\s+and)+$/i, '')
}

/** A version range that a record keeps inside its version text. */
export function ruleOfText(given: string): AffectedRule {
  const text = given.trim()
  // A version is short; prose of any length is searched for nothing.
  if (text.length > MOST_VERSION_CHARACTERS) return { kind: 'unspecified' }
  if (/^(?:all(?: versions)?|\*|vers:all\/\*)$/i.test(text)) return { kind: 'any' }
  const bounded = /^>(=?)\s*([^\s|,<>]+)\s*(?:[|,]|and)?\s*<(=?)\s*([^\s|,<>]+)$/i.exec(text)
  if (bounded) {
    const [, from, first, to, last] = bounded
    return rangeRule(first, last!, { isFirstExcluded: from === '', isLastExcluded: to === '' })
  }
  // A list of limits says of no version which of them is its own.
  if (text.includes('|')) return { kind: 'unspecified' }
  const day = /\bbuil[dt]\b.*?\b(?:before|prior to)\s+([a-z]+)\s+(\d{1,2}),?\s+(\d{4})/i.exec(text)
  const monthOfDay = MONTHS.indexOf(day?.[1]?.toLowerCase() ?? '') + 1
  if (day && monthOfDay > 0 && isRealDay(Number(day[3]), monthOfDay, Number(day[2]))) {
    return { kind: 'build-before', date: plainDate(Number(day[3]), monthOfDay, Number(day[2])) }
  }
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
