/**
 * Published vulnerabilities in one shape, from four public feeds (`kev.ts`, `cve.ts`, `csaf.ts`, `nvd.ts`) and our
 * own overlay.
 *
 * The feeds find candidates; they cannot decide for cameras: the record of CVE-2021-36260 names neither product
 * nor version, that of CVE-2021-33044 gives prose. Verdicts therefore come from claims, each with its source and
 * container, and the curated overlay (`data/advisories.json`) supplies the claims the feeds lack.
 */
import { z } from 'zod'
import type { DeviceClass } from '../catalogue/facts.ts'
import { isPlainDate, type PlainDate } from '../lib/calendar.ts'
import { canonical } from '../lib/canonical.ts'
import { atOnce, type Steps } from '../lib/steps.ts'
import type { AffectedRule } from './affected-rule.ts'
import { modelPatterns } from './model-fields.ts'
import { patternsProblem } from './models.ts'
import type { Fix, RequiredAction } from './remedy.ts'

/** Where in a source a claim stands: a CVE record has a part of its assigner and parts others added. */
const CONTAINERS = ['curated', 'cna', 'adp', 'nvd', 'csaf', 'kev'] as const

type Container = (typeof CONTAINERS)[number]

/** One statement of one source: these models with this firmware are affected. */
export interface Claim {
  /** The record it stands in, such as `CVE-2021-33044 at NVD`. */
  readonly source: string
  readonly container: Container
  readonly citation: string
  /** Vendor id of the real producer; null when the source's vendor is not in the catalog. */
  readonly maker: string | null
  /** The product in the source's words. */
  readonly product: string
  /** Model patterns (`models.ts`); empty when the source names no model. */
  readonly models: readonly string[]
  /** Device classes the product can be; null for any. Used where model codes cannot be compared. */
  readonly deviceClasses: readonly DeviceClass[] | null
  readonly rule: AffectedRule
  /** When it differs from the advisory's. */
  readonly fix: Fix | null
}

/** Facts of CISA's catalog of known exploited vulnerabilities. */
interface KnownExploited {
  readonly addedOn: PlainDate
  /** Binds federal civilian agencies under BOD 22-01; null when only a marker was seen. */
  readonly dueOn: PlainDate | null
  readonly requiredAction: RequiredAction | null
  readonly isUsedByRansomware: boolean | null
}

/** The chance that it is exploited within 30 days, by the model of FIRST (EPSS). */
export interface Epss {
  /** 0..1 */
  readonly score: number
  /** 0..1: the share of all vulnerabilities that score no higher. */
  readonly percentile: number | null
  readonly on: PlainDate
}

/** CISA's decision points (SSVC), as it adds them to records of the CVE list. */
export interface Ssvc {
  readonly exploitation: 'none' | 'poc' | 'active'
  readonly automatable: boolean | null
  readonly technicalImpact: 'partial' | 'total' | null
  /** The day of CISA's decision; null when the record does not say. */
  readonly on: PlainDate | null
}

export interface Advisory {
  /** CVE id. */
  readonly id: string
  readonly title: string | null
  readonly publishedOn: PlainDate | null
  /** CVSS 3.1 or 4.0 base score, 0..10. */
  readonly cvss: number | null
  readonly knownExploited: KnownExploited | null
  readonly fix: Fix
  readonly epss?: Epss | undefined
  readonly ssvc?: Ssvc | undefined
  readonly claims: readonly Claim[]
  /** Other ids, such as `ICSA-24-214-07`. */
  readonly references: readonly string[]
  /** When its record was last revised, as the record says; absent where records carry no such time. */
  readonly revisedAt?: string | undefined
}

export interface ImportProblem {
  /** JSON pointer, or `/row/<n>` of a CSV counted from 1. */
  readonly pointer: string
  readonly detail: string
}

export interface Imported {
  /** Version of the feed as it says itself; null when it has none. */
  readonly version: string | null
  readonly releasedOn: PlainDate | null
  /** The same with its time, of a feed that is one document. */
  readonly releasedAt?: string | undefined
  readonly advisories: readonly Advisory[]
  /** Ids of advisories that the document holds and that are not taken: what is on record of them stays. */
  readonly refused: readonly string[]
  /** What could not be read. The caller refuses a feed whose problems are too many; nothing is dropped in silence. */
  readonly problems: readonly ImportProblem[]
}

/** An advisory names more patterns than this when something is wrong with the document: the largest have hundreds. */
const MOST_PATTERNS = 2_000

/** Why an advisory cannot be taken, with its id; null when it can. Products of other makers are never compared. */
export function advisoryProblem({ id, claims }: Advisory): string | null {
  const compared = claims.filter(({ maker }) => maker !== null)
  const count = compared.reduce((sum, { models }) => sum + models.length, 0)
  if (count > MOST_PATTERNS) return `${id} must have at most ${MOST_PATTERNS} model patterns, not ${count}`
  for (const { models } of compared) {
    const problem = patternsProblem(models)
    if (problem !== null) return `${id}: ${problem}`
  }
  return null
}

