/** Records of the CVE list: what the assigner says, and what others added. */
import { z } from 'zod'
import {
  type Advisory,
  advisory,
  advisoryProblem,
  type Claim,
  highest,
  type Imported,
  type MakerNames,
} from '../../firmware-risk/advisories.ts'
import type { AffectedRule } from '../../firmware-risk/affected-rule.ts'
import { proseSubjects } from './prose.ts'
import {
  cpeName,
  dayOf,
  firstIssue,
  named,
  orderedBySemver,
  rangeRule,
  revision,
  ruleOfText,
  unreadable,
} from './text.ts'

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
  const semver = semverEnds(parts.map(({ part }) => part))
  const claims = parts.flatMap(({ container, label, part }) =>
    part.affected.flatMap((affected) =>
      cveClaims(
        affected,
        { source: `${id}, ${label}`, container, citation: `cve.org/CVERecord?id=${id}` },
        makers,
        semver,
      ),
    ),
  )
  const marker = parts.flatMap(({ part }) => part.metrics).find((metric) => metric.other?.type === 'kev')
    ?.other?.content
  const addedOn = dayOf(marker?.dateAdded)
  const one = advisory({
    id,
    title: containers.cna.title ?? null,
    publishedOn: dayOf(cveMetadata.datePublished),
    ...revision(cveMetadata.dateUpdated),
    ...ssvcOf(parts.flatMap(({ part }) => part.metrics)),
    cvss: highest(parts.flatMap(({ part }) => part.metrics.map(scoreOf))),
    knownExploited:
      addedOn === null ? null : { addedOn, dueOn: null, requiredAction: null, isUsedByRansomware: null },
    claims,
  })
  const problem = advisoryProblem(one)
  return {
    version: cveMetadata.dateUpdated ?? null,
    releasedOn: dayOf(cveMetadata.dateUpdated),
    advisories: problem === null ? [one] : [],
    refused: problem === null ? [] : [id],
    problems: problem === null ? [] : [{ pointer: '', detail: problem }],
  }
}

const Metric = z.object({
  cvssV4_0: z.object({ baseScore: z.number() }).optional(),
  cvssV3_1: z.object({ baseScore: z.number() }).optional(),
  cvssV3_0: z.object({ baseScore: z.number() }).optional(),
  other: z
    .object({
      type: z.string(),
      content: z
        .object({
          dateAdded: z.string().optional(),
          timestamp: z.string().optional(),
          options: z.array(z.record(z.string(), z.unknown())).optional(),
        })
        .optional(),
    })
    .optional(),
})
type Metric = z.infer<typeof Metric>

/** CISA's Vulnrichment adds its decision points as a metric of type `ssvc`. */
function ssvcOf(metrics: readonly Metric[]): Pick<Advisory, 'ssvc'> {
  const content = metrics.find(({ other }) => other?.type === 'ssvc')?.other?.content
  const options = Object.assign({}, ...(content?.options ?? [])) as Record<string, unknown>
  const said = (name: string) => String(options[name] ?? '').toLowerCase()
  const exploitation = said('Exploitation')
  if (exploitation !== 'none' && exploitation !== 'poc' && exploitation !== 'active') return {}
  const automatable = said('Automatable')
  const impact = said('Technical Impact')
  return {
    ssvc: {
      exploitation,
      automatable: automatable === 'yes' ? true : automatable === 'no' ? false : null,
      technicalImpact: impact === 'partial' || impact === 'total' ? impact : null,
      on: dayOf(content?.timestamp),
    },
  }
}

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
        versionType: z.string().optional(),
        changes: z.array(z.object({ at: z.string(), status: z.string() })).default([]),
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

type ClaimSource = Pick<Claim, 'source' | 'container' | 'citation'>

function cveClaims(
  affected: CveAffected,
  from: ClaimSource,
  makers: MakerNames,
  semver: ReadonlySet<string>,
): Claim[] {
  const subjects =
    affected.cpes.length > 0
      ? affected.cpes.flatMap((cpe) => cpeName(cpe, makers) ?? [])
      : named(affected.vendor, affected.product, makers)
  const rules = rulesOf(affected, semver)
  const stated = subjects.flatMap((subject) =>
    rules.map((rule): Claim => ({ ...from, ...subject, deviceClasses: null, rule, fix: null })),
  )
  return [...stated, ...proseClaims(affected, stated, makers)]
}

/** Some records keep a list of models and the days of their builds in the version text. */
function proseClaims(affected: CveAffected, stated: readonly Claim[], makers: MakerNames): Claim[] {
  const [first] = stated
  if (first === undefined || first.models.length > 0) return []
  return affected.versions
    .filter(({ status }) => status === 'affected')
    .flatMap(({ version }) => proseSubjects(version, first.maker, makers))
    .map(({ models, rule }) => ({ ...first, models, rule }))
}

