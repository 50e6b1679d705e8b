/** Devices over HTTP. */
import { sql } from 'drizzle-orm'
import { z } from 'zod'
import { OF_JURISDICTION } from '../determination/city-facts.ts'
import {
  DEVICE_CLASSES,
  EXPOSURES,
  FUNDING_SOURCES,
  PURPOSES,
  STATUSES,
  UPDATE_CHANNELS,
} from '../device/choices.ts'
import { deviceDocument } from '../device/columns.ts'
import { DeviceChange, type DeviceRecord, DeviceWrite } from '../device/schemas.ts'
import { Level, Urgency } from '../firmware-risk/schemas.ts'
import { alreadyHas, etagOf } from '../http/etag.ts'
import { linkNext, negotiate, PRODUCES, sendLines, sendPage, sendRows, sendText } from '../http/exports.ts'
import { fieldsQuery } from '../http/fields.ts'
import { filling, pageBytes, rowsThatFit } from '../http/full-page.ts'
import { type Answer, once, send } from '../http/idempotency.ts'
import {
  decodeCursor,
  encodeCursor,
  everyPage,
  INTEGER_PART,
  PageQuery,
  parseSort,
  UUID_PART,
} from '../http/pages.ts'
import { DomainError, notFound, problems } from '../http/problems.ts'
import { Day, Id, repeatable, someText, toInstant, UNKNOWN } from '../http/schemas.ts'
import { stringifier } from '../http/serialize.ts'
import type { App } from '../http/services.ts'
import { pacer } from '../lib/pacing.ts'
import { State } from '../lib/states.ts'
import { jurisdictionOfDevice } from '../screening/device-reads.ts'
import { removeDevice } from '../screening/device-writes.ts'
import { assertKnown } from '../screening/known-ids.ts'
import { Activity, Device, DevicePage, Outcome } from '../screening/schemas.ts'
import type { Services } from '../screening/services.ts'
import {
  DEVICE_FIELDS,
  DeterminationsQuery,
  type DeviceShape,
  LISTED_DEVICE,
  shapeOf,
} from '../screening/shape.ts'
import { actorOf } from '../tenancy/audit.ts'
import { EDITORS, type Principal, READERS, readScope, writeJurisdiction } from '../tenancy/auth.ts'
import { cityDays, NO_CITIES } from '../tenancy/city-days.ts'
import { CSV_SHAPE, csvColumns, type ListedDevice } from './device-csv.ts'
import { registerDevice, reviseDevice, type ToldDevice, tellDevice, tellDeviceAsOf } from './devices.ts'
import { screenedText, type Text } from './present.ts'
import { About, AsOfQuery, assertBegun, dayAsked, parseAsOf } from './queries/as-of.ts'
import { DEVICE_SORTS, devicesAsOf, deviceTextPage, NOBODY } from './queries/filter.ts'
import { DeviceHistory, HistoryEntry } from './schemas.ts'

const orUnknown = <const T extends readonly string[]>(values: T) =>
  repeatable(z.enum([...values, UNKNOWN] as unknown as [T[number] | typeof UNKNOWN, ...T[number][]]))

/** Filters that every question about devices shares. Repeating one means "any of these". */
export const DeviceFilterQuery = {
  jurisdictionId: repeatable(Id),
  state: repeatable(State),
  siteId: repeatable(z.union([Id, z.literal(UNKNOWN)])),
  assetTag: repeatable(someText(100)),
  serialNumber: repeatable(someText(100)),
  macAddress: repeatable(someText(40)),
  manufacturer: repeatable(someText(200)).meta({ description: 'as declared, letter case ignored' }),
  model: repeatable(someText(200)).meta({ description: 'as declared, letter case ignored' }),
  firmwareVersion: repeatable(someText(200)),
  department: repeatable(someText(200)),
  deviceClass: orUnknown(DEVICE_CLASSES),
  status: repeatable(z.enum(STATUSES)),
  purpose: orUnknown(PURPOSES),
  fundingSource: orUnknown(FUNDING_SOURCES),
  updateChannel: orUnknown(UPDATE_CHANNELS),
  networkExposure: orUnknown(EXPOSURES),
  hasRadio: z.enum(['true', 'false', UNKNOWN]).optional(),
  maker: repeatable(someText(100)).meta({ description: 'who produced it, by catalogue id' }),
  brand: repeatable(someText(100)).meta({ description: 'whose label it carries, by catalogue id' }),
  identificationStatus: repeatable(z.enum(['resolved', 'ambiguous', 'unresolved'])),
  needsReview: z.stringbool().optional(),
  waitsFor: repeatable(z.enum(['person', 'city', NOBODY])).meta({
    description:
      'whom open findings wait for: a `person` who looks at the device, the `city` alone, which says a fact once for all, or `nobody`',
  }),
  cityQuestion: repeatable(z.enum(OF_JURISDICTION)).meta({
    description: 'a fact that the jurisdiction has not said and some open finding hangs on',
  }),
  regime: repeatable(someText(100)),
  activity: repeatable(Activity),
  outcome: repeatable(Outcome).meta({
    description: 'of the regime and activity asked for; without a regime, of the headline',
  }),
  hasFindings: z.stringbool().optional(),
  firmwareLevel: repeatable(Level),
  firmwareUrgency: repeatable(Urgency),
  acquiredFrom: Day.optional(),
  acquiredTo: Day.optional().meta({ description: 'first day outside' }),
  installedFrom: Day.optional(),
  installedTo: Day.optional(),
  updatedSince: About.optional().meta({ description: 'changed at or after this instant' }),
  importId: Id.optional(),
  q: someText(100).optional().meta({
    description: 'part of name, assetTag, manufacturer, model or serialNumber',
  }),
}

