import { eq, inArray, sql } from 'drizzle-orm'
import { z } from 'zod'
import type { Tx } from '../../db/database.ts'
import { firmwareReleases, licenses } from '../../db/schema/index.ts'
import { UPDATE_CHANNELS } from '../../device/choices.ts'
import { modelPatterns } from '../../firmware-risk/model-fields.ts'
import { type FirmwareRelease, subjectsOfRelease } from '../../firmware-risk/release.ts'
import { unreadPatterns } from '../../firmware-risk/release-models.ts'
import { keptUntil, retentionOf } from '../../firmware-risk/retention.ts'
import { parseFirmware } from '../../firmware-risk/versions.ts'
import type { Changes } from '../../http/changes.ts'
import type { Column } from '../../http/exports.ts'
import type { PageAsked } from '../../http/pages.ts'
import { DomainError, FieldProblem } from '../../http/problems.ts'
import { Day, Id, Instant, Sha256, someText, text, toInstant } from '../../http/schemas.ts'
import { dayIn } from '../../lib/calendar.ts'
import { uuidv7 } from '../../lib/ids.ts'
import type { Knowledge } from '../../screening/knowledge.ts'
import { addRow, lockRow, oneRow, reviseRow } from '../../tenancy/stored-rows.ts'
import type { Work } from '../../tenancy/work.ts'
import { licenseInForce, retained } from '../installations/installations.ts'
import {
  checkRoom,
  type OwnedChange,
  type Owner,
  ownedPage,
  ownOnly,
  type Touched,
  toOwner,
} from '../owned-records.ts'
import { unknownVendors } from '../vendor-fields.ts'

const MODELS =
  'model numbers; a small x is any letter or digit, @ any letter, (…) may be absent, a final * is any ending'

export const releaseFields = {
  maker: someText(100).meta({ description: 'vendor id of who made it' }),
  models: modelPatterns(someText).min(1).meta({ description: MODELS }),
  firmwareVersion: someText(200).meta({ description: 'as the maker writes it, with the build date' }),
  releasedOn: Day.nullable(),
  channel: z.enum(UPDATE_CHANNELS).nullable().meta({ description: 'where it can be had' }),
  publisher: someText(100).nullable().meta({ description: 'vendor id of who publishes the file' }),
  signer: someText(100).nullable().meta({ description: 'vendor id whose signature the device checks' }),
  sha256: Sha256.nullable(),
  source: someText(1000).meta({ description: 'address or document it came from' }),
  obtainedOn: Day.nullable().meta({ description: 'the day an image that is kept was obtained' }),
  isVerified: z.boolean().meta({ description: 'its hash and signature were checked' }),
  licenseId: Id.nullable().meta({
    description: 'license under which the image was obtained; it stays on record',
  }),
  heldAt: text(500).nullable().meta({ description: 'where the image is kept' }),
}
const none = {
  licenseId: null,
  releasedOn: null,
  channel: null,
  publisher: null,
  signer: null,
  sha256: null,
  heldAt: null,
}

export const ReleaseWrite = z
  .strictObject({
    jurisdictionId: Id.nullable().optional().meta({
      description: 'operator keys: who keeps the image; absent or null for a release everybody sees',
    }),
    ...releaseFields,
    releasedOn: releaseFields.releasedOn.default(none.releasedOn),
    channel: releaseFields.channel.default(none.channel),
    publisher: releaseFields.publisher.default(none.publisher),
    signer: releaseFields.signer.default(none.signer),
    sha256: releaseFields.sha256.default(none.sha256),
    obtainedOn: releaseFields.obtainedOn.default(null),
    isVerified: releaseFields.isVerified.default(false),
    licenseId: releaseFields.licenseId.default(none.licenseId),
    heldAt: releaseFields.heldAt.default(none.heldAt),
  })
  .meta({ id: 'NewFirmwareRelease' })

export const ReleaseChange = z.strictObject(releaseFields).partial().meta({ id: 'FirmwareReleaseChange' })

export const ReleaseShape = z
  .object({
    id: z.string(),
    jurisdictionId: z.string().nullable().meta({ description: 'null: a release that everybody sees' }),
    ...releaseFields,
    models: z.array(z.string()).meta({ description: MODELS }),
    warnings: z
      .array(FieldProblem)
      .meta({ description: 'patterns that were stored before there were limits' }),
    version: z.int(),
    createdAt: Instant,
    updatedAt: Instant,
  })
  .meta({ id: 'FirmwareRelease' })

