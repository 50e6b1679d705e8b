/** Tenants and their credentials. */
import { sql } from 'drizzle-orm'
import {
  boolean,
  char,
  integer,
  pgPolicy,
  pgTable,
  smallint,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { instant, operatorRole, readScope, tenantRole } from './tenant-table.ts'

export const jurisdictions = pgTable(
  'jurisdictions',
  {
    id: uuid('id').primaryKey(),
    name: text('name').notNull(),
    state: char('state', { length: 2 }),
    country: char('country', { length: 2 }).notNull(),
    kind: text('kind').notNull(),
    federalContractor: boolean('federal_contractor'),
    sellsToFederal: boolean('sells_to_federal'),
    defenseContract: boolean('defense_contract'),
    receivesFccSupport: boolean('receives_fcc_support'),
    sharesBulkData: boolean('shares_bulk_data'),
    fiscalYearStartMonth: smallint('fiscal_year_start_month').notNull(),
    timezone: text('timezone').notNull(),
    currency: char('currency', { length: 3 }).notNull(),
    population: integer('population'),
    version: integer('version').notNull().default(1),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (table) => [
    uniqueIndex('jurisdictions_name_key').on(table.country, sql`coalesce(state, '')`, sql`lower(name)`),
    pgPolicy('jurisdictions_read', { for: 'select', to: tenantRole, using: readScope(sql`id`) }),
    pgPolicy('jurisdictions_operator', {
      for: 'all',
      to: operatorRole,
      using: sql`true`,
      withCheck: sql`true`,
    }),
  ],
)

export const apiKeys = pgTable(
  'api_keys',
  {
    id: uuid('id').primaryKey(),
    /** First characters of a key that was made here, shown so that a person can tell keys apart; else `given`. */
    prefix: text('prefix').notNull(),
    /** SHA-256 of the key, hex. The key has 256 random bits, so a slow hash would add nothing. */
    keyHash: char('key_hash', { length: 64 }).notNull(),
    label: text('label').notNull(),
    role: text('role').notNull(),
    /** The one jurisdiction of a city role; null for admin and reviewer. */
    jurisdictionId: uuid('jurisdiction_id').references(() => jurisdictions.id),
    /** A reviewer's jurisdictions; null means all of them. */
    scope: uuid('scope').array(),
    expiresAt: instant('expires_at'),
    revokedAt: instant('revoked_at'),
    lastUsedAt: instant('last_used_at'),
    createdAt: instant('created_at').notNull(),
    createdBy: text('created_by').notNull(),
  },
  (table) => [uniqueIndex('api_keys_hash_key').on(table.keyHash)],
)
