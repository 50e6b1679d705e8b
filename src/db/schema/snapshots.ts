/** Questions that were frozen with their answers, and the keys that sign them. */
import { sql } from 'drizzle-orm'
import {
  bigint,
  char,
  foreignKey,
  index,
  integer,
  pgTable,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { binary, instant, operatorRows, tenantTable } from './tenant-table.ts'

/**
 * A snapshot is made once and never changed or removed. Those over several cities have the operator's jurisdiction and
 * belong to whoever asked.
 */
export const snapshots = tenantTable(
  'snapshots',
  {
    id: uuid('id').notNull(),
    name: text('name').notNull(),
    keyId: uuid('key_id').notNull(),
    keyLabel: text('key_label').notNull(),
    /** The cities whose registers were read. */
    cities: uuid('cities').array().notNull(),
    /** `manifest.json` of the archive, as it is signed. */
    manifest: text('manifest').notNull(),
    signingKey: text('signing_key').notNull(),
    devices: integer('devices').notNull(),
    findings: integer('findings').notNull(),
    bytes: bigint('bytes', { mode: 'number' }).notNull(),
    /** SHA-256 of the whole archive, hex. */
    sha256: char('sha256', { length: 64 }).notNull(),
    createdAt: instant('created_at').notNull(),
  },
  ['id'],
  (table) => [index('snapshots_id_idx').on(table.id!), operatorRows('snapshots')],
)

/** The bytes of the archive in pieces. */
export const snapshotParts = tenantTable(
  'snapshot_parts',
  {
    snapshotId: uuid('snapshot_id').notNull(),
    part: integer('part').notNull(),
    content: binary('content').notNull(),
  },
  ['snapshotId', 'part'],
  (table) => [
    foreignKey({
      name: 'snapshot_parts_snapshot_fk',
      columns: [table.jurisdictionId!, table.snapshotId!],
      foreignColumns: [snapshots.jurisdictionId, snapshots.id],
    }),
    operatorRows('snapshot_parts'),
  ],
)

/** The operator's keys: one signs, the others still verify what they signed. */
export const signingKeys = pgTable(
  'signing_keys',
  {
    /** Thumbprint of the public key (RFC 7638). */
    id: text('id').primaryKey(),
    /** SPKI, PEM. */
    publicKey: text('public_key').notNull(),
    /** PKCS #8, PEM; null where the operator keeps it in a file, and when it signs no more. */
    privateKey: text('private_key'),
    createdAt: instant('created_at').notNull(),
    /** It signs nothing from then on. */
    expiresAt: instant('expires_at').notNull(),
    /** Another took its place. */
    retiredAt: instant('retired_at'),
    /** Somebody else may have it: nothing that it signed is good any more. */
    revokedAt: instant('revoked_at'),
    reason: text('reason'),
  },
  (table) => [
    // One key signs at a time, whichever process asks.
    uniqueIndex('signing_keys_current_key')
      .on(sql`(${table.retiredAt} is null)`)
      .where(sql`retired_at is null`),
  ],
)
