/** Licences and waivers, applications for them, and the reminders they give rise to. */
import { and, eq, inArray, sql } from 'drizzle-orm'
import { z } from 'zod'
import { actorOf, record, recordReview } from '../audit.ts'
import { addDays, dayIn, isPlainDate } from '../calendar.ts'
import type { Tx } from '../db/database.ts'
import { licenceApplications, licenceReminders, licences } from '../db/schema.ts'
import { EDITORS, READERS, readScope, writeJurisdiction } from '../http/auth.ts'
import { assertMatch, etagOf } from '../http/etag.ts'
import { linkNext } from '../http/exports.ts'
import { type Answer, once, send } from '../http/idempotency.ts'
import { after, decodeCursor, encodeCursor, orderBy, PageQuery, type SortKey } from '../http/pages.ts'
import { DomainError, FieldProblem, notFound, problems } from '../http/problems.ts'
import { Day, Id, Instant, pageOf, repeatable, someText, toInstant } from '../http/schemas.ts'
import { OPERATOR_ID, uuidv7 } from '../ids.ts'
import { DEVICE_CLASSES } from '../inventory/schemas.ts'
import { loadJurisdiction } from '../jurisdictions.ts'
import type { Knowledge } from '../knowledge.ts'
import type { App, Services } from '../services.ts'
import { idOf, inKeeping, type Keeper, keeperOf, keeperOfNew, type Touched, toKeeper } from './keep.ts'
import {
  daysHeld,
  LICENCE_STATUSES,
  LICENCE_TYPES,
  type Licence,
  type LicenceApplication,
  licenceProblems,
  overlappingLicences,
  licenceReminders as remindersOf,
} from './licences.ts'
import { noteOwn } from './store.ts'

const LocalTime = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2})?$/, 'must be YYYY-MM-DD or YYYY-MM-DDTHH:MM in its own zone')
const Sha256 = z
  .string()
  .regex(/^[0-9a-fA-F]{64}$/, 'must have 64 hex digits')
  .toLowerCase()

/** Fields of a licence as they are written; `Licence` less its id. */
const licenceFields = {
  type: z.enum(LICENCE_TYPES),
  number: someText(100).nullable().default(null),
  authority: someText(100).meta({ description: 'who granted it', examples: ['OFAC', 'BIS', 'FCC OET'] }),
  regime: someText(100).meta({ description: 'regime id' }),
  programme: someText(100)
    .nullable()
    .default(null)
    .meta({ description: 'programme inside the regime; a licence of another programme covers nothing' }),
  activities: z.array(someText(100)).max(50).meta({
    description: 'what may be done; only a licence that names `firmware-update` covers one',
  }),
  entities: z
    .union([z.literal('any'), z.array(someText(100)).max(500)])
    .meta({ description: 'vendor ids, or any' }),
  products: z.union([z.literal('any'), z.array(z.enum(DEVICE_CLASSES)).max(20)]).default('any'),
  models: z
    .union([z.literal('any'), z.array(someText(200)).max(500)])
    .default('any')
    .meta({
      description: 'for some models only; a small x is any letter or digit, a final * any ending',
    }),
  territory: z.union([z.literal('any'), z.array(someText(10)).max(60)]).default('any'),
  holder: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('any-us-person') }),
      z.strictObject({
        kind: z.literal('party'),
        id: someText(100).meta({ description: 'a jurisdiction id or a vendor id' }),
      }),
    ])
    .meta({ description: 'who may rely on it' }),
  window: z.strictObject({
    from: LocalTime.nullable().default(null),
    to: LocalTime.nullable()
      .default(null)
      .meta({ description: 'first moment outside; a plain date means its midnight' }),
    timezone: someText(60).default('America/New_York'),
  }),
  status: z.enum(LICENCE_STATUSES).default('active'),
  statusSince: Day.nullable().default(null),
  conditions: z
    .array(
      z.strictObject({
        text: someText(1000),
        isMet: z.boolean().nullable().default(null).meta({ description: 'null: nobody has said' }),
      }),
    )
    .max(50)
    .default([]),
  reportingDue: z.array(Day).max(100).default([]),
  documentSha256: Sha256.nullable().default(null),
  supersedes: Id.nullable().default(null),
  citation: someText(500),
}

