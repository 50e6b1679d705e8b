/** The list of devices: as they are, in any order, or as they stood, in the order of their ids; pages and files. */
import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Database, Scope } from '../db/database.ts'
import { eachInLane } from '../db/lanes.ts'
import type { CustomField } from '../device/custom.ts'
import type { DeviceRecord } from '../device/schemas.ts'
import {
  type Column,
  type Format,
  linkNext,
  negotiateFile,
  parsed,
  sendAs,
  sendLines,
  sendPage,
  sendRows,
} from '../http/exports.ts'
import { filling, pageBytes } from '../http/full-page.ts'
import {
  decodeCursor,
  encodeCursor,
  everyPage,
  type Page,
  parseSort,
  type SortKey,
  UUID_PART,
} from '../http/pages.ts'
import { DomainError } from '../http/problems.ts'
import { WORKBOOK_TYPE } from '../http/workbook/write.ts'
import type { PlainDate } from '../lib/calendar.ts'
import { pacer } from '../lib/pacing.ts'
import type { Knowledge } from '../screening/knowledge.ts'
import { readKnownAt } from '../screening/known-at.ts'
import { assertKnown, withPlaces } from '../screening/known-ids.ts'
import type { Services } from '../screening/services.ts'
import {
  type AskedShape,
  DEVICE_FIELDS,
  type DeviceShape,
  LISTED_DEVICE,
  shapeOf,
} from '../screening/shape.ts'
import { readScope } from '../tenancy/auth.ts'
import { cityDays, NO_CITIES } from '../tenancy/city-days.ts'
import { customFieldsOf } from './custom-fields/store.ts'
import { CSV_SHAPE, csvColumns, type ListedDevice } from './device-csv.ts'
import { deviceWorkbook } from './device-workbook.ts'
import { screenedText, type Text } from './present.ts'
import { type AsOf, assertBegun, commonDay, dayAsked, parseTimes } from './queries/as-of.ts'
import { assertCustomFilter } from './queries/custom-filter.ts'
import type { DeviceFilter } from './queries/device-filter.ts'
import { DEVICE_SORTS, devicesAsOf, deviceTextPage } from './queries/filter.ts'
import { withSiteNames } from './site-names.ts'

export interface DevicesQuery extends DeviceFilter, AskedShape {
  readonly limit: number
  readonly cursor?: string | undefined
  readonly sort?: string | undefined
  readonly asOf?: string | undefined
  readonly knownAt?: string | undefined
}

/** What was asked, as it was understood. */
interface Asked {
  readonly format: Format | 'xlsx'
  readonly limit: number
  readonly cursor: string | undefined
  readonly scope: Scope
  readonly filter: DeviceFilter
  readonly sort: readonly SortKey[]
  readonly asOf: AsOf | null
  readonly shape: DeviceShape
  readonly question: unknown
  readonly known: Knowledge
  readonly instant: Date
  readonly columns: readonly Column<ListedDevice>[]
  /** The cities' own fields, for files. */
  readonly custom: readonly CustomField[]
  /** The day whose law the answers follow, in the first city in scope. */
  readonly lawAsOf: PlainDate
}

export async function sendDevices(
  services: Services,
  request: FastifyRequest,
  query: DevicesQuery,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const asked = await understood(services, request, query)
  reply.header('camledger-knowledge', `${asked.known.version}`)
  return asked.asOf ? sendPast(services, asked, asked.asOf, reply) : sendPresent(services, asked, reply)
}

async function understood(
  { database, knowledgeAt, now }: Services,
  request: FastifyRequest,
  query: DevicesQuery,
): Promise<Asked> {
  const format = negotiateFile(request)
  const { fields, include, determinations, limit, cursor, sort: sortText, asOf, knownAt, ...filter } = query
  const wish = { fields, include, determinations }
  const shape = shapeOf(DEVICE_FIELDS, wish)
  const scope = readScope(request.principal, filter.jurisdictionId)
  const instant = now()
  const known = await withPlaces(
    (work) => database.acrossJurisdictions(scope, work),
    await knowledgeAt(knownAt === undefined ? undefined : readKnownAt(knownAt, instant)),
    isTable(format) ? undefined : filter.regime,
  )
  assertKnown(filter, known)
  await assertCustomFilter((read) => database.acrossJurisdictions(scope, read), scope, filter)
  const sort = parseSort(sortText, DEVICE_SORTS)
  const isPast = asOf !== undefined || knownAt !== undefined
  const cities = isPast || isTable(format) ? await cityDays(database, scope) : NO_CITIES
  const times = parseTimes({ asOf, knownAt }, instant, cities)
  if (times) assertBegun(times, cities)
  // A table is read with every stored field, its city among them.
  const dayOf = (device: ListedDevice) => dayAsked(times, instant, cities, device.jurisdictionId!)
  const custom = isTable(format)
    ? await database.acrossJurisdictions(scope, (tx) => customFieldsOf(tx, scope, { alsoRemoved: isPast }))
    : []
  const columns = format === 'csv' ? csvColumns(shape, wish, dayOf, known, custom) : []
  const question = { filter, sortText, asOf, knownAt }
  const lawAsOf = commonDay(times, instant, cities)
  if (format === 'xlsx') refuseFields(wish)
  return {
    format,
    limit,
    cursor,
    scope,
    filter,
    sort,
    asOf: times,
    shape,
    question,
    known,
    instant,
    columns,
    custom,
    lawAsOf,
  }
}

