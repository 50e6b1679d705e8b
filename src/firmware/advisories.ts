/**
 * Published vulnerabilities, read from four public feeds and our own overlay into one shape.
 *
 * The feeds find candidates; they cannot decide for cameras: the record of CVE-2021-36260 names neither product
 * nor version, that of CVE-2021-33044 gives prose. Verdicts therefore come from claims, each with its source and
 * container, and the curated overlay (`data/advisories.json`) supplies the claims the feeds lack.
 */
import { parse as parseCsv } from 'csv-parse/sync'
import { z } from 'zod'
import { isPlainDate, type PlainDate, plainDate } from '../calendar.ts'
import type { DeviceClass } from '../regimes/determination.ts'
import type { Fix, RequiredAction } from './risk.ts'
import type { AffectedRule } from './versions.ts'

/** Where in a source a claim stands: a CVE record has a part of its assigner and parts others added. */
export const CONTAINERS = ['curated', 'cna', 'adp', 'nvd', 'csaf', 'kev'] as const
export type Container = (typeof CONTAINERS)[number]

/** One statement of one source: these models with this firmware are affected. */
export interface Claim {
  /** The record it stands in, such as `CVE-2021-33044 at NVD`. */
  readonly source: string
  readonly container: Container
  readonly citation: string
  /** Vendor id of the real producer; null when the source's vendor is not in the catalogue. */
  readonly maker: string | null
  /** The product in the source's words. */
  readonly product: string
  /** Model patterns of `modelMatcher`; empty when the source names no model. */
  readonly models: readonly string[]
  /** Device classes the product can be; null for any. Used where model codes cannot be compared. */
  readonly deviceClasses: readonly DeviceClass[] | null
  readonly rule: AffectedRule
  /** When it differs from the advisory's. */
  readonly fix: Fix | null
}

/** Facts of CISA's catalogue of known exploited vulnerabilities. */
export interface KnownExploited {
  readonly addedOn: PlainDate
  /** Binds federal civilian agencies under BOD 22-01; null when only a marker was seen. */
  readonly dueOn: PlainDate | null
  readonly requiredAction: RequiredAction | null
  readonly isUsedByRansomware: boolean | null
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
  readonly claims: readonly Claim[]
  /** Other ids, such as `ICSA-24-214-07`. */
  readonly references: readonly string[]
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
  readonly advisories: readonly Advisory[]
  /** What could not be read. The caller refuses a feed whose problems are too many; nothing is dropped in silence. */
  readonly problems: readonly ImportProblem[]
}

/** Folded vendor names of the feeds (`dahuasecurity`) to vendor ids. */
export type MakerNames = ReadonlyMap<string, string>

const Rule = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('any') }),
  z.strictObject({ kind: z.literal('unspecified') }),
  z.strictObject({ kind: z.literal('build-before'), date: z.string().refine(isPlainDate) }),
  z.strictObject({ kind: z.literal('lt'), version: z.string() }),
  z.strictObject({ kind: z.literal('le'), version: z.string() }),
  z.strictObject({ kind: z.literal('range'), first: z.string(), last: z.string() }),
  z.strictObject({ kind: z.literal('per-branch'), fixed: z.record(z.string(), z.string()) }),
  z.strictObject({ kind: z.literal('exact'), versions: z.array(z.string()).min(1) }),
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
            models: z.array(z.string()),
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
export function makerNames(overlay: AdvisoryOverlay): MakerNames {
  return new Map(
    Object.entries(overlay.makers).flatMap(([id, names]) => names.map((name) => [fold(name), id] as const)),
  )
}

/** The vendor id that a name in a feed or on a label means; null when it means none. */
export function makerNamed(makers: MakerNames, name: string | null): string | null {
  return name === null ? null : (makers.get(fold(name)) ?? null)
}

const KevRow = z.object({
  cveID: z.string().regex(/^CVE-\d{4}-\d{4,}$/),
  vendorProject: z.string(),
  product: z.string(),
  vulnerabilityName: z.string(),
  dateAdded: z.string().refine(isPlainDate, 'not a date'),
  dueDate: z.string().refine(isPlainDate, 'not a date'),
  requiredAction: z.string(),
  knownRansomwareCampaignUse: z.string().optional(),
})

