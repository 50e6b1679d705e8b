/** The National Vulnerability Database: models and version limits by CPE name. */
import { z } from 'zod'
import {
  advisory,
  advisoryProblem,
  type Claim,
  highest,
  type Imported,
  type ImportProblem,
  type MakerNames,
} from '../../firmware-risk/advisories.ts'
import type { AffectedRule } from '../../firmware-risk/affected-rule.ts'
import { requiredActionOf } from './kev.ts'
import { cpeName, dayOf, firstIssue, rangeRule, revision } from './text.ts'

/**
 * NVD: an answer of the CVE API 2.0 or a single record of it. Only the vulnerable side of a configuration is read;
 * the hardware node beside it says on what the firmware runs.
 * Source: nvd.nist.gov/developers/vulnerabilities, read 2026-11-23; public domain.
 */
export function importNvd(document: unknown, makers: MakerNames): Imported {
  const answer = z.object({ vulnerabilities: z.array(z.object({ cve: z.unknown() })) }).safeParse(document)
  const records = answer.success ? answer.data.vulnerabilities.map((v) => v.cve) : [document]
  const problems: ImportProblem[] = []
  const refused: string[] = []
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
    const one = advisory({
      id,
      publishedOn: dayOf(published),
      ...revision(read.data.lastModified),
      cvss: highest(Object.values(metrics).flatMap((list) => list.map((m) => m.cvssData?.baseScore ?? null))),
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
    })
    const problem = advisoryProblem(one)
    if (problem === null) return [one]
    problems.push({ pointer: `/vulnerabilities/${i}`, detail: problem })
    refused.push(id)
    return []
  })
  return { version: null, releasedOn: null, advisories, refused, problems }
}

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
  lastModified: z.string().optional(),
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

function nvdClaim(id: string, match: CpeMatch, makers: MakerNames): Claim[] {
  const subject = cpeName(match.criteria, makers)
  if (subject === null) return []
  const { version } = subject
  const [first, last] = [
    match.versionStartIncluding ?? match.versionStartExcluding,
    match.versionEndIncluding ?? match.versionEndExcluding,
  ]
  let rule: AffectedRule
  if (last !== undefined) {
    rule = rangeRule(first, last, {
      isFirstExcluded: match.versionStartIncluding === undefined,
      isLastExcluded: match.versionEndIncluding === undefined,
    })
  } else if (first !== undefined) {
    const isFirstExcluded = match.versionStartIncluding === undefined
    rule = { kind: 'until-fixed', first, ...(isFirstExcluded ? { isFirstExcluded } : {}), fixed: [] }
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
