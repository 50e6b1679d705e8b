/** Firmware releases of makers, and images that a jurisdiction obtained and keeps. */
import { eq, inArray, sql } from 'drizzle-orm'
import { z } from 'zod'
import type { Tx } from '../../db/database.ts'
import { firmwareReleases, licences } from '../../db/schema/index.ts'
import { UPDATE_CHANNELS } from '../../device/schemas.ts'
import { modelPatterns } from '../../firmware-risk/model-fields.ts'
import { type FirmwareRelease, subjectsOfRelease } from '../../firmware-risk/release.ts'
import { unreadPatterns } from '../../firmware-risk/release-models.ts'
import { keptUntil, retentionOf } from '../../firmware-risk/retention.ts'
import { parseFirmware } from '../../firmware-risk/versions.ts'
import { changesOf } from '../../http/changes.ts'
import { etagOf } from '../../http/etag.ts'
import { type Column, linkNext, negotiate, PRODUCES, sendRows } from '../../http/exports.ts'
import { type Answer, once, send } from '../../http/idempotency.ts'
import { everyPage, PageQuery } from '../../http/pages.ts'
import { DomainError, FieldProblem, problems } from '../../http/problems.ts'
import {
  Day,
  Id,
  Instant,
  pageOf,
  repeatable,
  Sha256,
  someText,
  text,
  toInstant,
} from '../../http/schemas.ts'
import type { App } from '../../http/services.ts'
import { dayIn } from '../../lib/calendar.ts'
import { OPERATOR_ID, uuidv7 } from '../../lib/ids.ts'
import type { Knowledge } from '../../screening/knowledge.ts'
import type { Services } from '../../screening/services.ts'
import { EDITORS, READERS, readScope } from '../../tenancy/auth.ts'
import { licenceInForce, retained } from '../installations/installations.ts'
import {
  checkRoom,
  daysOfKeeper,
  idOf,
  inKeeping,
  type Keeper,
  keeperOf,
  keeperOfNew,
  keptPage,
  keptRow,
  lockKept,
  readKept,
  toKeeper,
} from '../owned-records.ts'
import { unknownVendors } from '../vendor-fields.ts'

const MODELS =
  'model numbers; a small x is any letter or digit, @ any letter, (…) may be absent, a final * is any ending'

