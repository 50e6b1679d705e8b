/** Tenants and their credentials. */
import { sql } from 'drizzle-orm'
import {
  boolean,
  char,
  index,
  integer,
  pgPolicy,
  pgTable,
  smallint,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { instant, operatorRole, readScope, tenantRole, writeScope } from './tenant-table.ts'

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
    // A law that a city makes for itself counts its version up; a column grant leaves it nothing else to write.
    pgPolicy('jurisdictions_touch', {
      for: 'update',
      to: tenantRole,
      using: writeScope(sql`id`),
      withCheck: writeScope(sql`id`),
    }),
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

/** Who has signed in to the console: a browser that stands for a key, until it signs out or the key ends. */
export const sessions = pgTable(
  'sessions',
  {
    id: uuid('id').primaryKey(),
    /** SHA-256 of the 256 random bits of the cookie, hex. */
    tokenHash: char('token_hash', { length: 64 }).notNull(),
    keyId: uuid('key_id')
      .notNull()
      .references(() => apiKeys.id),
    /** Who said to be there, so that colleagues with one key can be told apart. */
    statedName: text('stated_name'),
    remoteAddress: text('remote_address').notNull(),
    createdAt: instant('created_at').notNull(),
    lastUsedAt: instant('last_used_at').notNull(),
    /** However often it is used. */
    expiresAt: instant('expires_at').notNull(),
  },
  (table) => [
    uniqueIndex('sessions_token_key').on(table.tokenHash),
    index('sessions_key_idx').on(table.keyId),
  ],
)