export const ReleaseAnswer = ReleaseShape.extend({
  isComparable: z.boolean().meta({
    description: 'false: the version cannot be ordered, so no rule can say that it closes a vulnerability',
  }),
  touched: z.object({ profiles: z.int(), devices: z.int() }),
}).meta({ id: 'FirmwareReleaseAnswer' })

type Row = typeof firmwareReleases.$inferSelect
export type Stored = Omit<FirmwareRelease, 'id'> & {
  readonly heldAt: string | null
  /** Absent in records from before it was kept. */
  readonly licenseId?: string | null
}

export function toRelease(row: Row) {
  const doc = row.doc as Stored
  return {
    licenseId: null,
    ...doc,
    id: row.id,
    warnings: unreadPatterns(doc.models),
    jurisdictionId: toOwner(row.jurisdictionId),
    version: row.version,
    createdAt: toInstant(row.createdAt),
    updatedAt: toInstant(row.updatedAt),
  }
}
type PresentedRelease = ReturnType<typeof toRelease>

export const RELEASE_COLUMNS: readonly Column<PresentedRelease>[] = [
  { header: 'id', value: (one) => one.id },
  { header: 'jurisdictionId', value: (one) => one.jurisdictionId },
  { header: 'maker', value: (one) => one.maker },
  { header: 'models', value: (one) => one.models.join(' ') },
  ...(
    [
      'firmwareVersion',
      'releasedOn',
      'channel',
      'publisher',
      'signer',
      'sha256',
      'source',
      'obtainedOn',
      'isVerified',
      'licenseId',
      'heldAt',
    ] as const
  ).map((field) => ({ header: field, value: (one: PresentedRelease) => one[field] })),
]

/** A kept image needs its hash and its day; without them nobody can say later that it was lawful. */
function check(release: Stored, isShared: boolean, today: string, knowledge: Knowledge): Stored {
  const errors: FieldProblem[] = []
  const add = (pointer: string, code: string, message: string) => errors.push({ pointer, code, message })
  const parties = (['maker', 'publisher', 'signer'] as const).map(
    (name) => [`/${name}`, release[name]] as const,
  )
  errors.push(...unknownVendors(parties, knowledge))
  if (release.obtainedOn !== null && release.obtainedOn > today)
    add('/obtainedOn', 'in-the-future', 'must not be after today')
  if (!isShared) {
    if (release.obtainedOn === null) add('/obtainedOn', 'required', 'is required of an image that is kept')
    if (release.sha256 === null) add('/sha256', 'required', 'is required of an image that is kept')
  }
  if (errors.length > 0) throw new DomainError('invalid-request', 'The release cannot be stored.', { errors })
  return release
}

/** The license an image was obtained under has to be on record, and in force on that day. */
async function checkLicenseOf(
  tx: Tx,
  { licenseId = null, obtainedOn }: Stored,
  zone: string | undefined,
): Promise<void> {
  if (licenseId !== null) await licenseInForce(tx, licenseId, obtainedOn, '/licenseId', zone)
}

/** An image that was obtained under a license is the record of a licensed act. */
async function keptImageUntil(tx: Tx, { licenseId = null, obtainedOn }: Stored) {
  if (licenseId === null || obtainedOn === null) return null
  const [license] = await tx
    .select({ regime: licenses.regimeId })
    .from(licenses)
    .where(eq(licenses.id, licenseId))
  const until = license ? keptUntil(license.regime, obtainedOn) : null
  return until === null ? null : { until, citation: retentionOf(license!.regime)!.citation }
}

/** Throws `record-retained`. */
async function assertNotRetained(tx: Tx, image: Stored, today: string): Promise<void> {
  const kept = await keptImageUntil(tx, image)
  if (kept !== null && today < kept.until) throw retained(kept.until, kept.citation)
}

/** A change may lengthen the time for which an image is kept, and not shorten it. Throws `record-retained`. */
async function assertKeptAsLong(tx: Tx, before: Stored, after: Stored, today: string): Promise<void> {
  const kept = await keptImageUntil(tx, before)
  if (kept === null || today >= kept.until) return
  const then = await keptImageUntil(tx, after)
  if (then === null || then.until < kept.until) throw retained(kept.until, kept.citation)
}

const columnsOf = (doc: Stored) => ({
  manufacturerId: doc.maker,
  firmwareVersion: doc.firmwareVersion,
  sha256: doc.sha256,
  obtainedOn: doc.obtainedOn,
  doc,
})