const fields = {
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

const ReleaseWrite = z
  .strictObject({
    jurisdictionId: Id.nullable().optional().meta({
      description: 'operator keys: who keeps the image; absent or null for a release everybody sees',
    }),
    ...fields,
    releasedOn: fields.releasedOn.default(none.releasedOn),
    channel: fields.channel.default(none.channel),
    publisher: fields.publisher.default(none.publisher),
    signer: fields.signer.default(none.signer),
    sha256: fields.sha256.default(none.sha256),
    obtainedOn: fields.obtainedOn.default(null),
    isVerified: fields.isVerified.default(false),
    licenseId: fields.licenseId.default(none.licenseId),
    heldAt: fields.heldAt.default(none.heldAt),
  })
  .meta({ id: 'NewFirmwareRelease' })

const ReleaseChange = z.strictObject(fields).partial().meta({ id: 'FirmwareReleaseChange' })

const ReleaseShape = z
  .object({
    id: z.string(),
    jurisdictionId: z.string().nullable().meta({ description: 'null: a release that everybody sees' }),
    ...fields,
    models: z.array(z.string()).meta({ description: MODELS }),
    warnings: z
      .array(FieldProblem)
      .meta({ description: 'patterns that were stored before there were limits' }),
    version: z.int(),
    createdAt: Instant,
    updatedAt: Instant,
  })
  .meta({ id: 'FirmwareRelease' })

const ReleaseAnswer = ReleaseShape.extend({
  isComparable: z
    .boolean()
    .meta({ description: 'false: the version cannot be ordered, so no rule can say that it closes a hole' }),
  touched: z.object({ profiles: z.int(), devices: z.int() }),
}).meta({ id: 'FirmwareReleaseAnswer' })

type Row = typeof firmwareReleases.$inferSelect
type Stored = Omit<FirmwareRelease, 'id'> & {
  readonly heldAt: string | null
  /** Absent in records from before it was kept. */
  readonly licenseId?: string | null
}

function toRelease(row: Row) {
  const doc = row.doc as Stored
  return {
    licenseId: null,
    ...doc,
    id: row.id,
    warnings: unreadPatterns(doc.models),
    jurisdictionId: toKeeper(row.jurisdictionId),
    version: row.version,
    createdAt: toInstant(row.createdAt),
    updatedAt: toInstant(row.updatedAt),
  }
}
type ReleaseTold = ReturnType<typeof toRelease>

const COLUMNS: readonly Column<ReleaseTold>[] = [
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
  ).map((field) => ({ header: field, value: (one: ReleaseTold) => one[field] })),
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
async function checkLicenceOf(
  tx: Tx,
  { licenseId = null, obtainedOn }: Stored,
  zone: string | undefined,
): Promise<void> {
  if (licenseId !== null) await licenceInForce(tx, licenseId, obtainedOn, '/licenseId', zone)
}

/** An image that was obtained under a license is the record of a licensed act. Throws `record-retained`. */
async function assertNotRetained(
  tx: Tx,
  { licenseId = null, obtainedOn }: Stored,
  today: string,
): Promise<void> {
  if (licenseId === null || obtainedOn === null) return
  const [licence] = await tx
    .select({ regime: licences.regimeId })
    .from(licences)
    .where(eq(licences.id, licenseId))
  const until = licence ? keptUntil(licence.regime, obtainedOn) : null
  if (until !== null && today < until) throw retained(until, retentionOf(licence!.regime)!.citation)
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

export function releaseRoutes(app: App, services: Services): void {
  const { database, knowledge, now } = services
  /** Everybody's have none: their days are those of UTC. */
  const zoneOfKeeper = async (keeper: Keeper) => (await daysOfKeeper(services, keeper)).zoneOf(keeper)

  app.get(
    '/v1/firmware-releases',
    {
      config: { roles: READERS, reads: 'firmware-releases.read' },
      schema: {
        operationId: 'listFirmwareReleases',
        produces: [...PRODUCES],
        tags: ['firmware'],
        summary: 'Releases of makers and images that are kept, as JSON pages, CSV or NDJSON by `Accept`',
        security: [{ apiKey: [] }],
        querystring: z.strictObject({
          ...PageQuery,
          jurisdictionId: repeatable(Id).meta({
            description: 'images these keep; without it also shared releases',
          }),
          maker: repeatable(someText(100)),
          sha256: repeatable(fields.sha256.unwrap()),
          held: z
            .stringbool()
            .optional()
            .meta({ description: 'only images that are kept, or only releases' }),
        }),
        response: {
          200: pageOf('FirmwareReleasePage', ReleaseShape),
          ...problems('unauthenticated', 'not-acceptable'),
        },
      },
    },
    async (request, reply) => {
      const format = negotiate(request)
      const { limit, cursor, ...question } = request.query
      const { jurisdictionId, maker, sha256, held } = question
      const scope = readScope(request.principal, jurisdictionId)
      const conditions = [
        ...(maker.length > 0 ? [inArray(firmwareReleases.manufacturerId, maker)] : []),
        ...(sha256.length > 0 ? [inArray(firmwareReleases.sha256, sha256)] : []),
        ...(held === undefined ? [] : [held ? sql`obtained_on is not null` : sql`obtained_on is null`]),
        ...(jurisdictionId.length > 0 ? [sql`jurisdiction_id <> ${OPERATOR_ID}::uuid`] : []),
      ]
      const page = (size: number, from: string | undefined) =>
        database.acrossJurisdictions(scope, (tx) =>
          keptPage(tx, firmwareReleases, conditions, { limit: size, cursor: from, question }, toRelease),
        )
      if (format !== 'json') {
        return sendRows(reply, format, 'firmware-releases', COLUMNS, everyPage(page))
      }
      const result = await page(limit, cursor)
      linkNext(request, reply, result.nextCursor)
      return result
    },
  )

  app.post(
    '/v1/firmware-releases',
    {
      config: { roles: EDITORS },
      schema: {
        operationId: 'createFirmwareRelease',
        tags: ['firmware'],
        summary: 'Record an image that was obtained and hashed, or (operator) a release that everybody sees',
        security: [{ apiKey: [] }],
        body: ReleaseWrite,
        response: {
          201: ReleaseAnswer,
          ...problems(
            'unauthenticated',
            'forbidden',
            'malformed-body',
            'not-found',
            'release-taken',
            'idempotency-key-reused',
            'unsupported-media-type',
          ),
        },
      },
    },
    async (request, reply) => {
      const { jurisdictionId: asked, ...wish } = request.body
      const keeper = keeperOfNew(request.principal, asked)
      const instant = now()
      const zone = await zoneOfKeeper(keeper)
      const doc = check(wish, keeper === null, dayIn(instant, zone), knowledge())
      const subjects = subjectsOfRelease(doc)
      const answer = await inKeeping(services, request, keeper, subjects, (tx, note) =>
        once(tx, request, keeper, instant, async (): Promise<Answer> => {
          const id = uuidv7(instant.getTime())
          await checkRoom(tx, firmwareReleases, keeper, { id, models: doc.models })
          await checkLicenceOf(tx, doc, zone)
          const at = instant.toISOString()
          const [row] = await tx
            .insert(firmwareReleases)
            .values({ jurisdictionId: idOf(keeper), id, ...columnsOf(doc), createdAt: at, updatedAt: at })
            .returning()
          const touched = await note({
            kind: 'release',
            action: 'firmware-release.create',
            target: id,
            detail: { ...doc },
            subjects,
          })
          return {
            status: 201,
            location: `/v1/firmware-releases/${id}`,
            etag: etagOf(1),
            body: { ...toRelease(row!), isComparable: isComparable(doc), touched },
          }
        }),
      )
      return send(reply, answer)
    },
  )

  app.get(
    '/v1/firmware-releases/:id',
    {
      config: { roles: READERS, reads: 'firmware-release.read', readsOf: 'firmware_releases' },
      schema: {
        operationId: 'getFirmwareRelease',
        tags: ['firmware'],
        summary: 'One release or image',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        querystring: z.strictObject({}),
        response: { 200: ReleaseShape, ...problems('unauthenticated', 'not-found') },
      },
    },
    async (request, reply) => {
      const row = await readKept(services, request.principal, firmwareReleases, request.params.id, 'release')
      reply.header('etag', etagOf(row.version))
      return toRelease(row)
    },
  )

  app.patch(
    '/v1/firmware-releases/:id',
    {
      config: { roles: EDITORS },
      schema: {
        operationId: 'changeFirmwareRelease',
        tags: ['firmware'],
        summary: 'Change a release or image: verified now, kept elsewhere',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        body: ReleaseChange,
        response: {
          200: ReleaseAnswer,
          ...problems(
            'unauthenticated',
            'forbidden',
            'malformed-body',
            'not-found',
            'precondition-failed',
            'release-taken',
            'unsupported-media-type',
          ),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const instant = now()
      const wish = changesOf(request.body)
      const keeper = await keeperOf(services, request.principal, firmwareReleases, id, 'release')
      const [stored] = await database.acrossJurisdictions(keeper === null ? 'all' : [keeper], (tx) =>
        tx.select().from(firmwareReleases).where(eq(firmwareReleases.id, id)),
      )
      const subjects = [
        ...(stored ? subjectsOfRelease(stored.doc as Stored) : []),
        ...(request.body.maker === undefined ? [] : [`vendor:${request.body.maker}`]),
      ]
      const zone = await zoneOfKeeper(keeper)
      const { row, doc, touched } = await inKeeping(services, request, keeper, subjects, async (tx, note) => {
        const mine = keptRow(firmwareReleases, keeper, id)
        const current = await lockKept(tx, firmwareReleases, mine, request.headers['if-match'], 'release')
        const before = current.doc as Stored
        await checkRoom(tx, firmwareReleases, keeper, { id, models: wish.models })
        const next = check(
          { ...before, ...wish } as Stored,
          keeper === null,
          dayIn(instant, zone),
          knowledge(),
        )
        await checkLicenceOf(tx, next, zone)
        const [changed] = await tx
          .update(firmwareReleases)
          .set({ ...columnsOf(next), version: current.version + 1, updatedAt: instant.toISOString() })
          .where(mine)
          .returning()
        return {
          row: changed!,
          doc: next,
          touched: await note({
            kind: 'release',
            action: 'firmware-release.change',
            target: id,
            detail: { before, after: wish },
            subjects,
          }),
        }
      })
      reply.header('etag', etagOf(row.version))
      return { ...toRelease(row), isComparable: isComparable(doc), touched }
    },
  )

  app.delete(
    '/v1/firmware-releases/:id',
    {
      config: { roles: EDITORS },
      schema: {
        operationId: 'removeFirmwareRelease',
        tags: ['firmware'],
        summary: 'Remove a release, or an image that is no longer kept',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        querystring: z.strictObject({}),
        response: {
          204: z.null().meta({ description: 'removed' }),
          ...problems('unauthenticated', 'forbidden', 'not-found', 'precondition-failed', 'record-retained'),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const keeper = await keeperOf(services, request.principal, firmwareReleases, id, 'release')
      const zone = await zoneOfKeeper(keeper)
      await inKeeping(services, request, keeper, [], async (tx, note) => {
        const mine = keptRow(firmwareReleases, keeper, id)
        const current = await lockKept(tx, firmwareReleases, mine, request.headers['if-match'], 'release')
        await assertNotRetained(tx, current.doc as Stored, dayIn(now(), zone))
        await tx.delete(firmwareReleases).where(mine)
        await note({
          kind: 'release',
          action: 'firmware-release.delete',
          target: id,
          detail: { before: current.doc },
          subjects: subjectsOfRelease(current.doc as Stored),
        })
      })
      return reply.code(204).send(null)
    },
  )
}
