/**
 * Firmware version strings: read them, order them within one firmware line, test them against a rule.
 *
 * Makers number several firmware lines (platforms, customer branches, support tracks) independently, so a
 * higher number on another line proves nothing: Hikvision fixed CVE-2021-36260 in V5.5.800 build 210628 while
 * line IPD_H8 5.7.1 build 210619 was vulnerable. Hence "not comparable" (null) and "unknown" are answers, and
 * nothing here ever compares text or decimals.
 */
import { isRealDay, type PlainDate, plainDate } from '../lib/calendar.ts'

type FirmwareScheme = 'hikvision' | 'dahua' | 'axis' | 'hanwha' | 'uniview' | 'semver' | 'opaque'

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
 * Schemes that cannot be mistaken for others: brands without a scheme of their own sell devices with the firmware of
 * these makers, numbered as they do.
 */
const SCHEME_SIGNS: readonly [FirmwareScheme, (text: string) => Parsed | null][] = [
  ['dahua', parseDahua],
  ['uniview', (text) => (/^[a-z]{3,}-[a-z]\d/i.test(text) ? parseUniview(text) : null)],
  ['hikvision', (text) => (/build/i.test(text) ? parseHikvision(text) : null)],
]

/**
 * Read a version as the real producer writes it; `maker` is a vendor id of the catalog. `order` is what the record
 * says of the numbering, for makers without a scheme of their own. A string that fits nothing gives an opaque version.
 */
export function parseFirmware(maker: string, raw: string, order?: 'semver'): FirmwareVersion {
  const text = raw.trim()
  const own = Object.hasOwn(PARSERS, maker) ? PARSERS[maker] : undefined
  let scheme = maker as FirmwareScheme
  let parsed: Parsed | null = null
  if (text.length <= MAX_LENGTH) {
    if (own) parsed = own(text)
    else if (order === 'semver') [scheme, parsed] = ['semver', parseSemver(text)]
    else {
      const found = SCHEME_SIGNS.map(([name, parse]) => [name, parse(text)] as const).find(([, one]) => one)
      if (found) [scheme, parsed] = found
    }
  }
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
    scheme,
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

/**
 * An installed version against a limit of a rule. A limit without a build date means every build of that number, so
 * the installed date does not matter. `bound` says which end of a range the limit is: lines that grew out of the
 * numbered releases of a maker can be told apart from it, though versions on them have no order (see `byTrack`).
 */
export function compareToLimit(
  installed: FirmwareVersion,
  limit: FirmwareVersion,
  bound: 'first' | 'last',
): -1 | 0 | 1 | null {
  if (sameText(installed, limit)) return 0
  const areNumbered = installed.isComparable && limit.isComparable
  if (areNumbered && !areOnOneLine(installed, limit)) return byTrack(installed, limit, bound)
  if (areNumbered && limit.buildDate === null) return compareSegments(installed, limit)
  return compareFirmware(installed, limit)
}

/**
 * Whether a version is at or beyond one of several fixes, on the line of that fix. Where a maker numbers all its
 * releases in one row, the lines are those of the first two numbers, and the highest fix is in all that follows.
 */
export function isFixedBy(installed: FirmwareVersion, fixes: readonly FirmwareVersion[]): boolean {
  return fixes.some((fix) => {
    if (!isOnLineOf(installed, fix)) return false
    const hasLines = fix.branch !== null && fix.scheme !== 'semver'
    const isHighest = fixes.every((other) => (compareSegments(other, fix) ?? 0) <= 0)
    if (!hasLines && !isHighest && !startAlike(installed, fix)) return false
    const order = compareToLimit(installed, fix, 'last')
    return order !== null && order >= 0
  })
}

function startAlike(a: FirmwareVersion, b: FirmwareVersion): boolean {
  return a.segments![0] === b.segments![0] && (a.segments![1] ?? 0) === (b.segments![1] ?? 0)
}

/** Whether a limit speaks of the line of the installed version. */
export function isOnLineOf(installed: FirmwareVersion, limit: FirmwareVersion): boolean {
  return installed.isComparable && limit.isComparable && areOnOneLine(installed, limit)
}

/** Whether a limit speaks of another line than that of the installed version. */
export function isOnAnotherLine(installed: FirmwareVersion, limit: FirmwareVersion): boolean {
  return installed.isComparable && limit.isComparable && !areOnOneLine(installed, limit)
}

/**
 * Tracks of AXIS OS fork from the numbered releases, and releases of no long-term track get no fixes later. So a track
 * before the first affected release never had the vulnerability; a release before the last one that is in no long-term track
 * has it; a track after an active release that is the limit came from one that is beyond it. Nothing else follows.
 */
function byTrack(installed: FirmwareVersion, limit: FirmwareVersion, bound: 'first' | 'last'): -1 | 1 | null {
  if (installed.scheme !== 'axis' || limit.scheme !== 'axis') return null
  const isOlder = isEarlierTrack(installed.segments!, limit.segments!)
  if (bound === 'first') return isOlder ? -1 : 1
  if (isOlder) return AXIS_LTS_TRACKS.has(installed.branch!) ? null : -1
  return AXIS_LTS_TRACKS.has(limit.branch!) ? null : 1
}

function isEarlierTrack(a: readonly number[], b: readonly number[]): boolean {
  return a[0]! < b[0]! || (a[0] === b[0] && (a[1] ?? 0) < (b[1] ?? 0))
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

/** `v6.3.40`, `6.3.40-rc1` is none: what comes before a release has no order that firmware keeps to. */
function parseSemver(text: string): Parsed | null {
  const match = /^v?(\d+(?:\.\d+){0,3})(?:\+[\w.-]+)?$/i.exec(text)
  if (!match) return null
  const segments = integers(match[1]!.split('.'))
  return { segments, branch: 'semver' }
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