/** Folded vendor names of the feeds (`dahuasecurity`) to vendor ids. */
export type MakerNames = Pick<ReadonlyMap<string, string>, 'get'>

const Numbered = { order: z.literal('semver').optional() }

const SingleRule = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('any') }),
  z.strictObject({ kind: z.literal('unspecified') }),
  z.strictObject({ kind: z.literal('build-before'), date: z.string().refine(isPlainDate) }),
  z.strictObject({ kind: z.literal('lt'), version: z.string(), ...Numbered }),
  z.strictObject({ kind: z.literal('le'), version: z.string(), ...Numbered }),
  z.strictObject({
    kind: z.literal('range'),
    first: z.string(),
    last: z.string(),
    isFirstExcluded: z.literal(true).optional(),
    isLastExcluded: z.literal(true).optional(),
    fixed: z.array(z.string()).optional(),
    ...Numbered,
  }),
  z.strictObject({
    kind: z.literal('until-fixed'),
    first: z.string().nullable(),
    isFirstExcluded: z.literal(true).optional(),
    fixed: z.array(z.string()),
    ...Numbered,
  }),
  z.strictObject({ kind: z.literal('per-branch'), fixed: z.record(z.string(), z.string()) }),
  z.strictObject({
    kind: z.literal('exact'),
    versions: z.array(z.string()).min(1),
    isPartial: z.literal(true).optional(),
    ...Numbered,
  }),
])
const Rule = z.discriminatedUnion('kind', [
  SingleRule,
  z.strictObject({ kind: z.literal('any-of'), rules: z.array(SingleRule).min(1) }),
])

const FixValue = z.enum([
  'vendor-fix',
  'workaround',
  'mitigation',
  'no-fix-planned',
  'none-available',
  'unknown',
])

/** Shape of `data/advisories.json`. */
export const AdvisoryOverlay = z.strictObject({
  version: z.string(),
  readOn: z.string().refine(isPlainDate),
  note: z.string(),
  makers: z.record(z.string(), z.array(z.string()).min(1)),
  modelPrefixes: z.record(z.string(), z.array(z.string()).min(1)),
  advisories: z.array(
    z.strictObject({
      id: z.string().regex(/^CVE-\d{4}-\d{4,}$/),
      title: z.string(),
      publishedOn: z.string().refine(isPlainDate).nullable(),
      cvss: z.number().min(0).max(10).nullable(),
      knownExploited: z
        .strictObject({
          addedOn: z.string().refine(isPlainDate),
          dueOn: z.string().refine(isPlainDate).nullable(),
          requiredAction: z.enum(['patch', 'mitigate-or-discontinue', 'discontinue']).nullable(),
          isUsedByRansomware: z.boolean().nullable(),
        })
        .nullable(),
      fix: FixValue,
      references: z.array(z.string()),
      claims: z
        .array(
          z.strictObject({
            source: z.string(),
            container: z.enum(CONTAINERS),
            citation: z.string(),
            maker: z.string(),
            product: z.string(),
            models: modelPatterns(),
            deviceClasses: z
              .array(
                z.enum([
                  'camera',
                  'recorder',
                  'encoder',
                  'lpr',
                  'access-control',
                  'intercom',
                  'server',
                  'other',
                ]),
              )
              .nullable(),
            rule: Rule,
            fix: FixValue.nullable(),
          }),
        )
        .min(1),
    }),
  ),
})
export type AdvisoryOverlay = z.infer<typeof AdvisoryOverlay>

/** The vendor names of the feeds, from the overlay. */
export function makerNames(overlay: AdvisoryOverlay): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(overlay.makers).flatMap(([id, names]) => names.map((name) => [fold(name), id] as const)),
  )
}

/** The vendor id that a name in a feed or on a label means; null when it means none. */
export function makerNamed(makers: MakerNames, name: string | null): string | null {
  return name === null ? null : (makers.get(fold(name)) ?? null)
}

/**
 * One advisory per id from several feeds. Claims are united; the worst score, the facts of the catalog itself
 * before a marker elsewhere, and the fix as the best-informed source has it. The order of the feeds is of no effect.
 */
export function mergeAdvisories(feeds: readonly (readonly Advisory[])[]): readonly Advisory[] {
  return atOnce(mergingAdvisories(feeds))
}

