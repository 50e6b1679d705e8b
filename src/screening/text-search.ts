/** Devices whose free texts may be read otherwise under two versions of the law, as the database finds them. */
import { type SQL, sql } from 'drizzle-orm'
import { DEVICE_FIELDS } from '../device/fields.ts'
import { textsReadOtherwise } from '../identification/mention-search.ts'
import { FREE_TEXTS, type FreeText } from '../identification/mentions.ts'
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
 * chip is a restricted maker's decides what a statement on it says.
 */
export function mayBeReadOtherwise(before: Knowledge, now: Knowledge): SQL {
  const search = textsReadOtherwise(before.identify.mentions, now.identify.mentions)
  if (search === null) return sql`true`
  return sql`(${TEXT} ~ ${search} or ${sql.raw(columnOf('socMaker'))} is not null)`
}
