/**
 * Firmware version strings: read them, order them within one firmware line, test them against a rule.
 *
 * Makers number several firmware lines (platforms, customer branches, support tracks) independently, so a
 * higher number on another line proves nothing: Hikvision fixed CVE-2021-36260 in V5.5.800 build 210628 while
 * line IPD_H8 5.7.1 build 210619 was vulnerable. Hence "not comparable" (null) and "unknown" are answers, and
 * nothing here ever compares text or decimals.
 */
import { isRealDay, type PlainDate, plainDate } from '../calendar.ts'

export type FirmwareScheme = 'hikvision' | 'dahua' | 'axis' | 'hanwha' | 'uniview' | 'opaque'

export interface FirmwareVersion {
  /** As given, trimmed. */
  readonly raw: string
  readonly scheme: FirmwareScheme
  /** Null when the string is opaque: then only an exact match means anything. */
  readonly segments: readonly number[] | null
  /** Null when the string carries no date that exists in the calendar. */
  readonly buildDate: PlainDate | null
  /** The line inside which versions are ordered: platform, customer branch or support track. */
  readonly branch: string | null
  /** Release channel letter of Dahua (`R`). */
  readonly channel: string | null
  /** Language region of a Hikvision package (`EN`, `CN`): says which image fits a unit, never which is newer. */
  readonly region: string | null
  readonly isComparable: boolean
}

/** Which firmware an advisory means, as far as its source says so. Versions are in the maker's own notation. */
export type AffectedRule =
  /** Every version. */
  | { readonly kind: 'any' }
  /** The source names the product and says nothing usable about versions. */
  | { readonly kind: 'unspecified' }
  /** Built before this day. */
  | { readonly kind: 'build-before'; readonly date: PlainDate }
  /** Lower than. */
  | { readonly kind: 'lt'; readonly version: string }
  /** Lower than or equal. */
  | { readonly kind: 'le'; readonly version: string }
  /** From first to last, both included unless it says otherwise. */
  | {
      readonly kind: 'range'
      readonly first: string
      readonly last: string
      readonly isFirstExcluded?: true | undefined
      readonly isLastExcluded?: true | undefined
    }
  /** The first fixed version of each line; a line that is not listed is unknown. */
  | { readonly kind: 'per-branch'; readonly fixed: Readonly<Record<string, string>> }
  /** Only these. */
  | { readonly kind: 'exact'; readonly versions: readonly string[] }

export type Affected = 'affected' | 'not-affected' | 'unknown'

/** A version string is a label, not a document: beyond this many characters it is opaque. */
const MAX_LENGTH = 200

const PARSERS: Readonly<Record<string, (text: string) => Parsed | null>> = {
  hikvision: parseHikvision,
  dahua: parseDahua,
  axis: parseAxis,
  hanwha: parseHanwha,
  uniview: parseUniview,
}

/**
 * Long-term support tracks of AXIS OS, each with its own fixes; the other releases of a major follow one another.
 * Source: help.axis.com/en-us/axis-os and the release notes T10202630, read 2026-11-23.
 */
const AXIS_LTS_TRACKS: ReadonlySet<string> = new Set(['6.50', '8.40', '9.80', '10.12', '11.11', '12.11'])

interface Parsed {
  readonly segments: readonly number[]
  readonly buildDate?: PlainDate | null
  readonly branch?: string | null
  readonly channel?: string | null
  readonly region?: string | null
}

/**
 * Read a version as the real producer writes it; `maker` is a vendor id of the catalogue.
 * A maker without a known scheme, or a string that does not fit its maker's scheme, gives an opaque version.
 */
export function parseFirmware(maker: string, raw: string): FirmwareVersion {
  const text = raw.trim()
  const parse = Object.hasOwn(PARSERS, maker) ? PARSERS[maker] : undefined
  const parsed = text.length <= MAX_LENGTH ? (parse?.(text) ?? null) : null
  if (parsed === null || !parsed.segments.every(Number.isSafeInteger)) {
    return {
      raw: text,
      scheme: 'opaque',
      segments: null,
      buildDate: null,
      branch: null,
      channel: null,
      region: null,
      isComparable: false,
    }
  }
  return {
    raw: text,
    scheme: maker as FirmwareScheme,
    segments: parsed.segments,
    buildDate: parsed.buildDate ?? null,
    branch: parsed.branch ?? null,
    channel: parsed.channel ?? null,
    region: parsed.region ?? null,
    isComparable: true,
  }
}