/** The same in steps: a whole feed takes seconds. */
export function* mergingAdvisories(feeds: readonly (readonly Advisory[])[]): Steps<readonly Advisory[]> {
  const groups = new Map<string, Advisory[]>()
  for (const one of feeds.flat()) {
    const group = groups.get(one.id)
    if (group) group.push(one)
    else groups.set(one.id, [one])
  }
  const merged: Advisory[] = []
  for (const group of groups.values()) {
    merged.push(mergeGroup(group))
    yield
  }
  return merged.toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

export interface AdvisoryChanges {
  readonly added: readonly string[]
  readonly changed: readonly { readonly id: string; readonly fields: readonly string[] }[]
  /** In the previous version and not in this one. */
  readonly withdrawn: readonly string[]
  readonly unchanged: number
}

/** What differs between two versions of one feed; ids in text order. The caller decides whether to accept it. */
export function* comparingAdvisories(
  previous: readonly Advisory[],
  next: readonly Advisory[],
): Steps<AdvisoryChanges> {
  const before = new Map(previous.map((one) => [one.id, one]))
  const after = new Map(next.map((one) => [one.id, one]))
  const ids = [...after.keys()].toSorted()
  const changed: { id: string; fields: string[] }[] = []
  for (const id of ids) {
    const [old, now] = [before.get(id), after.get(id)!]
    if (!old) continue
    const fields = (Object.keys(now) as (keyof Advisory)[]).filter(
      (key) => canonical(old[key]) !== canonical(now[key]),
    )
    if (fields.length > 0) changed.push({ id, fields })
    yield
  }
  const added = ids.filter((id) => !before.has(id))
  return {
    added,
    changed,
    withdrawn: [...before.keys()].filter((id) => !after.has(id)).toSorted(),
    unchanged: ids.length - added.length - changed.length,
  }
}

export function advisory(given: Partial<Advisory> & Pick<Advisory, 'id' | 'claims'>): Advisory {
  return {
    title: null,
    publishedOn: null,
    cvss: null,
    knownExploited: null,
    fix: 'unknown',
    references: [],
    ...given,
    claims: distinct(given.claims),
  }
}

function mergeGroup(group: readonly Advisory[]): Advisory {
  const inOrder = group.toSorted((a, b) => {
    const byRank = rank(a) - rank(b)
    return byRank !== 0 ? byRank : canonical(a) < canonical(b) ? -1 : 1
  })
  const first = <T>(read: (one: Advisory) => T | null) =>
    inOrder.map(read).find((value): value is T & {} => value !== null) ?? null
  // The catalog itself knows its dates best; then whoever repeats a due date; then a bare marker.
  const isKev = ({ container }: Claim) => container === 'kev'
  const exploited = [
    ...inOrder.filter((one) => one.claims.length > 0 && one.claims.every(isKev)),
    // The overlay repeats the catalog as it was when it was read.
    ...inOrder.filter((one) => one.claims.some(isKev)),
    ...inOrder,
  ]
    .map((one) => one.knownExploited)
    .filter((e) => e !== null)
  const claims = distinct(inOrder.flatMap((one) => one.claims))
  const epss = newest(inOrder.map((one) => one.epss))
  const ssvc = newest(inOrder.map((one) => one.ssvc))
  const revised = inOrder.flatMap((one) => one.revisedAt ?? []).toSorted()
  return {
    ...(revised.length === 0 ? {} : { revisedAt: revised.at(-1) }),
    ...(epss === undefined ? {} : { epss }),
    ...(ssvc === undefined ? {} : { ssvc }),
    id: inOrder[0]!.id,
    title: first((one) => one.title),
    publishedOn:
      inOrder
        .map((one) => one.publishedOn)
        .filter((day) => day !== null)
        .toSorted()[0] ?? null,
    cvss: highest(inOrder.map((one) => one.cvss)),
    knownExploited: exploited.find((entry) => entry.dueOn !== null) ?? exploited[0] ?? null,
    fix: inOrder.map((one) => one.fix).find((fix) => fix !== 'unknown') ?? 'unknown',
    references: [...new Set(inOrder.flatMap((one) => one.references))].toSorted(),
    claims: claims.map((claim) => ({
      ...claim,
      deviceClasses: claim.deviceClasses ?? classesOf(claim.maker, claims),
    })),
  }
}

function newest<T extends { readonly on: PlainDate | null }>(
  given: readonly (T | undefined)[],
): T | undefined {
  return given
    .filter((one) => one !== undefined)
    .toSorted((a, b) => ((a.on ?? '') < (b.on ?? '') ? 1 : -1))[0]
}

/** Feeds do not say what kind of device a product is; what the other claims on the maker say holds for theirs. */
function classesOf(maker: string | null, claims: readonly Claim[]): readonly DeviceClass[] | null {
  const known = claims.filter((claim) => claim.maker === maker && claim.deviceClasses !== null)
  return known.length === 0 ? null : [...new Set(known.flatMap((claim) => claim.deviceClasses!))].toSorted()
}

/** The best-informed container an advisory speaks from; the curated overlay comes first. */
function rank(one: Advisory): number {
  return Math.min(CONTAINERS.length, ...one.claims.map((claim) => CONTAINERS.indexOf(claim.container)))
}

function distinct(claims: readonly Claim[]): readonly Claim[] {
  const byText = new Map(claims.map((claim) => [canonical(claim), claim]))
  return [...byText].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, claim]) => claim)
}

export function highest(scores: readonly (number | null)[]): number | null {
  const known = scores.filter((score) => score !== null)
  return known.length > 0 ? Math.max(...known) : null
}

export function fold(text: string): string {
  return text.trim().toLowerCase().replace(/\s+/g, ' ')
}