/**
 * CISA KEV catalogue, JSON.
 * Source: cisa.gov/known-exploited-vulnerabilities-catalog; public domain (CC0).
 */
export function importKev(document: unknown, makers: MakerNames): Imported {
  const head = z
    .object({
      catalogVersion: z.string().optional(),
      dateReleased: z.string().optional(),
      count: z.number().optional(),
      vulnerabilities: z.array(z.unknown()),
    })
    .safeParse(document)
  if (!head.success) return unreadable('not a KEV catalogue: no list of vulnerabilities')
  const { vulnerabilities: rows, count, catalogVersion, dateReleased } = head.data
  const imported = kevRows(rows, (i) => `/vulnerabilities/${i}`, makers)
  const problems = [...imported.problems]
  if (count !== undefined && count !== rows.length) {
    problems.push({ pointer: '/count', detail: `says ${count} entries and holds ${rows.length}` })
  }
  return { ...imported, problems, version: catalogVersion ?? null, releasedOn: dayOf(dateReleased) }
}

/** CISA KEV catalogue, CSV with a header row. The CSV carries no catalogue version. */
export function importKevCsv(text: string, makers: MakerNames): Imported {
  let rows: unknown[]
  try {
    rows = parseCsv(text, { columns: true, bom: true, skip_empty_lines: true })
  } catch (error) {
    return unreadable(`not a CSV: ${(error as Error).message}`)
  }
  return kevRows(rows, (i) => `/row/${i + 1}`, makers)
}

/**
 * One record of the CVE list, format 5.
 * Source: github.com/CVEProject/cve-schema, read 2026-11-23.
 */
export function importCve(document: unknown, makers: MakerNames): Imported {
  const read = CveRecord.safeParse(document)
  if (!read.success) return unreadable(`not a CVE record: ${firstIssue(read.error)}`)
  const { cveMetadata, containers } = read.data
  const id = cveMetadata.cveId
  if (cveMetadata.state === 'REJECTED') return unreadable(`${id} is rejected by its assigner`)
  const parts = [
    { container: 'cna' as const, label: 'assigner', part: containers.cna },
    ...containers.adp.map((part) => ({
      container: 'adp' as const,
      label: part.providerMetadata?.shortName ?? 'added data',
      part,
    })),
  ]
  const claims = parts.flatMap(({ container, label, part }) =>
    part.affected.flatMap((affected) =>
      cveClaims(
        affected,
        { source: `${id}, ${label}`, container, citation: `cve.org/CVERecord?id=${id}` },
        makers,
      ),
    ),
  )
  const marker = parts.flatMap(({ part }) => part.metrics).find((metric) => metric.other?.type === 'kev')
    ?.other?.content
  const addedOn = dayOf(marker?.dateAdded)
  return {
    version: cveMetadata.dateUpdated ?? null,
    releasedOn: dayOf(cveMetadata.dateUpdated),
    problems: [],
    advisories: [
      advisory({
        id,
        title: containers.cna.title ?? null,
        publishedOn: dayOf(cveMetadata.datePublished),
        cvss: highest(parts.flatMap(({ part }) => part.metrics.map(scoreOf))),
        knownExploited:
          addedOn === null ? null : { addedOn, dueOn: null, requiredAction: null, isUsedByRansomware: null },
        claims,
      }),
    ],
  }
}

/**
 * Security advisory in CSAF 2.0, as CISA publishes them for industrial control systems: one of ours per CVE.
 * Source: docs.oasis-open.org/csaf/csaf/v2.0, read 2026-11-23.
 */