const LicenceWrite = z
  .strictObject({
    jurisdictionId: Id.nullable()
      .optional()
      .meta({ description: 'operator keys: whose licence; absent or null for everybody’s' }),
    ...licenceFields,
  })
  .meta({ id: 'NewLicense' })

type Told<T> = { [K in keyof T]: z.ZodType<z.output<T[K]>> }

/** The same fields without their defaults: what is told, and what a change may name. */
const bareFields = Object.fromEntries(
  Object.entries(licenceFields).map(([name, schema]) => [
    name,
    schema instanceof z.ZodDefault ? schema.removeDefault() : schema,
  ]),
) as unknown as Told<typeof licenceFields>
const LicenceChange = z.strictObject(bareFields).partial().meta({ id: 'LicenseChange' })

const TouchedShape = z
  .object({ profiles: z.int(), devices: z.int() })
  .meta({ id: 'Touched', description: 'What a change re-evaluates' })

const LicenceShape = z
  .object({
    id: z.string(),
    jurisdictionId: z.string().nullable().meta({ description: 'null: everybody may rely on it' }),
    ...bareFields,
    entities: z.union([z.string(), z.array(z.string())]),
    products: z.union([z.string(), z.array(z.string())]),
    models: z.union([z.string(), z.array(z.string())]),
    territory: z.union([z.string(), z.array(z.string())]),
    holder: z.object({ kind: z.string(), id: z.string().optional() }),
    firstDay: z.string().nullable().meta({ description: 'first whole day of cover in its own zone' }),
    lastDay: z.string().nullable().meta({ description: 'last whole day of cover in its own zone' }),
    version: z.int(),
    createdAt: Instant,
    updatedAt: Instant,
  })
  .meta({ id: 'License' })

const LicenceAnswer = LicenceShape.extend({
  warnings: z.array(FieldProblem).meta({ description: 'stored all the same, and worth a look' }),
  touched: TouchedShape,
}).meta({ id: 'LicenseAnswer' })

const ApplicationFields = {
  regime: someText(100),
  programme: someText(100).nullable().default(null),
  status: z.enum(['draft', 'pending', 'returned', 'denied', 'granted', 'withdrawn']).default('draft'),
  filedOn: Day.nullable().default(null),
  decisionOn: Day.nullable().default(null),
  scope: someText(2000).nullable().default(null),
}
const ApplicationWrite = z
  .strictObject({ jurisdictionId: Id.optional(), ...ApplicationFields })
  .meta({ id: 'NewLicenseApplication' })
const ApplicationChange = z
  .strictObject({
    programme: someText(100).nullable().optional(),
    status: ApplicationFields.status.removeDefault().optional(),
    filedOn: Day.nullable().optional(),
    decisionOn: Day.nullable().optional(),
    scope: someText(2000).nullable().optional(),
  })
  .meta({ id: 'LicenseApplicationChange' })
const ApplicationShape = z
  .object({
    id: z.string(),
    jurisdictionId: z.string(),
    regime: z.string(),
    programme: z.string().nullable(),
    status: z.string(),
    filedOn: z.string().nullable(),
    decisionOn: z.string().nullable(),
    scope: z.string().nullable(),
    version: z.int(),
    createdAt: Instant,
    updatedAt: Instant,
  })
  .meta({ id: 'LicenseApplication' })

const ReminderShape = z
  .object({
    jurisdictionId: z.string().nullable(),
    licenseId: z.string(),
    authority: z.string(),
    number: z.string().nullable(),
    regime: z.string(),
    about: z.enum(['licence-end', 'report-due']),
    date: z.string().meta({ description: 'last day of cover, or the day the report is due' }),
    daysBefore: z.int(),
    sendOn: z.string(),
    sentAt: Instant.nullable(),
  })
  .meta({ id: 'LicenseReminder' })

type LicenceRow = typeof licences.$inferSelect
type ApplicationRow = typeof licenceApplications.$inferSelect

function toLicence(row: LicenceRow) {
  const licence = licenceOf(row)
  const days = daysHeld(licence, licence.window.timezone)
  return {
    ...licence,
    jurisdictionId: toKeeper(row.jurisdictionId),
    firstDay: days.from,
    lastDay: days.to === null ? null : addDays(days.to, -1),
    version: row.version,
    createdAt: toInstant(row.createdAt),
    updatedAt: toInstant(row.updatedAt),
  }
}

