/** CISA's catalog of known exploited vulnerabilities, as JSON or CSV. */
import { z } from 'zod'
import {
  type Advisory,
  advisory,
  type Imported,
  type ImportProblem,
  type MakerNames,
} from '../../firmware-risk/advisories.ts'
import type { RequiredAction } from '../../firmware-risk/remedy.ts'
import { readCsv } from '../../intake/csv-read.ts'
import { isPlainDate } from '../../lib/calendar.ts'
import { dayOf, firstIssue, named, unreadable } from './text.ts'

/**
 * CISA KEV catalog, JSON.
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
  if (!head.success) return unreadable('not a KEV catalog: no list of vulnerabilities')
  const { vulnerabilities: rows, count, catalogVersion, dateReleased } = head.data
  const entries = rows.map((record) => ({ record, problem: null }))
  const imported = kevRows(entries, (i) => `/vulnerabilities/${i}`, makers)
  const problems = [...imported.problems]
  if (count !== undefined && count !== rows.length) {
    problems.push({ pointer: '/count', detail: `says ${count} entries and holds ${rows.length}` })
  }
  return {
    ...imported,
    problems,
    version: catalogVersion ?? null,
    releasedOn: dayOf(dateReleased),
    releasedAt: dateReleased,
  }
}

/** CISA KEV catalog, CSV with a header row. The CSV carries no catalog version. */
export function importKevCsv(text: string, makers: MakerNames): Imported {
  const { header, rows } = readCsv(text)
  if (!header.includes('cveID')) return unreadable('not a KEV catalog: no column cveID')
  return kevRows(rows, (i) => `/row/${i + 1}`, makers)
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

interface Entry {
  readonly record: unknown
  /** Why it cannot be read at all; null when it can. */
  readonly problem: string | null
}

function kevRows(rows: readonly Entry[], pointer: (i: number) => string, makers: MakerNames): Imported {
  const problems: ImportProblem[] = []
  const refused: string[] = []
  const seen = new Set<string>()
  const advisories = rows.flatMap(({ record, problem }, i): Advisory[] => {
    const read = KevRow.safeParse(record)
    if (!read.success || problem !== null) {
      problems.push({ pointer: pointer(i), detail: problem ?? firstIssue(read.error!) })
      refused.push(...idOf(record))
      return []
    }
    const entry = read.data
    if (seen.has(entry.cveID)) {
      problems.push({ pointer: pointer(i), detail: `${entry.cveID} stands in the catalog twice` })
      return []
    }
    seen.add(entry.cveID)
    const requiredAction = requiredActionOf(entry.requiredAction)
    const { maker, models } = named(entry.vendorProject, entry.product, makers)[0]!
    const isOpen = /\b(?:multiple|various|several|series)\b/i.test(entry.product)
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
            // Most of its products are prose; "multiple" says that those it names are not all.
            models: isOpen ? [] : models,
            deviceClasses: null,
            rule: { kind: 'unspecified' },
            fix: null,
          },
        ],
      }),
    ]
  })
  return { version: null, releasedOn: null, advisories, refused, problems }
}

/** The id of a row that is wrong elsewhere: the catalog still holds it. */
function idOf(row: unknown): string[] {
  const named = KevRow.pick({ cveID: true }).safeParse(row)
  return named.success ? [named.data.cveID] : []
}

function ransomware(text: string | undefined): boolean | null {
  return text === undefined || text === '' ? null : text === 'Known'
}
