/** What was supposed, and what came of it. */
import { char, index, integer, json, text, uuid } from 'drizzle-orm/pg-core'
import { instant, operatorRows, tenantTable } from './tenant-table.ts'

/**
 * A scenario is computed once and never changed. Those over several cities have the operator's jurisdiction and belong
 * to the key that asked. `json`, not `jsonb`: an answer is given again byte for byte.
 */
export const scenarios = tenantTable(
  'scenarios',
  {
    /** Made of the digest and the owner: the same question gives the same scenario. */
    id: uuid('id').notNull(),
    name: text('name').notNull(),
    keyId: uuid('key_id').notNull(),
    /** SHA-256 of everything the answer follows from, hex. */
    inputsDigest: char('inputs_digest', { length: 64 }).notNull(),
    regimeId: text('regime_id').notNull(),
    effectiveOn: text('effective_on').notNull(),
    devicesHit: integer('devices_hit').notNull(),
    document: json('document').notNull(),
    /** The devices, or groups of them, one by one. */
    devices: json('devices').notNull(),
    createdAt: instant('created_at').notNull(),
  },
  ['id'],
  (table) => [index('scenarios_id_idx').on(table.id!), operatorRows('scenarios')],
)
