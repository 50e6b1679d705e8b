/** Snapshots as they are asked for and answered, and what an archive says of itself. */
import { z } from 'zod'
import { Id, Instant, nameText, Sha256 } from '../http/schemas.ts'
import { About } from '../inventory/queries/as-of.ts'
import { DeviceFilterBody } from '../inventory/queries/device-filter.ts'
import { KnownAt } from '../screening/known-at.ts'
import { DataVersions } from '../screening/routes.ts'

export const FORMAT = 'camledger-snapshot-1'

const City = z.object({
  id: z.string(),
  name: z.string(),
  state: z.string().nullable(),
  timezone: z.string(),
  lawAsOf: z.string().meta({ description: 'the day whose law its answers follow' }),
  devices: z.int(),
  findings: z.int(),
  context: Sha256.meta({
    description:
      'digest of what the city states of itself and of the licenses it holds, as they were when the snapshot was made: another one explains another answer to the same question',
  }),
})

const DataFile = z.object({
  name: z.string(),
  mediaType: z.string(),
  rows: z.int(),
  bytes: z.int(),
  sha256: Sha256,
})
export type DataFile = z.infer<typeof DataFile>

export const Manifest = z
  .object({
    format: z.literal(FORMAT),
    id: z.string(),
    name: z.string(),
    createdAt: Instant,
    createdBy: z.object({ label: z.string(), role: z.string() }),
    question: z.record(z.string(), z.unknown()).meta({
      description: 'the body that asks the same again: both clocks, cities and filters',
    }),
    register: z.string().meta({ description: 'the moment at which the register was read, in words' }),
    knownAt: Instant.meta({ description: 'what was on record then of makers and law' }),
    counts: z.object({ jurisdictions: z.int(), devices: z.int(), findings: z.int() }),
    jurisdictions: z.array(City),
    dataVersions: DataVersions,
    lawReadUpTo: z.string(),
    program: z.object({ name: z.literal('camledger'), version: z.string() }),
    signingKey: z.string().meta({ description: 'id of the key; see /.well-known/camledger-keys.json' }),
    notCounted: z.array(z.string()),
    files: z.array(DataFile),
  })
  .meta({ id: 'SnapshotManifest' })
export type Manifest = z.infer<typeof Manifest>

/** How the register is read: as it stood on the day of the law, or as it was on record. */
const REGISTERS = ['asOf', 'knownAt'] as const

export const SnapshotWrite = z
  .strictObject({
    name: nameText(200).optional().meta({ description: 'what a person calls it' }),
    jurisdictionIds: z.array(Id).min(1).max(1000).optional().meta({
      description: 'the cities; all that the key may see without it',
    }),
    filter: DeviceFilterBody.default(() => DeviceFilterBody.parse({})),
    asOf: About.optional().meta({
      description: 'the day (or instant) whose law counts; that of `knownAt` without it',
    }),
    knownAt: KnownAt.optional().meta({
      description: 'what was on record at this instant of makers and law; now without it',
    }),
    register: z.enum(REGISTERS).optional().meta({
      description:
        'the register as it stood at the end of `asOf`, or as it was on record at `knownAt`; the first without `knownAt` for a day that is over, else the second',
    }),
  })
  .meta({ id: 'SnapshotWrite' })
export type SnapshotWrite = z.output<typeof SnapshotWrite>

const summary = {
  id: z.string(),
  jurisdictionId: z
    .string()
    .nullable()
    .meta({ description: 'the city whose key asked; null for one over cities that a reviewer may see' }),
  name: z.string(),
  createdAt: Instant,
  devices: z.int(),
  findings: z.int(),
  bytes: z.int(),
  sha256: Sha256.meta({ description: 'of the whole archive' }),
  signingKey: z.string(),
}

export const SnapshotSummary = z.object(summary).meta({ id: 'SnapshotSummary' })
export type SnapshotSummary = z.infer<typeof SnapshotSummary>

export const Snapshot = z
  .object({
    ...summary,
    archive: z.string().meta({ description: 'where the archive is given, the same bytes each time' }),
    manifest: Manifest,
  })
  .meta({ id: 'Snapshot' })
export type Snapshot = z.infer<typeof Snapshot>

export const SigningKey = z
  .object({
    kty: z.literal('OKP'),
    crv: z.literal('Ed25519'),
    x: z.string().meta({ description: 'the 32 bytes of the public key, base64url' }),
    kid: z.string().meta({ description: 'thumbprint of the key (RFC 7638)' }),
    use: z.literal('sig'),
    alg: z.literal('EdDSA'),
    pem: z.string().meta({ description: 'the same key as PEM, for openssl' }),
    createdAt: Instant,
    expiresAt: Instant.meta({ description: 'it signs nothing from then on; what it signed stays good' }),
    retiredAt: Instant.nullable().meta({ description: 'another took its place; what it signed stays good' }),
    revokedAt: Instant.nullable().meta({ description: 'nothing that it signed is good any more' }),
  })
  .meta({ id: 'SigningKey' })

export const SigningKeys = z
  .object({ keys: z.array(SigningKey) })
  .meta({ id: 'SigningKeys', description: 'A JSON Web Key set (RFC 7517), oldest key first' })
