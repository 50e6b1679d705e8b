/** What feeds put into words: vendors, lists of models, version ranges, days. */
import type { z } from 'zod'
import { fold, type Imported, type MakerNames } from '../../firmware-risk/advisories.ts'
import type { AffectedRule } from '../../firmware-risk/affected-rule.ts'
import { makersIn, repaired } from '../../firmware-risk/maker-names.ts'
import { modelsIn, modelsOfCpe } from '../../firmware-risk/model-names.ts'
import { isPlainDate, type PlainDate } from '../../lib/calendar.ts'
import { buildLimit } from './days.ts'

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
  const next = bounds.isLastExcluded ? null : nextAfterAll(last)
  if (next !== null) return rangeRule(first, next, { ...bounds, isLastExcluded: true })
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

/** The first version after all that begin alike: `2.1.0` after `2.0.*`; null where the text stands for no such row. */
function nextAfterAll(version: string): string | null {
  const [, before, number] = /^([\d.v]*?)(\d{1,9})\.[*x]$/i.exec(version) ?? []
  return number === undefined ? null : `${before}${Number(number) + 1}.0`
}

const MOST_VERSION_CHARACTERS = 1_000

/** Without the comma or the word that a list has left behind it; a version that is too long to be one stays. */
export function tidyVersion(text: string): string {
  return text.length > MOST_VERSION_CHARACTERS ? text : text.trim().replace(/(?:,|\s+and)+$/i, '')
}

/** A version range that a record keeps inside its version text. */
export function ruleOfText(given: string): AffectedRule {
  // A version is short; prose of any length is searched for nothing.
  if (given.length > MOST_VERSION_CHARACTERS) return { kind: 'unspecified' }
  const isSemver = /^vers:semver\//i.test(given.trim())
  const rule = ruleOfPlainText(plainVersion(given))
  return isSemver ? orderedBySemver(rule) : rule
}

