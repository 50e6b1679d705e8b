/** Which firmware an advisory means, and whether the installed one is among it. */
import type { PlainDate } from '../lib/calendar.ts'
import {
  compareToLimit,
  type FirmwareVersion,
  isFixedBy,
  isOnAnotherLine,
  isOnLineOf,
  parseFirmware,
} from './versions.ts'

/** As far as the source says so. Versions are in the maker's own notation. */
export type AffectedRule =
  /** Every version. */
  | { readonly kind: 'any' }
  /** The source names the product and says nothing usable about versions. */
  | { readonly kind: 'unspecified' }
  /** Built before this day. */
  | { readonly kind: 'build-before'; readonly date: PlainDate }
  /** Lower than. */
  | ({ readonly kind: 'lt'; readonly version: string } & Numbered)
  /** Lower than or equal. */
  | ({ readonly kind: 'le'; readonly version: string } & Numbered)
  /** From first to last, both included unless it says otherwise. */
  | ({
      readonly kind: 'range'
      readonly first: string
      readonly last: string
      readonly isFirstExcluded?: true | undefined
      readonly isLastExcluded?: true | undefined
      /** Versions that end it on their own lines. */
      readonly fixed?: readonly string[] | undefined
    } & Numbered)
  /** From first on, or all, up to the fix of each line; a line without one is affected. */
  | ({
      readonly kind: 'until-fixed'
      readonly first: string | null
      readonly isFirstExcluded?: true | undefined
      readonly fixed: readonly string[]
    } & Numbered)
  /** The first fixed version of each line; a line that is not listed is unknown. */
  | { readonly kind: 'per-branch'; readonly fixed: Readonly<Record<string, string>> }
  /** These; of others the source says that they are not, or, where it is partial, nothing. */
  | ({
      readonly kind: 'exact'
      readonly versions: readonly string[]
      readonly isPartial?: true | undefined
    } & Numbered)
  /** What one of them means; what lies outside of all is not affected only where each of them says so. */
  | { readonly kind: 'any-of'; readonly rules: readonly AffectedRule[] }

interface Numbered {
  /** How the record says that versions follow each other; counts where the maker has no scheme of its own. */
  readonly order?: 'semver' | undefined
}

export type Affected = 'affected' | 'not-affected' | 'unknown'

/** Whether a rule means the installed firmware. A null version is not known, never "old". */
export function affectedBy(rule: AffectedRule, maker: string, installed: string | null): Affected {
  if (rule.kind === 'any') return 'affected'
  if (rule.kind === 'unspecified') return 'unknown'
  if (rule.kind === 'any-of') {
    const said = rule.rules.map((one) => affectedBy(one, maker, installed))
    if (said.includes('affected')) return 'affected'
    return said.length === 0 || said.includes('unknown') ? 'unknown' : 'not-affected'
  }
  if (rule.kind === 'until-fixed' && rule.first === null && rule.fixed.length === 0) return 'affected'
  if (installed === null || installed.trim() === '') return 'unknown'
  const read = readerFor(rule, maker)
  const version = read(installed)
  switch (rule.kind) {
    case 'build-before':
      if (version.buildDate === null) return 'unknown'
      return version.buildDate < rule.date ? 'affected' : 'not-affected'
    case 'lt':
      return affectedWhen(compareToLimit(version, read(rule.version), 'last'), (order) => order < 0)
    case 'le':
      return affectedWhen(compareToLimit(version, read(rule.version), 'last'), (order) => order <= 0)
    case 'range': {
      const toFirst = compareToLimit(version, read(rule.first), 'first')
      const toLast = compareToLimit(version, read(rule.last), 'last')
      if (toFirst === -1 || toLast === 1) return 'not-affected'
      if ((rule.isFirstExcluded && toFirst === 0) || (rule.isLastExcluded && toLast === 0))
        return 'not-affected'
      const fixes = (rule.fixed ?? []).map(read)
      if (isFixedBy(version, fixes)) return 'not-affected'
      // Before the fix of its own line; where the range ends on others is of no matter.
      if (toFirst !== null && fixes.some((fix) => isOnLineOf(version, fix))) return 'affected'
      return toFirst === null || toLast === null ? 'unknown' : 'affected'
    }
    case 'until-fixed':
      return untilFixed(rule, version, read)
    case 'per-branch': {
      const { branch } = version
      if (branch === null || !Object.hasOwn(rule.fixed, branch)) return 'unknown'
      const fixed = read(rule.fixed[branch]!)
      return affectedWhen(compareToLimit(version, fixed, 'last'), (order) => order < 0)
    }
    case 'exact': {
      const orders = rule.versions.map((text) => compareToLimit(version, read(text), 'last'))
      if (orders.includes(0)) return 'affected'
      return orders.includes(null) || rule.isPartial ? 'unknown' : 'not-affected'
    }
    default:
      return rule satisfies never
  }
}

