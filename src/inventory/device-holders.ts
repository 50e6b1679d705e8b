/**
 * Records beside the register that name a device by its id. Whoever makes such a table adds it here: what a person has
 * put on a device must not be lost when the device becomes part of another or an import is taken back.
 */
import { type SQL, sql } from 'drizzle-orm'

interface Holder {
  readonly table: string
  /** What to call such a record in a sentence. */
  readonly what: string
  /** Columns that tell its records apart, beside that of the device. */
  readonly key: readonly string[]
  /** Each device has one at most, in all or within what these columns name. */
  readonly oneFor?: 'city' | readonly string[]
}

export const HOLDERS: readonly Holder[] = [
  { table: 'plan_devices', what: 'a plan', key: ['plan_id'], oneFor: ['plan_id'] },
  { table: 'plan_disposals', what: 'a disposal record', key: ['id'], oneFor: 'city' },
  { table: 'firmware_installations', what: 'a record of an update', key: ['id'] },
  { table: 'maker_statements', what: 'a statement on its maker', key: ['id'] },
  {
    table: 'decided_findings',
    what: 'a decision on its findings',
    key: ['decision_id', 'regime_id', 'activity'],
    oneFor: ['regime_id', 'activity'],
  },
]

/** Tables that name several devices in `device_ids`. */
export const HOLDERS_OF_MANY: readonly Pick<Holder, 'table' | 'what'>[] = [
  { table: 'risk_treatments', what: 'a treatment of a risk' },
]

/** Tables of things on other things, by kind and id. */
export const HOLDERS_BY_KIND: readonly Pick<Holder, 'table' | 'what'>[] = [
  { table: 'documents', what: 'a document' },
]

/** Whether some record names device `d`. */
export const isHeld: SQL = sql.raw(
  [
    ...HOLDERS.map(
      ({ table }) =>
        `exists (select from ${table} h where h.jurisdiction_id = d.jurisdiction_id and h.device_id = d.id)`,
    ),
    ...HOLDERS_OF_MANY.map(
      ({ table }) =>
        `exists (select from ${table} h where h.jurisdiction_id = d.jurisdiction_id and d.id = any (h.device_ids))`,
    ),
    ...HOLDERS_BY_KIND.map(
      ({ table }) =>
        `exists (select from ${table} h where h.jurisdiction_id = d.jurisdiction_id and h.owner_kind = 'device' and h.owner_id = d.id)`,
    ),
  ].join(' or '),
)
