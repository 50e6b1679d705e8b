/** Devices whose free texts may be read otherwise under two versions of the law, as the database finds them. */
import { type SQL, sql } from 'drizzle-orm'
import { DEVICE_FIELDS } from '../device/fields.ts'
import { textsReadOtherwise } from '../identification/mention-search.ts'
import { FREE_TEXTS, type FreeText, type Labels } from '../identification/mentions.ts'
import type { Knowledge } from './knowledge.ts'

const columnOf = (field: keyof typeof DEVICE_FIELDS) => `d.${DEVICE_FIELDS[field].column}`

/** All free texts of a device, and its firmware version, which may name its maker in plain words. */
const TEXT = sql.raw(
  `lower(concat_ws(E'\\n', ${[...(Object.keys(FREE_TEXTS) as FreeText[]), 'firmwareVersion' as const]
    .map((field) => `${columnOf(field)}::text`)
    .join(', ')}))`,
)

/**
 * Condition on `devices d`; true of all where no search can tell. Both versions have to be read by this program. Whose
 * chip is a restricted maker's decides what a statement on it says. `labels` are those of the cities that are searched:
 * what a field is called does not stand with its values.
 */
export function mayBeReadOtherwise(before: Knowledge, now: Knowledge, labels: readonly Labels[]): SQL {
  const search = textsReadOtherwise(before.identifyLocally.mentions, now.identifyLocally.mentions)
  if (search === null) return sql`true`
  const named = ({ identifyLocally }: Knowledge, label: string) =>
    identifyLocally.mentions.in(label).join(' ')
  const fields = labels
    .flatMap((one) => Object.entries(one))
    .flatMap(([name, label]) => (named(before, label) === named(now, label) ? [] : [name]))
  const custom = sql.raw(columnOf('custom'))
  const called =
    fields.length === 0 ? sql`` : sql` or jsonb_exists_any(${custom}, ${sql.param(fields)}::text[])`
  return sql`(${TEXT} ~ ${search} or ${sql.raw(columnOf('socMaker'))} is not null${called})`
}