const isComparable = ({ maker, firmwareVersion }: Stored) =>
  parseFirmware(maker, firmwareVersion).isComparable

/** A release with what its change touches. */
const changed = (row: Row, doc: Stored, touched: Touched) => ({
  ...toRelease(row),
  isComparable: isComparable(doc),
  touched,
})

/** What changing a release to another maker touches too. */
export const subjectsOfChange = (stored: Row | undefined, maker: string | undefined): string[] => [
  ...(stored ? subjectsOfRelease(stored.doc as Stored) : []),
  ...(maker === undefined ? [] : [`vendor:${maker}`]),
]

export interface ReleaseWork extends Work {
  readonly owner: Owner
  /** Of the owner; days of what everybody has are those of UTC. */
  readonly zone: string | undefined
  readonly knowledge: Knowledge
  readonly noteChange: (change: OwnedChange) => Promise<Touched>
}

/** Throws `invalid-request`, `release-taken`. */
export async function addRelease(work: ReleaseWork, wish: Stored) {
  const { tx, owner, zone, knowledge, noteChange } = work
  const doc = check(wish, owner === null, dayIn(work.now, zone), knowledge)
  const id = uuidv7(work.now.getTime())
  await checkRoom(tx, firmwareReleases, owner, { id, models: doc.models })
  await checkLicenseOf(tx, doc, zone)
  const row = await addRow(work, firmwareReleases, { id, ...columnsOf(doc) })
  const touched = await noteChange({
    kind: 'release',
    action: 'firmware-release.create',
    target: id,
    detail: { ...doc },
    subjects: subjectsOfRelease(doc),
  })
  return changed(row, doc, touched)
}

/** Throws `not-found`, `precondition-failed`, `invalid-request`, `release-taken`, `record-retained`. */
export async function changeRelease(
  work: ReleaseWork,
  id: string,
  changes: Changes<Stored>,
  ifMatch: string | undefined,
  subjects: readonly string[],
) {
  const { tx, owner, zone, knowledge, noteChange } = work
  const current = await lockRow(work, firmwareReleases, id, { what: 'release', ifMatch })
  const before = current.doc as Stored
  await checkRoom(tx, firmwareReleases, owner, { id, models: changes.models })
  const doc = check({ ...before, ...changes }, owner === null, dayIn(work.now, zone), knowledge)
  await checkLicenseOf(tx, doc, zone)
  await assertKeptAsLong(tx, before, doc, dayIn(work.now, zone))
  const row = await reviseRow(work, firmwareReleases, current, columnsOf(doc))
  const touched = await noteChange({
    kind: 'release',
    action: 'firmware-release.change',
    target: id,
    detail: { before, after: changes },
    subjects,
  })
  return changed(row, doc, touched)
}

/** Throws `not-found`, `precondition-failed`, `record-retained`. */
export async function removeRelease(
  work: ReleaseWork,
  id: string,
  ifMatch: string | undefined,
): Promise<void> {
  const { doc } = await lockRow(work, firmwareReleases, id, { what: 'release', ifMatch })
  await assertNotRetained(work.tx, doc as Stored, dayIn(work.now, work.zone))
  await work.tx.delete(firmwareReleases).where(oneRow(firmwareReleases, work, id))
  await work.noteChange({
    kind: 'release',
    action: 'firmware-release.delete',
    target: id,
    detail: { before: doc },
    subjects: subjectsOfRelease(doc as Stored),
  })
}

export interface ReleaseFilter {
  readonly jurisdictionId: readonly string[]
  readonly maker: string[]
  readonly sha256: string[]
  readonly held?: boolean | undefined
}

export function releasePage(tx: Tx, { question }: { readonly question: ReleaseFilter }, page: PageAsked) {
  const { jurisdictionId, maker, sha256, held } = question
  const where = [
    maker.length > 0 ? inArray(firmwareReleases.manufacturerId, maker) : undefined,
    sha256.length > 0 ? inArray(firmwareReleases.sha256, sha256) : undefined,
    held === undefined ? undefined : held ? sql`obtained_on is not null` : sql`obtained_on is null`,
    ownOnly(jurisdictionId),
  ]
  return ownedPage(tx, firmwareReleases, where, page, toRelease)
}

export function findRelease(tx: Tx, id: string): Promise<Row[]> {
  return tx.select().from(firmwareReleases).where(eq(firmwareReleases.id, id))
}