/** Without words for what a version is (`AXIS OS 10.5`, `Firmware version 2.1`), and with one kind of sign each. */
function plainVersion(text: string): string {
  return text
    .replace(/[\u2010-\u2015\u2212]/g, '-')
    .replaceAll('≤', '<=')
    .replaceAll('≥', '>=')
    .replace(/^vers:\w+\//i, '')
    .trim()
    .replace(/[.,;]$/, '')
    .replace(/^(?:all|any)\s+(?:firmware\s+)?(?:versions?|releases?|builds?)\s+(?=\S)/i, '')
    .replace(
      /^([<>=]*\s*)(?:(?:axis os|fw|firmware|software|versions?|ver\.?|releases?)[\s_:]*)+(?=[v\d<>=]|before|prior|earlier|up to|from)/i,
      '$1',
    )
    .trim()
}

function ruleOfPlainText(text: string): AffectedRule {
  if (/^(?:all(?: (?:firmware )?versions)?|any|\*)$/i.test(text)) return { kind: 'any' }
  const date = buildLimit(text)
  if (date !== null) return { kind: 'build-before', date }
  const parts = text.split(APART).filter((part) => part !== '')
  if (parts.length === 2 && parts.every((one) => /^[<>]/.test(one))) return bothEnds(parts[0]!, parts[1]!)
  const whole = tightRange(text) ?? betweenWords(text)
  if (whole !== null) return whole
  if (parts.length > 1) {
    const rule = anyOf(parts.map(plainVersion))
    if (rule !== null) return rule
    // Of what stands apart by signs something is not read: it may be the one that counts.
    if (/[<>|;]/.test(text)) return { kind: 'unspecified' }
  }
  return oneEnd(text) ?? { kind: 'unspecified' }
}

/** Between alternatives (`1.2 | 1.3`, `1.2, 1.3 or 1.4`), and between the two ends of a range. A build is no alternative. */
const APART =
  /\s*\|+\s*|\s*[,;](?!\s*build)\s*(?:(?:and|or|as well as)\s+(?=[v\d<>=]))?|\s+(?:and|or)\s+(?=(?:versions?\s+)?v?\d|[<>=])/i

/** Alternatives, each by itself; null where one is not read, or where nothing says which of several limits counts. */
function anyOf(parts: readonly string[]): AffectedRule | null {
  const rules: AffectedRule[] = []
  const listed: string[] = []
  const ends = { upper: 0, lower: 0 }
  for (let i = 0; i < parts.length; i++) {
    const [part, next] = [parts[i]!, parts[i + 1]]
    if (part.startsWith('>') && next?.startsWith('<')) {
      rules.push(bothEnds(part, next))
      i++
      continue
    }
    const rule = tightRange(part) ?? betweenWords(part) ?? oneEnd(part)
    if (rule === null) return null
    if (rule.kind === 'lt' || rule.kind === 'le') ends.upper++
    if (rule.kind === 'until-fixed') ends.lower++
    if (rule.kind === 'exact') listed.push(...rule.versions)
    else rules.push(rule)
  }
  if (rules.some(({ kind }) => kind === 'unspecified') || ends.upper + ends.lower > 1) return null
  const exact = { kind: 'exact', versions: listed, isPartial: true } as const
  if (rules.length === 0) return exact
  return { kind: 'any-of', rules: listed.length === 0 ? rules : [...rules, exact] }
}

/** `>=1.0 <2.0` */
function tightRange(text: string): AffectedRule | null {
  const tight = /^(>=?\s*[^\s<>|,]+)\s*(<=?\s*[^\s<>|,]+)$/.exec(text)
  return tight ? bothEnds(tight[1]!, tight[2]!) : null
}

/** `>=1.0` and `<2.0`. */
function bothEnds(low: string, high: string): AffectedRule {
  const from = /^>(=?)\s*(\S.*)$/.exec(low)
  const to = /^<(=?)\s*(\S.*)$/.exec(high)
  if (!from || !to) return { kind: 'unspecified' }
  const bounds = { isFirstExcluded: from[1] === '', isLastExcluded: to[1] === '' }
  return rangeRule(from[2], to[2]!, bounds)
}

const VERSION = String.raw`v?\d[\w.]*(?:-\d+)?(?:[ ,_]+build(?:[ _]?date)?[ :_]*[\d/-]+)?`

/** `10.5 - 11.5`, `from V5.2.0 to V5.4.0 build 160530`, `1.0 up to and including 1.4`. */
function betweenWords(text: string): AffectedRule | null {
  const match = new RegExp(
    `^(?:from |between )?(${VERSION})(?: - | to | through | thru | and |,? up to (?:and including )?)(?:version )?(${VERSION})( excluded)?$`,
    'i',
  ).exec(text)
  if (!match || (/ and /i.test(text) && !/^between|including/i.test(text))) return null
  return rangeRule(match[1], match[2]!, { isLastExcluded: match[3] !== undefined })
}

const OLDER = '(?:prior|earlier|below|older|lower|before|previous|under)'

/** One limit, in signs or in words, or one version. */
function oneEnd(text: string): AffectedRule | null {
  const last = new RegExp(String.raw`^(.*[^\s,])(?:\s*,)?\s*(?:,|and|or|&)\s+(?:all )?${OLDER}\b`, 'i').exec(
    text,
  )?.[1]
  if (last !== undefined) return isVersionLike(last) ? { kind: 'le', version: last } : null
  const upTo = /^(?:<=\s*|up to (?:and including )?(?:version )?|through )(\S.*)$/i.exec(text)
  if (upTo) return rangeRule(undefined, upTo[1]!, {})
  const below = new RegExp(
    String.raw`^(?:<\s*|${OLDER}(?: (?:to|than))?\s+(?:firmware |version |v\.? ?)*)(\S.*)$`,
    'i',
  ).exec(text)
  if (below && (text.startsWith('<') || isVersionLike(below[1]!))) return { kind: 'lt', version: below[1]! }
  const from =
    /^(>=?)\s*(\S.*)$/.exec(text) ??
    new RegExp(
      `^(from |since )?(${VERSION}),?(?: (?:and|or) (?:all )?(?:later|newer|above|higher|up)(?: versions?| releases?| builds?)?| onwards?)$`,
      'i',
    ).exec(text)
  if (from) {
    const isExcluded = from[1] === '>' ? ({ isFirstExcluded: true } as const) : {}
    return { kind: 'until-fixed', first: from[2]!, ...isExcluded, fixed: [] }
  }
  const only = text.replace(/^=+\s*/, '')
  return isVersionLike(only) ? { kind: 'exact', versions: [only], isPartial: true } : null
}

function isVersionLike(text: string): boolean {
  if (new RegExp(`^${VERSION}$`, 'i').test(text)) return true
  return /\d/.test(text) && !/\s.*\s/.test(text) && !/^cpe:/i.test(text) && !/[<>|]/.test(text)
}

/** The same rule for versions that the record says follow each other as semver has it. */
export function orderedBySemver(rule: AffectedRule): AffectedRule {
  switch (rule.kind) {
    case 'lt':
    case 'le':
    case 'range':
    case 'until-fixed':
    case 'exact':
      return { ...rule, order: 'semver' }
    case 'any-of':
      return { ...rule, rules: rule.rules.map(orderedBySemver) }
    default:
      return rule
  }
}

export function unreadable(detail: string): Imported {
  return { version: null, releasedOn: null, advisories: [], refused: [], problems: [{ pointer: '', detail }] }
}

export function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0]!
  return `${issue.path.join('/') || 'document'}: ${issue.message}`
}

/** When a record was revised; nothing where it does not say. */
export function revision(text: string | undefined): { readonly revisedAt?: string } {
  return text === undefined || Number.isNaN(Date.parse(text)) ? {} : { revisedAt: text }
}

export function dayOf(text: string | undefined): PlainDate | null {
  const day = text?.slice(0, 10)
  return day !== undefined && isPlainDate(day) ? day : null
}