const writeEntry = stringifier(HistoryEntry)

const LIST_DESCRIPTION = `
By itself a list shows what a table has columns for: ${DEVICE_FIELDS.listed.join(', ')}. Of these, \`identification\` has \`status\`, \`brand\`, \`maker\` and \`confidence\`, \`firmwareRisk\` has \`level\` and \`urgency\`; \`findings\` names, per activity and outcome, the rules whose answer is neither permitted nor out of scope.

\`include=\` adds fields, and shows \`identification\` and \`firmwareRisk\` in full; \`include=determinations\` gives every determination with its reason, facts and citation; \`include=all\` gives each device as \`GET /v1/devices/{id}\` does. \`fields=\` shows only what it names (and \`id\`). A page ends before \`limit\`, with \`nextCursor\`, when it is full: at a kilobyte for each of \`limit\` (100 kB at least), at 4 MB with \`include\`, \`fields\` or \`determinations\`. NDJSON has the same items as JSON. CSV has every stored field and one line a device, without evidence and reasons; \`fields=\` chooses its columns and their order.
`.trim()

export function deviceRoutes(app: App, services: Services): void {
  const { database, knowledge, now } = services

  app.get(
    '/v1/devices',
    {
      config: { roles: READERS, reads: 'devices.read' },
      schema: {
        operationId: 'listDevices',
        produces: [...PRODUCES],
        tags: ['register'],
        summary: 'Devices, as JSON pages, or all of them as CSV or NDJSON by `Accept`',
        description: LIST_DESCRIPTION,
        security: [{ apiKey: [] }],
        querystring: z.strictObject({
          ...PageQuery,
          ...DeviceFilterQuery,
          ...AsOfQuery,
          sort: z
            .string()
            .max(200)
            .optional()
            .meta({
              description: `fields separated by commas, \`-\` for descending: ${Object.keys(DEVICE_SORTS).join(', ')}`,
            }),
          ...fieldsQuery(DEVICE_FIELDS),
          determinations: DeterminationsQuery,
        }),
        response: { 200: DevicePage, ...problems('unauthenticated', 'not-acceptable') },
      },
    },
    async (request, reply) => {
      const format = negotiate(request)
      const { fields, include, determinations, ...asked } = request.query
      const { limit, cursor, sort: sortText, asOf: asOfText, ...filter } = asked
      const wish = { fields, include, determinations }
      const shape = shapeOf(DEVICE_FIELDS, wish)
      const scope = readScope(request.principal, filter.jurisdictionId)
      const instant = now()
      const known = knowledge()
      assertKnown(filter, known)
      const sort = parseSort(sortText, DEVICE_SORTS)
      const question = { filter, sortText, asOfText }
      const cities = asOfText !== undefined || format === 'csv' ? await cityDays(database, scope) : NO_CITIES
      const asOf = parseAsOf(asOfText, instant, cities)
      if (asOf) assertBegun(asOf, cities)
      // A table is read with every stored field, its city among them.
      const dayOf = (device: ListedDevice) => dayAsked(asOf, instant, cities, device.jurisdictionId!)
      const columns = format === 'csv' ? csvColumns(shape, wish, dayOf, known) : []
      reply.header('camledger-knowledge', `${known.version}`)

      if (asOf) {
        if (sort.length > 0) {
          throw new DomainError('invalid-request', 'A past state comes in the order of its ids.', {
            errors: [{ pointer: '?sort', code: 'not-allowed', message: 'does not go with asOf' }],
          })
        }
        const start =
          cursor === undefined
            ? null
            : (decodeCursor(cursor, question, [UUID_PART, UUID_PART]) as [string, string])
        const batches = devicesAsOf(
          (work) => database.acrossJurisdictions(scope, work),
          scope,
          filter,
          asOf,
          known,
          start,
          // Without a filter a page needs no more than it shows; an export and a search read on.
          format === 'json' ? Math.min(1000, Math.max(limit + 1, 100)) : 1000,
        )
        if (format !== 'json') {
          return format === 'csv'
            ? sendRows(reply, 'csv', 'devices', columns, parsed(textsAsOf(batches, CSV_SHAPE)))
            : sendLines(reply, 'devices', textsAsOf(batches, shape))
        }
        const items: Text[] = []
        const fits = filling(pageBytes(limit, shape !== LISTED_DEVICE))
        const pause = pacer()
        let nextCursor: string | null = null
        let last: DeviceRecord | undefined
        paging: for await (const batch of batches) {
          for (const { device, doc, screening } of batch) {
            await pause()
            const item = items.length === limit ? null : screenedText(doc, screening, shape, device)
            if (item === null || !fits(item)) {
              nextCursor = encodeCursor([last!.jurisdictionId, last!.id], question)
              break paging
            }
            items.push(item)
            last = device
          }
        }
        linkNext(request, reply, nextCursor)
        return sendPage(reply, items, nextCursor)
      }

      const page = (limit: number, from: string | undefined) => {
        const shown = format === 'csv' ? CSV_SHAPE : shape
        return deviceTextPage(
          database,
          scope,
          {
            filter,
            sort,
            limit,
            cursor: from,
            shape: shown,
            question,
            // A batch of an export is read on from where it ended just the same.
            mostBytes: pageBytes(limit, format !== 'json' || shape !== LISTED_DEVICE),
          },
          known,
          instant,
        )
      }
      if (format !== 'json') {
        if (format === 'ndjson') {
          return sendLines(reply, 'devices', everyPage(page))
        }
        return sendRows(reply, 'csv', 'devices', columns, parsed(everyPage(page)))
      }
      const { items, nextCursor } = await page(limit, cursor)
      linkNext(request, reply, nextCursor)
      return sendPage(reply, items, nextCursor)
    },
  )

  app.post(
    '/v1/devices',
    {
      config: { roles: EDITORS },
      schema: {
        operationId: 'createDevice',
        tags: ['register'],
        summary: 'Register a device; a restricted or unknown maker is an answer, not an error',
        security: [{ apiKey: [] }],
        body: DeviceWrite,
        response: {
          201: Device,
          ...problems(
            'unauthenticated',
            'forbidden',
            'malformed-body',
            'not-found',
            'asset-tag-taken',
            'idempotency-key-reused',
            'unsupported-media-type',
          ),
        },
      },
    },
    async (request, reply) => {
      const instant = now()
      const known = knowledge()
      const { jurisdictionId: asked, ...wish } = request.body
      const jurisdictionId = writeJurisdiction(request.principal, asked)
      const answer = await database.inJurisdiction(jurisdictionId, (tx) =>
        once(tx, request, jurisdictionId, instant, async (): Promise<Answer> => {
          const work = { tx, jurisdictionId, knowledge: known, actor: actorOf(request), now: instant }
          const told = await registerDevice(work, wish)
          return {
            status: 201,
            location: `/v1/devices/${told.id}`,
            etag: etagOf(told.version, told.stamp),
            body: JSON.parse(told.text) as unknown,
          }
        }),
      )
      return send(reply, answer)
    },
  )

  app.get(
    '/v1/devices/:id',
    {
      config: { roles: READERS, reads: 'device.read', readsOf: 'devices' },
      schema: {
        operationId: 'getDevice',
        tags: ['register'],
        summary: 'One device with its evidence and every determination',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        querystring: z.strictObject(AsOfQuery),
        response: {
          200: Device,
          304: z.null().meta({ description: 'not changed since the ETag in If-None-Match' }),
          ...problems('unauthenticated', 'not-found'),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const instant = now()
      const known = knowledge()
      const scope = readScope(request.principal)
      const { asOf: asOfText } = request.query
      const cities = asOfText === undefined ? NO_CITIES : await cityDays(database, scope)
      const asOf = parseAsOf(asOfText, instant, cities)
      if (asOf) {
        const text = await database.acrossJurisdictions(scope, (tx) => tellDeviceAsOf(tx, id, asOf, known))
        return sendText(reply, text)
      }
      const told = await database.acrossJurisdictions(scope, (tx) => tellDevice(tx, id, known, instant))
      const etag = etagOf(told.version, told.stamp)
      reply.header('etag', etag)
      if (alreadyHas(request.headers['if-none-match'], etag)) return reply.code(304).send(null)
      return sendText(reply, told.text)
    },
  )

  app.patch(
    '/v1/devices/:id',
    {
      config: { roles: EDITORS },
      schema: {
        operationId: 'changeDevice',
        tags: ['register'],
        summary: 'Change a device; what it was stays in its history',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        body: DeviceChange,
        response: {
          200: Device,
          ...problems(
            'unauthenticated',
            'forbidden',
            'malformed-body',
            'not-found',
            'precondition-failed',
            'asset-tag-taken',
            'unsupported-media-type',
          ),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const jurisdictionId = await owner(request.principal, id)
      const told: ToldDevice = await database.inJurisdiction(jurisdictionId, (tx) =>
        reviseDevice(
          { tx, jurisdictionId, knowledge: knowledge(), actor: actorOf(request), now: now() },
          id,
          request.body,
          request.headers['if-match'],
        ),
      )
      reply.header('etag', etagOf(told.version, told.stamp))
      return sendText(reply, told.text)
    },
  )

  app.delete(
    '/v1/devices/:id',
    {
      config: { roles: EDITORS },
      schema: {
        operationId: 'removeDevice',
        tags: ['register'],
        summary: 'Take a device off the register; its history stays',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        response: {
          204: z.null().meta({ description: 'removed' }),
          ...problems('unauthenticated', 'forbidden', 'not-found', 'precondition-failed'),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const jurisdictionId = await owner(request.principal, id)
      await database.inJurisdiction(jurisdictionId, (tx) =>
        removeDevice(
          { tx, jurisdictionId, knowledge: knowledge(), actor: actorOf(request), now: now() },
          id,
          request.headers['if-match'],
        ),
      )
      return reply.code(204).send(null)
    },
  )

  app.get(
    '/v1/devices/:id/history',
    {
      config: { roles: READERS, reads: 'device.history.read', readsOf: 'devices' },
      schema: {
        operationId: 'listDeviceHistory',
        tags: ['register'],
        summary: 'Every version of a device, newest first; also of one that was removed',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        querystring: z.strictObject(PageQuery),
        response: { 200: DeviceHistory, ...problems('unauthenticated', 'not-found') },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const { limit, cursor } = request.query
      const before = cursor === undefined ? null : Number(decodeCursor(cursor, id, [INTEGER_PART])[0])
      const rows = await database.acrossJurisdictions(readScope(request.principal), async (tx) => {
        const found = await tx.execute<{
          version: number
          doc: string
          changedFields: string[] | null
          validFrom: string
          validTo: string | null
          endedBy: string | null
          importId: string | null
        }>(sql`
          select * from (
            select d.version, ${deviceDocument} as doc, null::text[] as "changedFields",
              d.updated_at as "validFrom", null::timestamptz as "validTo", null as "endedBy", d.import_id as "importId"
            from devices d where d.id = ${id}::uuid
            union all
            select h.version, h.snapshot::text, h.changed_fields, h.valid_from, h.valid_to, h.ended_by, h.import_id
            from device_history h where h.device_id = ${id}::uuid
          ) v
          where ${before === null ? sql`true` : sql`v.version < ${before}`}
          order by v.version desc limit ${limit + 1}`)
        return found.rows
      })
      if (rows.length === 0 && before === null) throw notFound('device')
      const entries = rows.slice(0, limit).map(({ doc, validFrom, validTo, ...row }) =>
        writeEntry({
          ...row,
          validFrom: toInstant(validFrom),
          validTo: validTo === null ? null : toInstant(validTo),
          device: JSON.parse(doc) as DeviceRecord,
        } satisfies z.infer<typeof HistoryEntry>),
      )
      const items = rowsThatFit(entries, pageBytes(limit))
      const nextCursor =
        rows.length > items.length ? encodeCursor([rows[items.length - 1]!.version], id) : null
      linkNext(request, reply, nextCursor)
      return sendPage(reply, items, nextCursor)
    },
  )

  /** The jurisdiction a device is changed in: the key's own, or where the operator finds it. */
  async function owner(principal: Principal, id: string): Promise<string> {
    return (
      principal.jurisdictionId ??
      (await database.acrossJurisdictions(readScope(principal), (tx) => jurisdictionOfDevice(tx, id)))
    )
  }
}

async function* parsed(batches: AsyncIterable<readonly Text[]>): AsyncGenerator<ListedDevice[]> {
  for await (const batch of batches) yield batch.map((text) => JSON.parse(text.toString()) as ListedDevice)
}

async function* textsAsOf(
  batches: ReturnType<typeof devicesAsOf>,
  shape: DeviceShape,
): AsyncGenerator<Text[]> {
  for await (const batch of batches) {
    yield batch.map(({ device, doc, screening }) => screenedText(doc, screening, shape, device))
  }
}