export function importCsaf(document: unknown, makers: MakerNames): Imported {
  const read = CsafDocument.safeParse(document)
  if (!read.success) return unreadable(`not a CSAF document: ${firstIssue(read.error)}`)
  const { document: head, product_tree, vulnerabilities } = read.data
  const id = head.tracking.id
  const products = new Map<string, CsafProduct>()
  for (const branch of product_tree?.branches ?? []) walk(branch, { vendor: '', product: '', version: null })
  const problems: ImportProblem[] = []
  const advisories = vulnerabilities.flatMap((vulnerability, i) => {
    if (vulnerability.cve === undefined) {
      problems.push({ pointer: `/vulnerabilities/${i}`, detail: 'has no CVE id' })
      return []
    }
    const affected = vulnerability.product_status?.known_affected ?? []
    const claims = affected.flatMap((productId): Claim[] => {
      const product = products.get(productId)
      if (!product) {
        problems.push({ pointer: `/vulnerabilities/${i}`, detail: `product ${productId} is not in the tree` })
        return []
      }
      const remedies = vulnerability.remediations.filter((r) => r.product_ids?.includes(productId) ?? true)
      return [
        {
          ...named(product.vendor, product.product, makers),
          source: id,
          container: 'csaf',
          citation: `CSAF ${id}`,
          deviceClasses: null,
          rule: csafRule(product.version),
          fix: csafFix(remedies),
        },
      ]
    })
    return [
      advisory({
        id: vulnerability.cve,
        title: vulnerability.title ?? head.title,
        publishedOn: dayOf(head.tracking.initial_release_date),
        cvss: highest(vulnerability.scores.map((s) => s.cvss_v4?.baseScore ?? s.cvss_v3?.baseScore ?? null)),
        fix: csafFix(vulnerability.remediations),
        claims,
        references: [id],
      }),
    ]
  })
  return {
    version: head.tracking.version ?? null,
    releasedOn: dayOf(head.tracking.current_release_date),
    advisories,
    problems,
  }

  function walk(branch: CsafBranch, above: CsafProduct) {
    const here: CsafProduct =
      branch.category === 'vendor'
        ? { ...above, vendor: branch.name }
        : branch.category === 'product_name'
          ? { ...above, product: branch.name }
          : branch.category === 'product_version' || branch.category === 'product_version_range'
            ? { ...above, version: { text: branch.name, isRange: branch.category.endsWith('range') } }
            : above
    if (branch.product) products.set(branch.product.product_id, here)
    for (const child of branch.branches ?? []) walk(child, here)
  }
}

/**
 * NVD: an answer of the CVE API 2.0 or a single record of it. Only the vulnerable side of a configuration is read;
 * the hardware node beside it says on what the firmware runs.
 * Source: nvd.nist.gov/developers/vulnerabilities, read 2026-11-23; public domain.
 */
export function importNvd(document: unknown, makers: MakerNames): Imported {
  const answer = z.object({ vulnerabilities: z.array(z.object({ cve: z.unknown() })) }).safeParse(document)
  const records = answer.success ? answer.data.vulnerabilities.map((v) => v.cve) : [document]
  const problems: ImportProblem[] = []
  const advisories = records.flatMap((record, i) => {
    const read = NvdRecord.safeParse(record)
    if (!read.success) {
      problems.push({ pointer: `/vulnerabilities/${i}`, detail: firstIssue(read.error) })
      return []
    }
    const { id, published, configurations, metrics } = read.data
    const matches = configurations
      .flatMap((configuration) => configuration.nodes)
      .flatMap((node) => node.cpeMatch)
      .filter((match) => match.vulnerable)
    const claims = matches.flatMap((match) => nvdClaim(id, match, makers))
    const addedOn = dayOf(read.data.cisaExploitAdd)
    const action = read.data.cisaRequiredAction
    return [
      advisory({
        id,
        publishedOn: dayOf(published),
        cvss: highest(
          Object.values(metrics).flatMap((list) => list.map((m) => m.cvssData?.baseScore ?? null)),
        ),
        knownExploited:
          addedOn === null
            ? null
            : {
                addedOn,
                dueOn: dayOf(read.data.cisaActionDue),
                requiredAction: action === undefined ? null : requiredActionOf(action),
                isUsedByRansomware: null,
              },
        claims,
      }),
    ]
  })
  return { version: null, releasedOn: null, advisories, problems }
}

/**
 * What CISA asks for, from the sentence it uses. Null when the sentence has none of the known forms.
 * A sentence that offers work and an end of use at once is the middle form.
 */
export function requiredActionOf(text: string): RequiredAction | null {
  const asksToStop = /\b(?:discontinu\w*|disconnect\w*|retired?|removed?)\b/i.test(text)
  const offersMitigation = /\bmitigat\w*/i.test(text)
  const offersFix = /\b(?:appl(?:y|ying)|updat\w+|upgrad\w+|patch\w*|remediat\w+)\b/i.test(text)
  if (asksToStop) return offersMitigation || offersFix ? 'mitigate-or-discontinue' : 'discontinue'
  if (offersMitigation) return 'mitigate-or-discontinue'
  return offersFix ? 'patch' : null
}