/** -1 when `a` is older, 1 when newer, 0 when the same, null when nothing orders them. */
export function compareFirmware(a: FirmwareVersion, b: FirmwareVersion): -1 | 0 | 1 | null {
  if (sameText(a, b)) return 0
  const bySegments = compareSegments(a, b)
  if (bySegments !== 0) return bySegments
  if (a.buildDate === b.buildDate) return 0
  if (a.buildDate === null || b.buildDate === null) return null
  return a.buildDate < b.buildDate ? -1 : 1
}

/** Whether a rule means the installed firmware. A null version is not known, never "old". */
export function affectedBy(rule: AffectedRule, maker: string, installed: string | null): Affected {
  switch (rule.kind) {
    case 'any':
      return 'affected'
    case 'unspecified':
      return 'unknown'
  }
  if (installed === null || installed.trim() === '') return 'unknown'
  const version = parseFirmware(maker, installed)
  switch (rule.kind) {
    case 'build-before':
      if (version.buildDate === null) return 'unknown'
      return version.buildDate < rule.date ? 'affected' : 'not-affected'
    case 'lt':
      return affectedWhen(compareToLimit(version, parseFirmware(maker, rule.version)), (order) => order < 0)
    case 'le':
      return affectedWhen(compareToLimit(version, parseFirmware(maker, rule.version)), (order) => order <= 0)
    case 'range': {
      const toFirst = compareToLimit(version, parseFirmware(maker, rule.first))
      const toLast = compareToLimit(version, parseFirmware(maker, rule.last))
      if (toFirst === -1 || toLast === 1) return 'not-affected'
      if ((rule.isFirstExcluded && toFirst === 0) || (rule.isLastExcluded && toLast === 0))
        return 'not-affected'
      return toFirst === null || toLast === null ? 'unknown' : 'affected'
    }
    case 'per-branch': {
      const { branch } = version
      if (branch === null || !Object.hasOwn(rule.fixed, branch)) return 'unknown'
      const fixed = parseFirmware(maker, rule.fixed[branch]!)
      return affectedWhen(compareToLimit(version, fixed), (order) => order < 0)
    }
    case 'exact': {
      const orders = rule.versions.map((text) => compareToLimit(version, parseFirmware(maker, text)))
      if (orders.includes(0)) return 'affected'
      return orders.includes(null) ? 'unknown' : 'not-affected'
    }
    default:
      return rule satisfies never
  }
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
      return `${rule.isFirstExcluded ? 'newer than ' : ''}${rule.first} to ${rule.isLastExcluded ? 'before ' : ''}${rule.last}`
    case 'per-branch':
      return `older than the fix of its line (${Object.values(rule.fixed).toSorted().join(', ')})`
    case 'exact':
      return rule.versions.join(', ')
    default:
      return rule satisfies never
  }
}

function affectedWhen(order: -1 | 0 | 1 | null, isMeant: (order: -1 | 0 | 1) => boolean): Affected {
  if (order === null) return 'unknown'
  return isMeant(order) ? 'affected' : 'not-affected'
}

/** A limit without a build date means every build of that number, so the installed date does not matter. */
function compareToLimit(installed: FirmwareVersion, limit: FirmwareVersion): -1 | 0 | 1 | null {
  if (limit.buildDate === null && limit.isComparable && installed.isComparable) {
    return compareSegments(installed, limit)
  }
  return compareFirmware(installed, limit)
}

function sameText(a: FirmwareVersion, b: FirmwareVersion): boolean {
  return a.scheme === b.scheme && a.raw.toLowerCase() === b.raw.toLowerCase()
}

function compareSegments(a: FirmwareVersion, b: FirmwareVersion): -1 | 0 | 1 | null {
  if (a.segments === null || b.segments === null || !areOnOneLine(a, b)) return null
  for (let i = 0; i < Math.max(a.segments.length, b.segments.length); i++) {
    const difference = (a.segments[i] ?? 0) - (b.segments[i] ?? 0)
    if (difference !== 0) return difference < 0 ? -1 : 1
  }
  return 0
}

function areOnOneLine(a: FirmwareVersion, b: FirmwareVersion): boolean {
  if (a.scheme !== b.scheme) return false
  if (a.scheme !== 'axis') return a.branch === b.branch && a.channel === b.channel
  if (a.branch === b.branch) return true
  const areActive = !AXIS_LTS_TRACKS.has(a.branch!) && !AXIS_LTS_TRACKS.has(b.branch!)
  return areActive && a.segments![0] === b.segments![0]
}

