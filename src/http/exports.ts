/**
 * The same collection as JSON pages, or as CSV or NDJSON with every matching row, streamed in constant memory.
 */
import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import Negotiator from 'negotiator'
import { eachInLane } from '../db/lanes.ts'
import { csvLine } from '../lib/csv.ts'
import { DomainError } from './problems.ts'
import { WORKBOOK_TYPE } from './workbook/write.ts'

export type Format = 'json' | 'csv' | 'ndjson'

/** The media types of a collection, for the OpenAPI document. */
export const PRODUCES = ['application/json', 'text/csv', 'application/x-ndjson'] as const

const FORMATS: Readonly<Record<string, Format | 'xlsx'>> = {
  [WORKBOOK_TYPE]: 'xlsx',
  'application/json': 'json',
  'text/csv': 'csv',
  'application/x-ndjson': 'ndjson',
}
/** Without the `x-`, as many clients write it. */
const NDJSON = 'application/ndjson'

/** The format that the caller likes best of those that the route declares (RFC 9110, 12.5.1). Throws `not-acceptable`. */
export function negotiate(request: FastifyRequest): Format {
  // What a route does not offer is not chosen.
  return negotiateFile(request) as Format
}

/** The same for a route that may offer a workbook. */
export function negotiateFile(request: FastifyRequest): Format | 'xlsx' {
  const offered = request.routeOptions.schema?.produces ?? []
  const known = offered.includes('application/x-ndjson') ? [...offered, NDJSON] : [...offered]
  const accept = request.headers.accept?.trim() || '*/*'
  const type = new Negotiator({ headers: { accept } }).mediaType(known)
  if (type === undefined && known.length > 0) {
    throw new DomainError('not-acceptable', `Ask for ${offered.join(', ')}.`)
  }
  return type === NDJSON ? 'ndjson' : (FORMATS[type ?? ''] ?? 'json')
}

/** One column of a CSV: its header and how it is read from an item. */
export interface Column<T> {
  readonly header: string
  readonly value: (item: T) => string | number | boolean | null | undefined
}

/**
 * Stream batches as CSV or NDJSON. The reply starts before the last row is read, so a failure on the way
 * breaks the connection instead of ending the file as if it were whole.
 */
export function sendRows<T>(
  reply: FastifyReply,
  format: 'csv' | 'ndjson',
  name: string,
  columns: readonly Column<T>[],
  batches: AsyncIterable<readonly T[]>,
  line: (item: T) => string = (item) => JSON.stringify(item),
): FastifyReply {
  async function* text(): AsyncGenerator<string> {
    if (format === 'csv') yield csvLine(columns.map((column) => column.header))
    for await (const items of inPieces(eachInLane('batches', batches))) {
      yield items
        .map((item) =>
          format === 'csv' ? csvLine(columns.map((column) => cell(column.value(item)))) : `${line(item)}\n`,
        )
        .join('')
    }
  }
  return reply
    .type(format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson')
    .header('content-disposition', `attachment; filename="${name}.${format === 'csv' ? 'csv' : 'ndjson'}"`)
    .send(Readable.from(text(), { objectMode: false }))
}

/**
 * Rows that are put into text at once. What is made of a row is then gone before it has grown old: fifty exports of
 * whole batches made the heap grow by 400 MB with what nobody used any more.
 */
const PIECE_ROWS = 25

async function* inPieces<T>(batches: AsyncIterable<readonly T[]>): AsyncGenerator<readonly T[]> {
  for await (const batch of batches) {
    for (let start = 0; start < batch.length; start += PIECE_ROWS)
      yield batch.slice(start, start + PIECE_ROWS)
  }
}

/** Items that are JSON text, read when their turn comes. */
export async function* parsed<T>(
  batches: AsyncIterable<readonly (string | Buffer)[]>,
): AsyncGenerator<readonly T[]> {
  for await (const texts of inPieces(batches)) yield texts.map((text) => JSON.parse(text.toString()) as T)
}

/** All rows at once, for a list that is not read page by page. */
export async function* oneBatch<T>(items: readonly T[]): AsyncGenerator<readonly T[]> {
  yield items
}

/** Stream items that are JSON text already as NDJSON; a failure on the way breaks the connection. */
export function sendLines(
  reply: FastifyReply,
  name: string,
  batches: AsyncIterable<readonly (string | Buffer)[]>,
): FastifyReply {
  async function* lines(): AsyncGenerator<string | Buffer> {
    for await (const items of inPieces(eachInLane('batches', batches))) {
      yield joined([...between(items, '\n'), '\n'])
    }
  }
  return reply
    .type('application/x-ndjson')
    .header('content-disposition', `attachment; filename="${name}.ndjson"`)
    .send(Readable.from(lines(), { objectMode: false }))
}

function pageText(items: readonly (string | Buffer)[], nextCursor: string | null): string | Buffer {
  const end = `],"nextCursor":${JSON.stringify(nextCursor)}}`
  if (items.every((item) => typeof item === 'string')) return `{"items":[${items.join(',')}${end}`
  return joined(['{"items":[', ...between(items, ','), end])
}

/** A page of items that are JSON text already; the schema's serializer is passed by. */
export function sendPage(
  reply: FastifyReply,
  items: readonly (string | Buffer)[],
  nextCursor: string | null,
): FastifyReply {
  return sendText(reply, pageText(items, nextCursor))
}

/** JSON that is text already; the schema's serializer is passed by. */
export function sendText(reply: FastifyReply, text: string | Buffer | Readable): FastifyReply {
  return sendAs(reply, 'application/json; charset=utf-8', text)
}

/** An answer that is no JSON of a schema: text, bytes or a stream of the type. */
export function sendAs(reply: FastifyReply, type: string, body: string | Buffer | Readable): FastifyReply {
  return reply.type(type).send(body)
}

function between(items: readonly (string | Buffer)[], mark: string): (string | Buffer)[] {
  return items.flatMap((item, i) => (i === 0 ? [item] : [mark, item]))
}

/** One text of many: strings stay one, bytes are joined as bytes. */
function joined(parts: readonly (string | Buffer)[]): string | Buffer {
  if (parts.every((part) => typeof part === 'string')) return parts.join('')
  return Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)))
}

function cell(value: string | number | boolean | null | undefined): string {
  return value === null || value === undefined ? '' : String(value)
}

/** `Link: <...>; rel="next"` for a page that is not the last. */
export function linkNext(request: FastifyRequest, reply: FastifyReply, nextCursor: string | null): void {
  if (nextCursor === null) return
  const [path = '', query = ''] = request.url.split('?')
  const parameters = new URLSearchParams(query)
  parameters.set('cursor', nextCursor)
  reply.header('link', `<${path}?${parameters.toString()}>; rel="next"`)
}