/**
 * One advisory per id from several feeds. Claims are united; the worst score, the facts of the catalogue itself
 * before a marker elsewhere, and the fix as the best-informed source has it. The order of the feeds is of no effect.
 */
export function mergeAdvisories(feeds: readonly (readonly Advisory[])[]): readonly Advisory[] {
  const groups = new Map<string, Advisory[]>()
  for (const one of feeds.flat()) groups.set(one.id, [...(groups.get(one.id) ?? []), one])
  return [...groups.values()].map(mergeGroup).toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

export interface AdvisoryChanges {
  readonly added: readonly string[]
  readonly changed: readonly { readonly id: string; readonly fields: readonly string[] }[]
  /** In the previous version and not in this one. */
  readonly withdrawn: readonly string[]
  readonly unchanged: number
}

/** What differs between two versions of one feed; ids in text order. The caller decides whether to accept it. */
export function diffAdvisories(previous: readonly Advisory[], next: readonly Advisory[]): AdvisoryChanges {
  const before = new Map(previous.map((one) => [one.id, one]))
  const after = new Map(next.map((one) => [one.id, one]))
  const ids = [...after.keys()].toSorted()
  const changed = ids.flatMap((id) => {
    const [old, now] = [before.get(id), after.get(id)!]
    if (!old) return []
    const fields = (Object.keys(now) as (keyof Advisory)[]).filter(
      (key) => canonical(old[key]) !== canonical(now[key]),
    )
    return fields.length > 0 ? [{ id, fields }] : []
  })
  const added = ids.filter((id) => !before.has(id))
  return {
    added,
    changed,
    withdrawn: [...before.keys()].filter((id) => !after.has(id)).toSorted(),
    unchanged: ids.length - added.length - changed.length,
  }
}

function kevRows(rows: readonly unknown[], pointer: (i: number) => string, makers: MakerNames): Imported {
  const problems: ImportProblem[] = []
  const seen = new Set<string>()
  const advisories = rows.flatMap((row, i): Advisory[] => {
    const read = KevRow.safeParse(row)
    if (!read.success) {
      problems.push({ pointer: pointer(i), detail: firstIssue(read.error) })
      return []
    }
    const entry = read.data
    if (seen.has(entry.cveID)) {
      problems.push({ pointer: pointer(i), detail: `${entry.cveID} stands in the catalogue twice` })
      return []
    }
    seen.add(entry.cveID)
    const requiredAction = requiredActionOf(entry.requiredAction)
    const { maker } = named(entry.vendorProject, entry.product, makers)
    return [
      advisory({
        id: entry.cveID,
        title: entry.vulnerabilityName.trim(),
        knownExploited: {
          addedOn: entry.dateAdded,
          dueOn: entry.dueDate,
          requiredAction,
          isUsedByRansomware: ransomware(entry.knownRansomwareCampaignUse),
        },
        // "Apply updates" says that there are some; "discontinue" that none will come.
        fix:
          requiredAction === 'patch'
            ? 'vendor-fix'
            : requiredAction === 'discontinue'
              ? 'none-available'
              : 'unknown',
        claims: [
          {
            source: `${entry.cveID} in CISA KEV`,
            container: 'kev',
            citation: 'CISA Known Exploited Vulnerabilities Catalog',
            maker,
            product: `${entry.vendorProject} ${entry.product}`.trim(),
            // The catalogue names products in prose; models come from the overlay.
            models: [],
            deviceClasses: null,
            rule: { kind: 'unspecified' },
            fix: null,
          },
        ],
      }),
    ]
  })
  return { version: null, releasedOn: null, advisories, problems }
}

function ransomware(text: string | undefined): boolean | null {
  return text === undefined || text === '' ? null : text === 'Known'
}

const Metric = z.object({
  cvssV4_0: z.object({ baseScore: z.number() }).optional(),
  cvssV3_1: z.object({ baseScore: z.number() }).optional(),
  cvssV3_0: z.object({ baseScore: z.number() }).optional(),
  other: z
    .object({ type: z.string(), content: z.object({ dateAdded: z.string().optional() }).optional() })
    .optional(),
})
type Metric = z.infer<typeof Metric>

const CveAffected = z.object({
  vendor: z.string().default(''),
  product: z.string().default(''),
  cpes: z.array(z.string()).default([]),
  defaultStatus: z.string().optional(),
  versions: z
    .array(
      z.object({
        version: z.string(),
        status: z.string(),
        lessThan: z.string().optional(),
        lessThanOrEqual: z.string().optional(),
      }),
    )
    .default([]),
})
type CveAffected = z.infer<typeof CveAffected>

const CvePart = z.object({
  title: z.string().optional(),
  providerMetadata: z.object({ shortName: z.string().optional() }).optional(),
  affected: z.array(CveAffected).default([]),
  metrics: z.array(Metric).default([]),
})

const CveRecord = z.object({
  cveMetadata: z.object({
    cveId: z.string().regex(/^CVE-\d{4}-\d{4,}$/),
    state: z.string(),
    datePublished: z.string().optional(),
    dateUpdated: z.string().optional(),
  }),
  containers: z.object({ cna: CvePart, adp: z.array(CvePart).default([]) }),
})

interface CsafProduct {
  readonly vendor: string
  readonly product: string
  readonly version: { readonly text: string; readonly isRange: boolean } | null
}

const CsafBranch = z.object({
  category: z.string(),
  name: z.string(),
  product: z.object({ product_id: z.string() }).optional(),
  get branches() {
    return z.array(CsafBranch).optional()
  },
})
type CsafBranch = z.infer<typeof CsafBranch>

const Remediation = z.object({
  category: z.string(),
  details: z.string().default(''),
  product_ids: z.array(z.string()).optional(),
})
type Remediation = z.infer<typeof Remediation>

const CsafDocument = z.object({
  document: z.object({
    title: z.string(),
    tracking: z.object({
      id: z.string(),
      version: z.string().optional(),
      initial_release_date: z.string().optional(),
      current_release_date: z.string().optional(),
    }),
  }),
  product_tree: z.object({ branches: z.array(CsafBranch).default([]) }).optional(),
  vulnerabilities: z
    .array(
      z.object({
        cve: z
          .string()
          .regex(/^CVE-\d{4}-\d{4,}$/)
          .optional(),
        title: z.string().optional(),
        product_status: z.object({ known_affected: z.array(z.string()).default([]) }).optional(),
        remediations: z.array(Remediation).default([]),
        scores: z
          .array(
            z.object({
              cvss_v3: z.object({ baseScore: z.number() }).optional(),
              cvss_v4: z.object({ baseScore: z.number() }).optional(),
            }),
          )
          .default([]),
      }),
    )
    .default([]),
})

const CpeMatch = z.object({
  vulnerable: z.boolean(),
  criteria: z.string(),
  versionStartIncluding: z.string().optional(),
  versionStartExcluding: z.string().optional(),
  versionEndIncluding: z.string().optional(),
  versionEndExcluding: z.string().optional(),
})
type CpeMatch = z.infer<typeof CpeMatch>

const NvdRecord = z.object({
  id: z.string().regex(/^CVE-\d{4}-\d{4,}$/),
  published: z.string().optional(),
  cisaExploitAdd: z.string().optional(),
  cisaActionDue: z.string().optional(),
  cisaRequiredAction: z.string().optional(),
  configurations: z
    .array(z.object({ nodes: z.array(z.object({ cpeMatch: z.array(CpeMatch).default([]) })) }))
    .default([]),
  metrics: z
    .record(z.string(), z.array(z.object({ cvssData: z.object({ baseScore: z.number() }).optional() })))
    .default({}),
})

type ClaimSource = Pick<Claim, 'source' | 'container' | 'citation'>

function cveClaims(affected: CveAffected, from: ClaimSource, makers: MakerNames): Claim[] {
  const subjects =
    affected.cpes.length > 0
      ? affected.cpes.flatMap((cpe) => cpeName(cpe, makers) ?? [])
      : [named(affected.vendor, affected.product, makers)]
  const stated = affected.versions.filter((version) => version.status === 'affected').map(cveRule)
  const silent: AffectedRule[] = affected.defaultStatus === 'unaffected' ? [] : [{ kind: 'unspecified' }]
  const rules = stated.length > 0 ? stated : silent
  return subjects.flatMap((subject) =>
    rules.map((rule): Claim => ({ ...from, ...subject, deviceClasses: null, rule, fix: null })),
  )
}

function cveRule(entry: CveAffected['versions'][number]): AffectedRule {
  const end = (entry.lessThanOrEqual ?? entry.lessThan)?.trim()
  if (end === undefined) return ruleOfText(entry.version)
  if (end === '*') return { kind: 'any' }
  const start = entry.version.trim()
  const isIncluded = entry.lessThanOrEqual !== undefined
  // "0" and "V2.X" are not versions: they mean from the beginning. Without a start more is affected, never less.
  if (isIncluded && /^v?\d+\.\d+/i.test(start) && !/x/i.test(start)) {
    return { kind: 'range', first: start, last: end }
  }
  return isIncluded ? { kind: 'le', version: end } : { kind: 'lt', version: end }
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

/** A version range that a record keeps inside its version text. */
function ruleOfText(given: string): AffectedRule {
  const text = given.trim()
  if (/^(?:all(?: versions)?|\*|vers:all\/\*)$/i.test(text)) return { kind: 'any' }
  const built = /\bbuil[dt]\b.*?\b(?:before|prior to)\s+(?:(\d{4}-\d{2}-\d{2})|([a-z]+)\s+(\d{4}))/i.exec(
    text,
  )
  if (built?.[1] && isPlainDate(built[1])) return { kind: 'build-before', date: built[1] }
  const month = MONTHS.indexOf(built?.[2]?.toLowerCase() ?? '') + 1
  if (month > 0) return { kind: 'build-before', date: plainDate(Number(built![3]), month, 1) }
  const atMost =
    /^(?:<=|≤)\s*(.+)$/.exec(text) ?? /^(\S+)\s+and\s+(?:prior|earlier|below|older)\b/i.exec(text)
  if (atMost) return { kind: 'le', version: atMost[1]! }
  const below = /^<\s*(.+)$/.exec(text) ?? /^(?:before|prior to|earlier than)\s+(v?\d\S*)$/i.exec(text)
  if (below) return { kind: 'lt', version: below[1]! }
  if (/\d/.test(text) && !/\s.*\s/.test(text) && !/^cpe:/i.test(text))
    return { kind: 'exact', versions: [text] }
  return { kind: 'unspecified' }
}

function csafRule(version: CsafProduct['version']): AffectedRule {
  if (version === null) return { kind: 'unspecified' }
  // CISA writes "<=firmware_FullImg-1023-…": the word is not part of the version.
  return ruleOfText(version.text.replace(/^([<>=≤]*)\s*(?:firmware|version)[_\s]+/i, '$1'))
}

/** CISA files a maker that never answered under `mitigation`, so the text is read too. */
function csafFix(remediations: readonly Remediation[]): Fix {
  const has = (category: string) => remediations.some((remediation) => remediation.category === category)
  if (has('vendor_fix')) return 'vendor-fix'
  if (has('no_fix_planned')) return 'no-fix-planned'
  const isSilent = remediations.some(({ details }) =>
    /\b(?:not|never)\s+(?:yet\s+)?respond|\bunresponsive\b|\bno response\b|\bdid not (?:answer|reply)/i.test(
      details,
    ),
  )
  if (has('none_available') || isSilent) return 'none-available'
  if (has('workaround')) return 'workaround'
  return has('mitigation') ? 'mitigation' : 'unknown'
}

function nvdClaim(id: string, match: CpeMatch, makers: MakerNames): Claim[] {
  const subject = cpeName(match.criteria, makers)
  if (subject === null) return []
  const { versionEndExcluding, versionEndIncluding, versionStartIncluding } = match
  const { version } = subject
  let rule: AffectedRule
  if (versionEndExcluding !== undefined) rule = { kind: 'lt', version: versionEndExcluding }
  else if (versionEndIncluding !== undefined) {
    rule =
      versionStartIncluding === undefined
        ? { kind: 'le', version: versionEndIncluding }
        : { kind: 'range', first: versionStartIncluding, last: versionEndIncluding }
  } else if (version === '*') rule = { kind: 'any' }
  // "-" says which models, not which builds.
  else if (version === '-') rule = { kind: 'unspecified' }
  else rule = { kind: 'exact', versions: [version] }
  const { maker, product, models } = subject
  return [
    {
      source: `${id} at NVD`,
      container: 'nvd',
      citation: `nvd.nist.gov/vuln/detail/${id}`,
      maker,
      product,
      models,
      deviceClasses: null,
      rule,
      fix: null,
    },
  ]
}

/** Makers whose records write model families with an x that stands for any character. */
const WILDCARD_MAKERS: ReadonlySet<string> = new Set(['hikvision', 'dahua'])

/** Vendor, product and version of a CPE 2.3 name; null when it is not one. */
function cpeName(
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

/** Maker and model patterns of a vendor and product named in words. */
function named(
  vendor: string,
  product: string,
  makers: MakerNames,
): { maker: string | null; product: string; models: string[] } {
  const isNameless = /^(?:n\/a|unknown|unspecified)?$/i.test(vendor.trim())
  const inProduct = isNameless ? product.split(/\s+/).flatMap((word) => makers.get(fold(word)) ?? []) : []
  const maker = makers.get(fold(vendor)) ?? inProduct[0] ?? null
  return { maker, product, models: modelsIn(product).map((model) => feedPattern(model, maker)) }
}

/**
 * Model numbers in a product text: lists packed with commas, and `DS-A71024/48R` for `DS-A71024R` and `DS-A71048R`.
 * Prose without model numbers gives none.
 */
function modelsIn(product: string): string[] {
  return product
    .split(/[,;]/)
    .map((item) => item.replace(/\([^)]*\s[^)]*\)/g, '').trim())
    .filter((item) => /\d/.test(item) && !/\s/.test(item))
    .flatMap(unpackSlashes)
}

function unpackSlashes(item: string): string[] {
  const match = /^(.*?)(\d+)((?:\/\d+)+)([a-z][\w-]*)?$/i.exec(item)
  if (!match) return [item]
  const [, prefix, first, rest, suffix = ''] = match
  const others = rest!.slice(1).split('/')
  const full = [
    first!,
    ...others.map((digits) => first!.slice(0, Math.max(0, first!.length - digits.length)) + digits),
  ]
  return full.map((digits) => `${prefix}${digits}${suffix}`)
}

/** A feed writes everything in one case, so an x is a wildcard only for makers known to use it so. */
function feedPattern(product: string, maker: string | null): string {
  const upper = product.toUpperCase().replaceAll('*', '')
  if (maker === null || !WILDCARD_MAKERS.has(maker) || !/X/.test(upper)) return upper
  return `${upper.replaceAll('X', 'x')}*`
}

function advisory(given: Partial<Advisory> & Pick<Advisory, 'id' | 'claims'>): Advisory {
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
  // The catalogue itself knows its dates best; then whoever repeats a due date; then a bare marker.
  const isKev = ({ container }: Claim) => container === 'kev'
  const exploited = [
    ...inOrder.filter((one) => one.claims.length > 0 && one.claims.every(isKev)),
    // The overlay repeats the catalogue as it was when it was read.
    ...inOrder.filter((one) => one.claims.some(isKev)),
    ...inOrder,
  ]
    .map((one) => one.knownExploited)
    .filter((e) => e !== null)
  const claims = distinct(inOrder.flatMap((one) => one.claims))
  return {
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

function unreadable(detail: string): Imported {
  return { version: null, releasedOn: null, advisories: [], problems: [{ pointer: '', detail }] }
}

function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0]!
  return `${issue.path.join('/') || 'document'}: ${issue.message}`
}

function scoreOf(metric: Metric): number | null {
  return (metric.cvssV4_0 ?? metric.cvssV3_1 ?? metric.cvssV3_0)?.baseScore ?? null
}

function highest(scores: readonly (number | null)[]): number | null {
  const known = scores.filter((score) => score !== null)
  return known.length > 0 ? Math.max(...known) : null
}

function dayOf(text: string | undefined): PlainDate | null {
  const day = text?.slice(0, 10)
  return day !== undefined && isPlainDate(day) ? day : null
}

function fold(text: string): string {
  return text.trim().toLowerCase().replace(/\s+/g, ' ')
}

/** The same text for the same data, whatever the order of its keys. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}