/** `V5.5.82 build 190909`, or the package name `IPC_G3_EN_STD_5.5.160_210416`. */
function parseHikvision(text: string): Parsed | null {
  const shown =
    /^v?(\d+)\.(\d+)\.(\d+)(?:[.-](\d+))?(?:[\s_,]*build[\s_:]*(\d{8}|\d{6}|\d{4}[-/]\d{2}[-/]\d{2}))?$/i.exec(
      text,
    )
  if (shown) return { segments: integers(shown.slice(1, 5)), buildDate: anyDate(shown[5]) }
  const packaged =
    /^([a-z]+_[a-z0-9]+)_([a-z]{2})_[a-z0-9]+_(\d+(?:\.\d+){1,4})_(\d{6})(?:\.(?:zip|dav))?$/i.exec(text)
  if (!packaged) return null
  return {
    segments: integers(packaged[3]!.split('.')),
    buildDate: shortDate(packaged[4]),
    branch: packaged[1]!.toUpperCase(),
    region: packaged[2]!.toUpperCase(),
  }
}

/** `2.800.0000000.29.R, Build Date: 2021-06-04`; the third field is a customer branch, not a number. */
function parseDahua(text: string): Parsed | null {
  const match =
    /^v?(\d+)\.(\d+)\.([0-9a-z]{4,8})\.(\d+)(?:\.([a-z]+))?(?:[\s,.]+(?:build(?:\s*date)?\s*:?\s*)?(\d{4}-\d{2}-\d{2}|\d{8}|\d{6}))?$/i.exec(
      text,
    )
  if (!match) return null
  return {
    segments: integers([match[1], match[2], match[4]]),
    buildDate: anyDate(match[6]),
    branch: `${Number(match[1])}.${Number(match[2])}.${match[3]!.toUpperCase()}`,
    channel: match[5]?.toUpperCase() ?? null,
  }
}

/** `10.12.182`; the track is the first two numbers. */
function parseAxis(text: string): Parsed | null {
  const match = /^(?:axis os\s*)?v?(\d+(?:\.\d+){1,5})$/i.exec(text)
  if (!match) return null
  const segments = integers(match[1]!.split('.'))
  return { segments, branch: `${segments[0]}.${segments[1]}` }
}

/** `3.05.62`, `1.41.04_20211012_R280`; leading zeros mean nothing. */
function parseHanwha(text: string): Parsed | null {
  const match = /^v?(\d+)\.(\d+)\.(\d+)(?:\.(\d+))?(?:_(\d{8})(?:_[a-z]\d+)?)?$/i.exec(text)
  if (!match) return null
  return { segments: integers(match.slice(1, 5)), buildDate: longDate(match[5]) }
}

/** `QIPC-B2202.10.17.C06222.L61.NB.250307`: platform, numbers, customer codes, build day. */
function parseUniview(text: string): Parsed | null {
  const match = /^([a-z]+[-_][a-z0-9]+)((?:\.[a-z0-9]+)+)$/i.exec(text)
  if (!match) return null
  const fields = match[2]!.slice(1).split('.')
  const buildDate = /^\d{6}$/.test(fields.at(-1)!) ? shortDate(fields.at(-1)) : null
  const numbers = buildDate === null ? fields : fields.slice(0, -1)
  const firstCode = numbers.findIndex((field) => !/^\d+$/.test(field))
  const segments = integers(firstCode === -1 ? numbers : numbers.slice(0, firstCode))
  return segments.length === 0 ? null : { segments, buildDate, branch: match[1]!.toUpperCase() }
}

function integers(fields: readonly (string | undefined)[]): number[] {
  return fields.filter((field) => field !== undefined).map(Number)
}

/** `yymmdd` or `yyyymmdd`, with or without signs between. */
function anyDate(text: string | undefined): PlainDate | null {
  const digits = text?.replace(/[-/]/g, '')
  return digits?.length === 8 ? longDate(digits) : shortDate(digits)
}

/** `yymmdd` of this century. */
function shortDate(digits: string | undefined): PlainDate | null {
  return digits === undefined ? null : longDate(`20${digits}`)
}

function longDate(digits: string | undefined): PlainDate | null {
  if (digits === undefined) return null
  const [year, month, day] = [digits.slice(0, 4), digits.slice(4, 6), digits.slice(6, 8)].map(Number)
  return isRealDay(year!, month!, day!) ? plainDate(year!, month!, day!) : null
}