function licenceOf({ id, doc }: Pick<LicenceRow, 'id' | 'doc'>): Licence {
  return { models: 'any', ...(doc as Omit<Licence, 'id'>), id }
}

function toApplication(row: ApplicationRow) {
  return {
    ...(row.doc as Omit<LicenceApplication, 'id'>),
    id: row.id,
    jurisdictionId: row.jurisdictionId,
    version: row.version,
    createdAt: toInstant(row.createdAt),
    updatedAt: toInstant(row.updatedAt),
  }
}

/** Refuse a licence that cannot stand; every wrong field at once. */
function checkLicence(licence: Licence, knowledge: Knowledge): void {
  const { reference } = knowledge
  const errors: FieldProblem[] = licenceProblems(licence).map(({ code, pointer, detail }) => ({
    pointer,
    code,
    message: detail,
  }))
  const add = (pointer: string, code: string, message: string) => errors.push({ pointer, code, message })
  const regime = reference.regimes.find(({ id }) => id === licence.regime)
  if (!regime) add('/regime', 'unknown-regime', `${licence.regime} is not a regime; see /v1/regimes`)
  else if (regime.licensing === null)
    add('/regime', 'no-licence-path', `nothing can be licensed under ${regime.id}`)
  if (licence.entities !== 'any') {
    const vendors = new Set(reference.vendors.map(({ id }) => id))
    licence.entities.forEach((id, i) => {
      if (!vendors.has(id)) add(`/entities/${i}`, 'unknown-vendor', `${id} is not in /v1/manufacturers`)
    })
  }
  const wrong = regime ? wrongProgramme(licence, knowledge) : null
  if (wrong !== null) add('/programme', 'wrong-programme', wrong)
  if (errors.length > 0) {
    throw new DomainError('invalid-request', 'The licence cannot be stored.', { errors })
  }
}

/** Why the programme cannot be right for the entities that are named; null when it can. */
function wrongProgramme({ regime, programme, entities }: Licence, knowledge: Knowledge): string | null {
  const list = programmesOf(regime, knowledge)
  const known = [...new Set(list.map((entry) => entry.programme))].toSorted()
  if (known.length === 0) {
    return programme === null
      ? null
      : `${regime} has no programmes, so a licence under ${programme} covers nothing`
  }
  if (programme === null) return `${regime} is kept by programme (${known.join(', ')}): name one`
  if (entities === 'any') return null
  const named = list.filter(({ vendor }) => entities.includes(vendor ?? ''))
  if (named.length === 0 || named.some((entry) => entry.programme === programme)) return null
  const where = named.map((entry) => `${entry.vendor} is listed under ${entry.programme}`).join(', ')
  return `covers nothing for the entities it names: ${where}, not under ${programme}`
}

function programmesOf(regime: string, { reference }: Knowledge) {
  return reference.listings.flatMap(({ regime: list, vendor, programme }) =>
    list === regime && programme ? [{ vendor, programme }] : [],
  )
}

/** What is stored and worth a look: a number recorded twice, a programme nothing is listed under. */
async function warningsOf(
  tx: Tx,
  keeper: Keeper,
  licence: Licence,
  knowledge: Knowledge,
): Promise<FieldProblem[]> {
  const rows = await tx
    .select({ id: licences.id, doc: licences.doc })
    .from(licences)
    .where(inArray(licences.jurisdictionId, [...new Set([idOf(keeper), OPERATOR_ID])]))
  const others = rows.map(licenceOf).filter(({ id }) => id !== licence.id)
  const warnings = overlappingLicences([...others, licence])
    .filter(({ licences: pair }) => pair.includes(licence.id))
    .map(
      ({ problem }): FieldProblem => ({
        pointer: problem.pointer,
        code: problem.code,
        message: problem.detail,
      }),
    )
  const { programme, regime } = licence
  const known = programmesOf(regime, knowledge)
  if (programme !== null && !known.some((entry) => entry.programme === programme)) {
    warnings.push({
      pointer: '/programme',
      code: 'programme-without-listings',
      message: `nobody here is listed under ${programme}, so it covers nothing for now`,
    })
  }
  if (!licence.activities.includes('firmware-update')) {
    warnings.push({
      pointer: '/activities',
      code: 'not-for-updates',
      message: 'does not name firmware-update, so it covers no update',
    })
  }
  return warnings
}