/** By the schema versions that are not listed are `unknown` unless the record says otherwise. */
function rulesOf({ versions, defaultStatus }: CveAffected, semver: ReadonlySet<string>): AffectedRule[] {
  const affected = versions.filter(({ status }) => status === 'affected')
  const rules = affected.flatMap((entry) =>
    rulesOfEntry(entry).map((rule) => (isSemver(entry, semver) ? orderedBySemver(rule) : rule)),
  )
  if (rules.length > 0) {
    if (defaultStatus !== 'unaffected') return rules
    return rules.map(inFull)
  }
  if (defaultStatus === 'unaffected') return []
  if (defaultStatus !== 'affected') return [{ kind: 'unspecified' }]
  const fixed = versions.filter(({ status }) => status === 'unaffected')
  if (fixed.length === 0) return [{ kind: 'any' }]
  const rule: AffectedRule = {
    kind: 'until-fixed',
    first: null,
    fixed: fixed.map(({ version }) => version.trim()),
  }
  return [fixed.every((entry) => isSemver(entry, semver)) ? orderedBySemver(rule) : rule]
}

/** A record that calls all other versions unaffected names all those that are affected. */
function inFull(rule: AffectedRule): AffectedRule {
  if (rule.kind === 'exact') return { ...rule, isPartial: undefined }
  return rule.kind === 'any-of' ? { ...rule, rules: rule.rules.map(inFull) } : rule
}

type Entry = CveAffected['versions'][number]

const endOf = (entry: Entry) => (entry.lessThanOrEqual ?? entry.lessThan)?.trim()

/** Ends of ranges that a record calls semver: those who add to it copy the versions and not always the type. */
function semverEnds(parts: readonly z.infer<typeof CvePart>[]): ReadonlySet<string> {
  const entries = parts.flatMap(({ affected }) => affected.flatMap(({ versions }) => versions))
  return new Set(
    entries
      .filter(({ versionType }) => versionType === 'semver')
      .map((entry) => endOf(entry) ?? entry.version.trim()),
  )
}

function isSemver(entry: Entry, ends: ReadonlySet<string>): boolean {
  return entry.versionType === 'semver' || ends.has(endOf(entry) ?? entry.version.trim())
}

function rulesOfEntry(entry: Entry): AffectedRule[] {
  const end = endOf(entry)
  if (end === undefined && entry.changes.length === 0) return [ruleOfText(entry.version)]
  const start = entry.version.trim()
  // "0" and "V2.X" are not versions: they mean from the beginning. Without a start more is affected, never less.
  const hasStart = /^v?\d+(?:\.\d+)+/i.test(start) && !/x/i.test(start) && !/^v?[0.]+$/i.test(start)
  const first = hasStart ? start : undefined
  const last = end === '*' ? undefined : end
  const bounds = { isLastExcluded: entry.lessThanOrEqual === undefined }
  const fixed = entry.changes.filter(({ status }) => status === 'unaffected').map(({ at }) => at.trim())
  if (entry.changes.some(({ status }) => status === 'affected'))
    return intervals(first, last, bounds, entry.changes)
  if (last === undefined)
    return first === undefined && fixed.length === 0
      ? [{ kind: 'any' }]
      : [{ kind: 'until-fixed', first: first ?? null, fixed }]
  const rule = rangeRule(first, last, bounds)
  if (fixed.length === 0) return [rule]
  return [
    {
      kind: 'range',
      first: first ?? '0',
      last,
      ...(bounds.isLastExcluded ? { isLastExcluded: true as const } : {}),
      fixed,
    },
  ]
}

/** The affected stretches of a range whose status changes to and fro. */
function intervals(
  first: string | undefined,
  last: string | undefined,
  bounds: { readonly isLastExcluded: boolean },
  changes: Entry['changes'],
): AffectedRule[] {
  const rules: AffectedRule[] = []
  let from: string | null | undefined = first
  for (const { at, status } of changes) {
    if (status === 'affected') from = at.trim()
    else if (from !== null) {
      rules.push(rangeRule(from, at.trim(), { isLastExcluded: true }))
      from = null
    }
  }
  if (from === null) return rules
  if (last !== undefined) return [...rules, rangeRule(from, last, bounds)]
  return [...rules, { kind: 'until-fixed', first: from ?? null, fixed: [] }]
}

function scoreOf(metric: Metric): number | null {
  return (metric.cvssV4_0 ?? metric.cvssV3_1 ?? metric.cvssV3_0)?.baseScore ?? null
}