/** A version that is not beyond a fix is affected if it is known to be numbered as the fixes are. */
function untilFixed(
  rule: Extract<AffectedRule, { kind: 'until-fixed' }>,
  version: FirmwareVersion,
  read: (text: string) => FirmwareVersion,
): Affected {
  const { first, isFirstExcluded, fixed } = rule
  const toFirst = first === null ? 1 : compareToLimit(version, read(first), 'first')
  if (toFirst === -1 || (isFirstExcluded && toFirst === 0)) return 'not-affected'
  if (isFixedBy(version, fixed.map(read))) return 'not-affected'
  return toFirst === null || !version.isComparable ? 'unknown' : 'affected'
}

/**
 * Whether a rule has nothing to say of the installed version: no versions, a partial list that leaves it out, or
 * limits on other lines only.
 */
export function isSilentOn(rule: AffectedRule, maker: string, installed: string | null): boolean {
  if (rule.kind === 'unspecified') return true
  if (installed === null) return false
  if (rule.kind === 'exact')
    return rule.isPartial === true && affectedBy(rule, maker, installed) === 'unknown'
  const limit = limitOf(rule)
  if (limit === null) return false
  const read = readerFor(rule, maker)
  return isOnAnotherLine(read(installed), read(limit))
}

/** Whether a rule clears the installed version because it is at or beyond an end, and not because it is before a start. */
export function isBeyondEnd(rule: AffectedRule, maker: string, installed: string | null): boolean {
  if (installed === null || affectedBy(rule, maker, installed) !== 'not-affected') return false
  if (rule.kind === 'any-of') return rule.rules.every((one) => isBeyondEnd(one, maker, installed))
  const limit = limitOf(rule)
  const read = readerFor(rule, maker)
  const version = read(installed)
  if (limit !== null) {
    const toEnd = compareToLimit(version, read(limit), 'last')
    if (toEnd !== null && toEnd >= 0) return true
  }
  if (rule.kind === 'range' || rule.kind === 'until-fixed')
    return isFixedBy(version, (rule.fixed ?? []).map(read))
  return rule.kind === 'build-before' || rule.kind === 'per-branch'
}

/** Reads versions as the rule numbers them. */
function readerFor(rule: AffectedRule, maker: string): (text: string) => FirmwareVersion {
  const order = 'order' in rule ? rule.order : undefined
  return (text) => parseFirmware(maker, text, order)
}

/** The version a rule ends with; null when it names none. */
function limitOf(rule: AffectedRule): string | null {
  if (rule.kind === 'range') return rule.last
  return 'version' in rule ? rule.version : null
}

/** The rule in words, for a person who checks a verdict. */
export function describeRule(rule: AffectedRule): string {
  switch (rule.kind) {
    case 'any':
      return 'every version'
    case 'unspecified':
      return 'no usable version given'
    case 'build-before':
      return `built before ${rule.date}`
    case 'lt':
      return `older than ${rule.version}`
    case 'le':
      return `${rule.version} or older`
    case 'range':
      return `${rule.isFirstExcluded ? 'newer than ' : ''}${rule.first} to ${rule.isLastExcluded ? 'before ' : ''}${rule.last}${fixesOf(rule.fixed)}`
    case 'until-fixed': {
      const start = rule.first === null ? 'every version' : `${rule.first} and newer`
      return `${rule.isFirstExcluded ? `newer than ${rule.first}` : start}${fixesOf(rule.fixed)}`
    }
    case 'per-branch':
      return `older than the fix of its line (${Object.values(rule.fixed).toSorted().join(', ')})`
    case 'exact':
      return `${rule.versions.join(', ')}${rule.isPartial ? '; nothing is said of others' : ''}`
    case 'any-of':
      return rule.rules.map(describeRule).join('; or ')
    default:
      return rule satisfies never
  }
}

function fixesOf(fixed: readonly string[] | undefined): string {
  return fixed === undefined || fixed.length === 0 ? '' : `, except from ${fixed.join(', ')} on their lines`
}

function affectedWhen(order: -1 | 0 | 1 | null, isMeant: (order: -1 | 0 | 1) => boolean): Affected {
  if (order === null) return 'unknown'
  return isMeant(order) ? 'affected' : 'not-affected'
}