/** Write the reminders that are still ahead; those already sent stay as they are. */
async function writeReminders(tx: Tx, keeper: Keeper, licence: Licence, now: Date): Promise<void> {
  const mine = and(
    eq(licenceReminders.jurisdictionId, idOf(keeper)),
    eq(licenceReminders.licenceId, licence.id),
  )
  await tx.delete(licenceReminders).where(and(mine, sql`sent_at is null`))
  const timezone = keeper === null ? licence.window.timezone : (await loadJurisdiction(tx, keeper)).timezone
  const today = dayIn(now, timezone)
  const rows =
    licence.status === 'active' ? remindersOf(licence, timezone).filter(({ date }) => date >= today) : []
  if (rows.length === 0) return
  await tx
    .insert(licenceReminders)
    .values(
      rows.map(({ about, date, daysBefore, on }) => ({
        jurisdictionId: idOf(keeper),
        licenceId: licence.id,
        about,
        date,
        daysBefore,
        sendOn: on,
      })),
    )
    .onConflictDoNothing()
}

const columnsOf = ({ id: _, ...doc }: Licence) => ({
  regimeId: doc.regime,
  number: doc.number,
  status: doc.status,
  endsOn: daysHeld({ ...doc, id: '' }, doc.window.timezone).to,
  doc,
})

const ORDER: readonly SortKey[] = [
  { field: 'jurisdictionId', column: sql`jurisdiction_id`, descending: false, type: 'uuid', nullable: false },
  { field: 'id', column: sql`id`, descending: false, type: 'uuid', nullable: false },
]

