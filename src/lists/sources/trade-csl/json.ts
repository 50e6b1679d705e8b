/** trade.gov's `consolidated.json`: `{"results": [...]}`. Pure. */
import { z } from 'zod'
import { type EntryReader, type Findings, Unreadable } from '../../model/entry.ts'
import { jsonItems } from '../json-items.ts'
import { type CslRow, takeRow } from './row.ts'

const words = z
  .string()
  .nullish()
  .transform((text) => text?.trim() ?? '')
const several = <T extends z.ZodType>(shape: T) =>
  z
    .array(shape)
    .nullish()
    .transform((list) => list ?? [])

const Result = z
  .looseObject({
    id: words,
    source: z.string(),
    entity_number: z.union([z.string(), z.number()]).nullish(),
    type: words,
    programs: several(z.string()),
    name: z.string(),
    alt_names: several(z.string()),
    addresses: several(z.looseObject({ country: words })),
    start_date: words,
    end_date: words,
    federal_register_notice: words,
    ids: several(z.looseObject({ type: words, number: words, issue_date: words })),
  })
  .transform(
    (row): CslRow => ({
      id: row.id,
      source: row.source,
      entityNumber:
        row.entity_number === null || row.entity_number === undefined ? '' : String(row.entity_number),
      type: row.type,
      programs: row.programs,
      name: row.name,
      aliases: row.alt_names.filter((name) => name.trim() !== ''),
      countries: row.addresses.flatMap(({ country }) => (/^[A-Z]{2}$/.test(country) ? country : [])),
      from: row.start_date,
      to: row.end_date,
      citation: row.federal_register_notice,
      ids: row.ids.map(({ type, number, issue_date: issued }) => ({ type, value: number || issued })),
    }),
  )

export function openCslJson(findings: Findings): EntryReader {
  const items = jsonItems((result, i) => {
    const row = Result.safeParse(result)
    const place = `/results/${i}`
    if (row.success) takeRow(row.data, place, findings)
    else {
      const issue = row.error.issues[0]!
      findings.problem({ place: [place, ...issue.path].join('/'), message: issue.message })
    }
  })
  return {
    write: items.write,
    end: () => {
      const { results, total } = (items.end() ?? {}) as { results?: unknown; total?: unknown }
      if (!Array.isArray(results)) throw new Unreadable('wrong-format', 'The file has no list "results".')
      if (typeof total === 'number') findings.head({ declared: total })
    },
  }
}