async function sendPresent({ database }: Services, asked: Asked, reply: FastifyReply): Promise<FastifyReply> {
  const { format, scope, filter, sort, shape, question, known, instant } = asked
  const page = (limit: number, cursor: string | undefined) =>
    deviceTextPage(
      database,
      scope,
      {
        filter,
        sort,
        limit,
        cursor,
        shape: isTable(format) ? CSV_SHAPE : shape,
        question,
        // A batch of an export is read on from where it ended just the same.
        mostBytes: pageBytes(limit, format !== 'json' || shape !== LISTED_DEVICE),
      },
      known,
      instant,
    )
  if (format !== 'json') return sendFile(database, asked, everyPage(page), reply)
  return sendOne(await page(asked.limit, asked.cursor), reply)
}

async function sendPast(
  { database }: Services,
  asked: Asked,
  asOf: AsOf,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { format, limit, cursor, scope, filter, sort, shape, question, known } = asked
  if (sort.length > 0) {
    throw new DomainError('invalid-request', 'A past state comes in the order of its ids.', {
      errors: [{ pointer: '?sort', code: 'not-allowed', message: 'does not go with asOf' }],
    })
  }
  const start =
    cursor === undefined ? null : (decodeCursor(cursor, question, [UUID_PART, UUID_PART]) as [string, string])
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
  if (format === 'json') return sendOne(await pastPage(batches, asked), reply)
  return sendFile(database, asked, textsAsOf(batches, isTable(format) ? CSV_SHAPE : shape), reply)
}

/** As many devices as a page holds; it ends earlier when these are heavy. */
async function pastPage(
  batches: ReturnType<typeof devicesAsOf>,
  { limit, shape, question }: Asked,
): Promise<Page<Text>> {
  const items: Text[] = []
  const fits = filling(pageBytes(limit, shape !== LISTED_DEVICE))
  const pause = pacer()
  let last: DeviceRecord | undefined
  for await (const batch of batches) {
    for (const { device, doc, screening } of batch) {
      await pause()
      const item = items.length === limit ? null : screenedText(doc, screening, shape, device)
      if (item === null || !fits(item)) {
        return { items, nextCursor: encodeCursor([last!.jurisdictionId, last!.id], question) }
      }
      items.push(item)
      last = device
    }
  }
  return { items, nextCursor: null }
}

function sendOne({ items, nextCursor }: Page<Text>, reply: FastifyReply): FastifyReply {
  linkNext(reply.request, reply, nextCursor)
  return sendPage(reply, items, nextCursor)
}

const isTable = (format: Asked['format']) => format === 'csv' || format === 'xlsx'

function sendFile(
  database: Database,
  asked: Asked,
  batches: AsyncIterable<readonly Text[]>,
  reply: FastifyReply,
): FastifyReply {
  const { format, scope, columns, custom, known, instant, lawAsOf } = asked
  if (!isTable(format)) return sendLines(reply, 'devices', batches)
  const devices = withSiteNames(database, scope, parsed<ListedDevice>(eachInLane('batches', batches)))
  if (format === 'csv') return sendRows(reply, 'csv', 'devices', columns, devices)
  const [, question = ''] = reply.request.url.split('?')
  const bytes = deviceWorkbook(devices, {
    knowledge: known,
    custom,
    instant,
    lawAsOf,
    question: decoded(question),
  })
  reply.header('content-disposition', 'attachment; filename="devices.xlsx"')
  return sendAs(reply, WORKBOOK_TYPE, Readable.from(bytes, { objectMode: false }))
}

/** A workbook has its own columns; what asks for others is not left out unsaid. */
function refuseFields(asked: AskedShape): void {
  for (const name of ['fields', 'include', 'determinations'] as const) {
    if (asked[name] === undefined) continue
    throw new DomainError('invalid-request', 'A workbook has its own columns; ask for CSV to choose them.', {
      errors: [{ pointer: `?${name}`, code: 'not-allowed', message: 'does not go with a workbook' }],
    })
  }
}

/** As a person reads it. */
function decoded(question: string): string {
  return [...new URLSearchParams(question)].map(([name, value]) => `${name}=${value}`).join(', ')
}

async function* textsAsOf(
  batches: ReturnType<typeof devicesAsOf>,
  shape: DeviceShape,
): AsyncGenerator<Text[]> {
  for await (const batch of batches) {
    yield batch.map(({ device, doc, screening }) => screenedText(doc, screening, shape, device))
  }
}
