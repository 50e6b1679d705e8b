/** Reference knowledge of makers and law, the same for everybody. */
import { sql } from 'drizzle-orm'
import { char, index, integer, jsonb, pgTable, text } from 'drizzle-orm/pg-core'
import { day, instant } from './tenant-table.ts'

export const knowledgeVersions = pgTable('knowledge_versions', {
  /** Counts up by one with each change of the reference data. */
  version: integer('version').primaryKey(),
  /** SHA-256 over all reference rows, hex. */
  digest: char('digest', { length: 64 }).notNull(),
  loadedAt: instant('loaded_at').notNull(),
  /** Rows added, changed and removed per table. */
  changes: jsonb('changes').notNull(),
  /** Subjects of profiles whose answers may be others than under the version before; `all` where nobody worked it out. */
  reaches: text('reaches').array().notNull().default(sql`'{all}'`),
})

/** A reference row: the columns that are filtered on, and the whole fact as JSON. */
export const manufacturers = pgTable(
  'manufacturers',
  {
    id: text('id').primaryKey(),
    name: text('name').notNull(),
    kind: text('kind').notNull(),
    country: text('country'),
    doc: jsonb('doc').notNull(),
  },
  (table) => [index('manufacturers_name_idx').on(sql`lower(${table.name})`)],
)

export const relationships = pgTable(
  'relationships',
  {
    id: text('id').primaryKey(),
    childId: text('child_id')
      .notNull()
      .references(() => manufacturers.id),
    parentId: text('parent_id')
      .notNull()
      .references(() => manufacturers.id),
    kind: text('kind').notNull(),
    confidence: text('confidence').notNull(),
    doc: jsonb('doc').notNull(),
  },
  (table) => [
    index('relationships_child_idx').on(table.childId),
    index('relationships_parent_idx').on(table.parentId),
  ],
)

export const identifiers = pgTable('identifiers', {
  id: text('id').primaryKey(),
  manufacturerId: text('manufacturer_id')
    .notNull()
    .references(() => manufacturers.id),
  kind: text('kind').notNull(),
  confidence: text('confidence').notNull(),
  doc: jsonb('doc').notNull(),
})

export const models = pgTable(
  'models',
  {
    id: text('id').primaryKey(),
    manufacturerId: text('manufacturer_id')
      .notNull()
      .references(() => manufacturers.id),
    model: text('model').notNull(),
    deviceClass: text('device_class'),
    doc: jsonb('doc').notNull(),
  },
  (table) => [index('models_manufacturer_idx').on(table.manufacturerId, table.model)],
)

export const regimes = pgTable('regimes', {
  id: text('id').primaryKey(),
  title: text('title').notNull(),
  doc: jsonb('doc').notNull(),
})

export const listings = pgTable(
  'listings',
  {
    id: text('id').primaryKey(),
    regimeId: text('regime_id')
      .notNull()
      .references(() => regimes.id),
    /** Null for a listing of a class of products. */
    manufacturerId: text('manufacturer_id').references(() => manufacturers.id),
    listedFrom: day('listed_from'),
    listedTo: day('listed_to'),
    doc: jsonb('doc').notNull(),
  },
  (table) => [
    index('listings_regime_idx').on(table.regimeId),
    index('listings_manufacturer_idx').on(table.manufacturerId),
  ],
)

export const rules = pgTable('rules', {
  id: text('id').primaryKey(),
  regimeId: text('regime_id')
    .notNull()
    .references(() => regimes.id),
  doc: jsonb('doc').notNull(),
})