export function licenceRoutes(app: App, services: Services): void {
  const { database, knowledge, now } = services

  app.get(
    '/v1/licenses',
    {
      config: { roles: READERS },
      schema: {
        operationId: 'listLicenses',
        tags: ['firmware'],
        summary: 'Licences and waivers: everybody’s and those of the jurisdictions this key may see',
        security: [{ apiKey: [] }],
        querystring: z.strictObject({
          ...PageQuery,
          jurisdictionId: repeatable(Id),
          regime: repeatable(someText(100)),
          status: repeatable(z.enum(LICENCE_STATUSES)),
          entity: repeatable(someText(100)).meta({ description: 'vendor id; licences for any are included' }),
          endsBefore: Day.optional().meta({ description: 'cover ends before this day' }),
        }),
        response: { 200: pageOf('LicensePage', LicenceShape), ...problems('unauthenticated') },
      },
    },
    async (request, reply) => {
      const { limit, cursor, ...question } = request.query
      const { regime, status, entity, endsBefore, jurisdictionId } = question
      const scope = readScope(request.principal, jurisdictionId)
      await recordReview(services, request, 'licences.read', question)
      const page = await database.acrossJurisdictions(scope, async (tx) => {
        const rows = await tx
          .select()
          .from(licences)
          .where(
            and(
              ...(regime.length > 0 ? [inArray(licences.regimeId, regime)] : []),
              ...(status.length > 0 ? [inArray(licences.status, status)] : []),
              ...(entity.length > 0
                ? [sql`(doc -> 'entities' = '"any"' or doc -> 'entities' ?| ${sql.param(entity)}::text[])`]
                : []),
              ...(endsBefore === undefined ? [] : [sql`ends_on <= ${endsBefore}::date`]),
              ...(jurisdictionId.length > 0 ? [sql`jurisdiction_id <> ${OPERATOR_ID}::uuid`] : []),
              ...(cursor === undefined ? [] : [after(ORDER, decodeCursor(cursor, question, 2))]),
            ),
          )
          .orderBy(orderBy(ORDER))
          .limit(limit + 1)
        const last = rows[limit - 1]
        return {
          items: rows.slice(0, limit).map(toLicence),
          nextCursor:
            rows.length > limit && last ? encodeCursor([last.jurisdictionId, last.id], question) : null,
        }
      })
      linkNext(request, reply, page.nextCursor)
      return page as never
    },
  )

  app.post(
    '/v1/licenses',
    {
      config: { roles: EDITORS },
      schema: {
        operationId: 'createLicense',
        tags: ['firmware'],
        summary: 'Record a licence or waiver; what it covers is evaluated again',
        security: [{ apiKey: [] }],
        body: LicenceWrite,
        response: {
          201: LicenceAnswer,
          ...problems(
            'unauthenticated',
            'forbidden',
            'malformed-body',
            'not-found',
            'idempotency-key-reused',
            'unsupported-media-type',
          ),
        },
      },
    },
    async (request, reply) => {
      const { jurisdictionId: asked, ...fields } = request.body
      const keeper = keeperOfNew(request.principal, asked)
      const instant = now()
      const licence: Licence = { id: uuidv7(instant.getTime()), ...(fields as Omit<Licence, 'id'>) }
      const known = knowledge()
      checkLicence(licence, known)
      const subjects = [`regime:${licence.regime}`]
      const answer = await inKeeping(services, request, keeper, subjects, (tx, note) =>
        once(tx, request, keeper, instant, async (): Promise<Answer> => {
          await checkSuperseded(tx, licence)
          const at = instant.toISOString()
          const [row] = await tx
            .insert(licences)
            .values({
              jurisdictionId: idOf(keeper),
              id: licence.id,
              ...columnsOf(licence),
              createdAt: at,
              updatedAt: at,
            })
            .returning()
          await writeReminders(tx, keeper, licence, instant)
          const warnings = await warningsOf(tx, keeper, licence, known)
          const touched = await note({
            kind: 'licence',
            action: 'licence.create',
            target: licence.id,
            detail: { ...fields },
            subjects,
          })
          return {
            status: 201,
            location: `/v1/licenses/${licence.id}`,
            etag: etagOf(1),
            body: { ...toLicence(row!), warnings, touched },
          }
        }),
      )
      return send(reply, answer) as never
    },
  )

  app.get(
    '/v1/licenses/:id',
    {
      config: { roles: READERS },
      schema: {
        operationId: 'getLicense',
        tags: ['firmware'],
        summary: 'One licence',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        querystring: z.strictObject({}),
        response: { 200: LicenceShape, ...problems('unauthenticated', 'not-found') },
      },
    },
    async (request, reply) => {
      const [row] = await database.acrossJurisdictions(readScope(request.principal), (tx) =>
        tx.select().from(licences).where(eq(licences.id, request.params.id)),
      )
      if (!row) throw notFound('licence')
      reply.header('etag', etagOf(row.version))
      return toLicence(row) as never
    },
  )

  app.patch(
    '/v1/licenses/:id',
    {
      config: { roles: EDITORS },
      schema: {
        operationId: 'changeLicense',
        tags: ['firmware'],
        summary: 'Change a licence: its status, a condition that is met, a longer window',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        body: LicenceChange,
        response: {
          200: LicenceAnswer,
          ...problems(
            'unauthenticated',
            'forbidden',
            'malformed-body',
            'not-found',
            'precondition-failed',
            'unsupported-media-type',
          ),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const instant = now()
      const known = knowledge()
      const keeper = await keeperOf(services, request.principal, licences, id, 'licence')
      const subjectsBefore = await subjectsOf(keeper, id)
      const wish = Object.fromEntries(Object.entries(request.body).filter(([, value]) => value !== undefined))
      if (Object.keys(wish).length === 0)
        throw new DomainError('invalid-request', 'Name at least one field to change.')
      const subjects = [
        ...subjectsBefore,
        ...(request.body.regime === undefined ? [] : [`regime:${request.body.regime}`]),
      ]
      const { row, warnings, touched } = await inKeeping(
        services,
        request,
        keeper,
        subjects,
        async (tx, note) => {
          const mine = and(eq(licences.jurisdictionId, idOf(keeper)), eq(licences.id, id))
          const [current] = await tx.select().from(licences).where(mine).for('update')
          if (!current) throw notFound('licence')
          assertMatch(request.headers['if-match'], current.version)
          const before = licenceOf(current)
          const licence = { ...before, ...wish } as Licence
          checkLicence(licence, known)
          await checkSuperseded(tx, licence)
          const [changed] = await tx
            .update(licences)
            .set({
              ...columnsOf(licence),
              version: current.version + 1,
              updatedAt: instant.toISOString(),
            })
            .where(mine)
            .returning()
          await writeReminders(tx, keeper, licence, instant)
          return {
            row: changed!,
            warnings: await warningsOf(tx, keeper, licence, known),
            touched: await note({
              kind: 'licence',
              action: 'licence.change',
              target: id,
              detail: {
                before: Object.fromEntries(
                  Object.keys(wish).map((name) => [name, before[name as keyof Licence]]),
                ),
                after: wish,
              },
              subjects,
            }),
          }
        },
      )
      reply.header('etag', etagOf(row.version))
      return { ...toLicence(row), warnings, touched } as never
    },
  )

  app.delete(
    '/v1/licenses/:id',
    {
      config: { roles: EDITORS },
      schema: {
        operationId: 'removeLicense',
        tags: ['firmware'],
        summary: 'Remove a licence that was recorded by mistake; one that ended gets another status',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        querystring: z.strictObject({}),
        response: {
          204: z.null().meta({ description: 'removed' }),
          ...problems('unauthenticated', 'forbidden', 'not-found', 'precondition-failed'),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const keeper = await keeperOf(services, request.principal, licences, id, 'licence')
      const subjects = await subjectsOf(keeper, id)
      await inKeeping(services, request, keeper, subjects, async (tx, note): Promise<Touched> => {
        const mine = and(eq(licences.jurisdictionId, idOf(keeper)), eq(licences.id, id))
        const [current] = await tx.select().from(licences).where(mine).for('update')
        if (!current) throw notFound('licence')
        assertMatch(request.headers['if-match'], current.version)
        await tx.delete(licences).where(mine)
        return note({
          kind: 'licence',
          action: 'licence.delete',
          target: id,
          detail: { before: current.doc },
          subjects,
        })
      })
      return reply.code(204).send(null as never)
    },
  )

  app.get(
    '/v1/reminders',
    {
      config: { roles: READERS },
      schema: {
        operationId: 'listReminders',
        tags: ['firmware'],
        summary: 'Reminders 90, 30 and 7 days before a licence ends or a report is due',
        security: [{ apiKey: [] }],
        querystring: z.strictObject({
          ...PageQuery,
          jurisdictionId: repeatable(Id),
          dueBy: Day.optional().meta({ description: 'to be sent on or before this day; default today' }),
          about: repeatable(z.enum(['licence-end', 'report-due'])),
          sent: z.stringbool().optional(),
        }),
        response: { 200: pageOf('ReminderPage', ReminderShape), ...problems('unauthenticated') },
      },
    },
    async (request, reply) => {
      const { limit, cursor, ...question } = request.query
      const { jurisdictionId, about, sent } = question
      const dueBy = question.dueBy ?? dayIn(now())
      const scope = readScope(request.principal, jurisdictionId)
      const order: readonly SortKey[] = (
        [
          ['sendOn', sql`r.send_on`, 'date'],
          ['jurisdictionId', sql`r.jurisdiction_id`, 'uuid'],
          ['licenceId', sql`r.licence_id`, 'uuid'],
          ['about', sql`r.about collate "C"`, 'text'],
          ['date', sql`r.date`, 'date'],
          ['daysBefore', sql`r.days_before`, 'smallint'],
        ] as const
      ).map(([field, column, type]) => ({ field, column, type, descending: false, nullable: false }))
      const page = await database.acrossJurisdictions(scope, async (tx) => {
        const conditions = [
          sql`r.send_on <= ${dueBy}::date`,
          ...(about.length > 0 ? [sql`r.about = any (${sql.param(about)}::text[])`] : []),
          ...(sent === undefined ? [] : [sent ? sql`r.sent_at is not null` : sql`r.sent_at is null`]),
          ...(jurisdictionId.length > 0 ? [sql`r.jurisdiction_id <> ${OPERATOR_ID}::uuid`] : []),
          ...(cursor === undefined ? [] : [after(order, decodeCursor(cursor, question, order.length))]),
        ]
        const { rows } = await tx.execute<{
          jurisdictionId: string
          licenseId: string
          doc: Licence
          about: string
          date: string
          daysBefore: number
          sendOn: string
          sentAt: string | null
        }>(sql`
          select r.jurisdiction_id::text as "jurisdictionId", r.licence_id::text as "licenseId", l.doc, r.about,
            r.date::text as date, r.days_before as "daysBefore", r.send_on::text as "sendOn", r.sent_at::text as "sentAt"
          from licence_reminders r
          join licences l on l.jurisdiction_id = r.jurisdiction_id and l.id = r.licence_id
          where ${sql.join(conditions, sql` and `)} order by ${orderBy(order)} limit ${limit + 1}`)
        const last = rows[limit - 1]
        return {
          items: rows.slice(0, limit).map(({ doc, ...row }) => ({
            ...row,
            jurisdictionId: toKeeper(row.jurisdictionId),
            authority: doc.authority,
            number: doc.number,
            regime: doc.regime,
            sentAt: row.sentAt === null ? null : toInstant(row.sentAt),
          })),
          nextCursor:
            rows.length > limit && last
              ? encodeCursor(
                  [last.sendOn, last.jurisdictionId, last.licenseId, last.about, last.date, last.daysBefore],
                  question,
                )
              : null,
        }
      })
      linkNext(request, reply, page.nextCursor)
      return page as never
    },
  )

  applicationRoutes(app, services)

  async function subjectsOf(keeper: Keeper, id: string): Promise<string[]> {
    const [row] = await database.acrossJurisdictions(keeper === null ? 'all' : [keeper], (tx) =>
      tx.select({ regime: licences.regimeId }).from(licences).where(eq(licences.id, id)),
    )
    return row ? [`regime:${row.regime}`] : []
  }
}

async function checkSuperseded(tx: Tx, { supersedes }: Licence): Promise<void> {
  if (supersedes === null) return
  const [found] = await tx.select({ id: licences.id }).from(licences).where(eq(licences.id, supersedes))
  if (!found) {
    throw new DomainError('invalid-request', 'The licence cannot be stored.', {
      errors: [{ pointer: '/supersedes', code: 'unknown-licence', message: 'is not a licence on record' }],
    })
  }
}

function checkApplication(application: Omit<LicenceApplication, 'id'>, { reference }: Knowledge): void {
  const { regime, status, filedOn, decisionOn } = application
  const errors: FieldProblem[] = []
  const add = (pointer: string, code: string, message: string) => errors.push({ pointer, code, message })
  if (!reference.regimes.some(({ id }) => id === regime)) {
    add('/regime', 'unknown-regime', `${regime} is not a regime; see /v1/regimes`)
  }
  if (status !== 'draft' && filedOn === null) add('/filedOn', 'required', `is required of a ${status} one`)
  if ((status === 'denied' || status === 'granted') && decisionOn === null)
    add('/decisionOn', 'required', `is required of a ${status} one`)
  if (filedOn !== null && decisionOn !== null && isPlainDate(decisionOn) && decisionOn < filedOn)
    add('/decisionOn', 'ends-before-it-starts', `${decisionOn} is before it was filed on ${filedOn}`)
  if (errors.length > 0) {
    throw new DomainError('invalid-request', 'The application cannot be stored.', { errors })
  }
}

function applicationRoutes(app: App, services: Services): void {
  const { database, knowledge, now, poke } = services

  app.get(
    '/v1/license-applications',
    {
      config: { roles: READERS },
      schema: {
        operationId: 'listLicenseApplications',
        tags: ['firmware'],
        summary: 'Applications for licences',
        security: [{ apiKey: [] }],
        querystring: z.strictObject({
          ...PageQuery,
          jurisdictionId: repeatable(Id),
          regime: repeatable(someText(100)),
          status: repeatable(ApplicationFields.status.removeDefault()),
        }),
        response: { 200: pageOf('LicenseApplicationPage', ApplicationShape), ...problems('unauthenticated') },
      },
    },
    async (request, reply) => {
      const { limit, cursor, ...question } = request.query
      const { regime, status } = question
      const scope = readScope(request.principal, question.jurisdictionId)
      await recordReview(services, request, 'licence-applications.read', question)
      const page = await database.acrossJurisdictions(scope, async (tx) => {
        const rows = await tx
          .select()
          .from(licenceApplications)
          .where(
            and(
              ...(regime.length > 0 ? [inArray(licenceApplications.regimeId, regime)] : []),
              ...(status.length > 0 ? [inArray(licenceApplications.status, status)] : []),
              ...(cursor === undefined ? [] : [after(ORDER, decodeCursor(cursor, question, 2))]),
            ),
          )
          .orderBy(orderBy(ORDER))
          .limit(limit + 1)
        const last = rows[limit - 1]
        return {
          items: rows.slice(0, limit).map(toApplication),
          nextCursor:
            rows.length > limit && last ? encodeCursor([last.jurisdictionId, last.id], question) : null,
        }
      })
      linkNext(request, reply, page.nextCursor)
      return page as never
    },
  )

  app.post(
    '/v1/license-applications',
    {
      config: { roles: EDITORS },
      schema: {
        operationId: 'createLicenseApplication',
        tags: ['firmware'],
        summary: 'Record an application for a licence; a pending one covers nothing',
        security: [{ apiKey: [] }],
        body: ApplicationWrite,
        response: {
          201: ApplicationShape,
          ...problems(
            'unauthenticated',
            'forbidden',
            'malformed-body',
            'not-found',
            'idempotency-key-reused',
            'unsupported-media-type',
          ),
        },
      },
    },
    async (request, reply) => {
      const { jurisdictionId: asked, ...fields } = request.body
      const jurisdictionId = writeJurisdiction(request.principal, asked)
      const instant = now()
      checkApplication(fields, knowledge())
      const answer = await database.inJurisdiction(jurisdictionId, (tx) =>
        once(tx, request, jurisdictionId, instant, async (): Promise<Answer> => {
          await loadJurisdiction(tx, jurisdictionId)
          const id = uuidv7(instant.getTime())
          const at = instant.toISOString()
          const [row] = await tx
            .insert(licenceApplications)
            .values({
              jurisdictionId,
              id,
              regimeId: fields.regime,
              status: fields.status,
              doc: fields,
              createdAt: at,
              updatedAt: at,
            })
            .returning()
          await noteOwn(tx, jurisdictionId, [`regime:${fields.regime}`])
          await record(tx, jurisdictionId, actorOf(request), instant, {
            action: 'licence-application.create',
            target: id,
            detail: fields,
          })
          return {
            status: 201,
            location: `/v1/license-applications/${id}`,
            etag: etagOf(1),
            body: toApplication(row!),
          }
        }),
      )
      poke('rescreen')
      return send(reply, answer) as never
    },
  )

  app.get(
    '/v1/license-applications/:id',
    {
      config: { roles: READERS },
      schema: {
        operationId: 'getLicenseApplication',
        tags: ['firmware'],
        summary: 'One application',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        querystring: z.strictObject({}),
        response: { 200: ApplicationShape, ...problems('unauthenticated', 'not-found') },
      },
    },
    async (request, reply) => {
      const [row] = await database.acrossJurisdictions(readScope(request.principal), (tx) =>
        tx.select().from(licenceApplications).where(eq(licenceApplications.id, request.params.id)),
      )
      if (!row) throw notFound('application')
      reply.header('etag', etagOf(row.version))
      return toApplication(row) as never
    },
  )

  app.patch(
    '/v1/license-applications/:id',
    {
      config: { roles: EDITORS },
      schema: {
        operationId: 'changeLicenseApplication',
        tags: ['firmware'],
        summary: 'Change an application: file it, note the decision, withdraw it',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        body: ApplicationChange,
        response: {
          200: ApplicationShape,
          ...problems(
            'unauthenticated',
            'forbidden',
            'malformed-body',
            'not-found',
            'precondition-failed',
            'unsupported-media-type',
          ),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const instant = now()
      const wish = Object.fromEntries(Object.entries(request.body).filter(([, value]) => value !== undefined))
      if (Object.keys(wish).length === 0)
        throw new DomainError('invalid-request', 'Name at least one field to change.')
      const keeper = await keeperOf(services, request.principal, licenceApplications, id, 'application')
      const jurisdictionId = keeper!
      const row = await database.inJurisdiction(jurisdictionId, async (tx) => {
        const mine = and(
          eq(licenceApplications.jurisdictionId, jurisdictionId),
          eq(licenceApplications.id, id),
        )
        const [current] = await tx.select().from(licenceApplications).where(mine).for('update')
        if (!current) throw notFound('application')
        assertMatch(request.headers['if-match'], current.version)
        const before = current.doc as Omit<LicenceApplication, 'id'>
        const doc = { ...before, ...wish } as Omit<LicenceApplication, 'id'>
        checkApplication(doc, knowledge())
        const [changed] = await tx
          .update(licenceApplications)
          .set({
            status: doc.status,
            doc,
            version: current.version + 1,
            updatedAt: instant.toISOString(),
          })
          .where(mine)
          .returning()
        await noteOwn(tx, jurisdictionId, [`regime:${doc.regime}`])
        await record(tx, jurisdictionId, actorOf(request), instant, {
          action: 'licence-application.change',
          target: id,
          detail: { before, after: wish },
        })
        return changed!
      })
      poke('rescreen')
      reply.header('etag', etagOf(row.version))
      return toApplication(row) as never
    },
  )
}
