/** Records of the CVE list: what the assigner says, and what others added. */
import { z } from 'zod'
import {
  advisory,
  advisoryProblem,
  type Claim,
  highest,
  type Imported,
  type MakerNames,
} from './advisories.ts'
import { cpeName, dayOf, firstIssue, named, rangeRule, ruleOfText, unreadable } from './feed-text.ts'
import type { AffectedRule } from './versions.ts'

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
  const one = advisory({
    id,
    title: containers.cna.title ?? null,
    publishedOn: dayOf(cveMetadata.datePublished),
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

type ClaimSource = Pick<Claim, 'source' | 'container' | 'citation'>

function cveClaims(affected: CveAffected, from: ClaimSource, makers: MakerNames): Claim[] {
  const subjects =
    affected.cpes.length > 0
      ? affected.cpes.flatMap((cpe) => cpeName(cpe, makers) ?? [])
      : named(affected.vendor, affected.product, makers)
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
  const hasStart = /^v?\d+\.\d+/i.test(start) && !/x/i.test(start) && !/^v?[0.]+$/i.test(start)
  return rangeRule(hasStart ? start : undefined, end, { isLastExcluded: !isIncluded })
}

function scoreOf(metric: Metric): number | null {
  return (metric.cvssV4_0 ?? metric.cvssV3_1 ?? metric.cvssV3_0)?.baseScore ?? null
}
