/**
 * An endpoint that lists, as one declaration: JSON pages by `limit` and `cursor` with a `Link` to the next, and, where
 * it names `rows`, all of them as CSV or NDJSON by `Accept`.
 */
import type {
  FastifyContextConfig,
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  FastifySchema,
} from 'fastify'
import { z } from 'zod'
import { inLane } from '../db/lanes.ts'
import {
  type Column,
  type Format,
  linkNext,
  negotiate,
  oneBatch,
  PRODUCES,
  parsed,
  sendLines,
  sendPage,
  sendRows,
} from './exports.ts'
import { everyPage, type Page, type PageAsked, PageQuery } from './pages.ts'
import { type ProblemCode, problems } from './problems.ts'
import type { App, Sendable } from './services.ts'

type Shape = z.ZodRawShape
type Output<S extends Shape> = z.output<z.ZodObject<S>>

/** What was asked of a list, but for the page. */
export interface Asked<Query, Params> {
  /** The parameters of the query beside `limit` and `cursor`. */
  readonly question: Query
  readonly params: Params
  readonly format: Format
  readonly request: FastifyRequest
  readonly reply: FastifyReply
}

interface Declaration<Query extends Shape, Params extends Shape, Response extends z.ZodType, Item> {
  readonly url: string
  readonly operationId: string
  readonly tag: string
  readonly summary: string
  readonly description?: string
  /** Who may call it, and what the record of reads calls that. */
  readonly config: FastifyContextConfig
  readonly query?: Query
  readonly params?: Params
  /** The page, or the whole list. */
  readonly response: Response
  /** Beside those of every list. */
  readonly problems?: readonly ProblemCode[]
  /** Present when the list can be had as CSV and NDJSON: the name of the file, and the columns of the CSV. */
  readonly rows?: {
    readonly file: string
    readonly columns:
      | readonly Column<Item>[]
      | ((asked: Asked<Output<Query>, Output<Params>>) => Promise<readonly Column<Item>[]>)
  }
}

/** Reads one page; called again and again for an answer that gives every row. */
export type PageReader<Answer> = (page: PageAsked) => Promise<Answer>
type MaybeSoon<T> = T | Promise<T>

/** A list in pages. What the page reader gives is written by the schema of the response. */
export interface ListRoute<
  Response extends z.ZodType,
  Answer extends Page<unknown>,
  Query extends Shape,
  Params extends Shape,
> extends Declaration<Query, Params, Response, Answer['items'][number]> {
  readonly page: (asked: Asked<Output<Query>, Output<Params>>) => MaybeSoon<PageReader<Answer>>
}

export function listRoute<
  Response extends z.ZodType,
  Answer extends Sendable<z.output<Response>> & Page<unknown>,
  Query extends Shape = Record<never, never>,
  Params extends Shape = Record<never, never>,
>(app: App, route: ListRoute<Response, Answer, Query, Params>): void {
  declare(app, route, PageQuery, async (asked, page) => {
    const { request, reply, format } = asked
    const read = await route.page(asked)
    const from = (limit: number, cursor: string | undefined) => read({ ...page, limit, cursor })
    if (format === 'json') {
      const answer = await read(page)
      linkNext(request, reply, answer.nextCursor)
      return answer
    }
    const { file, columns } = await exported(route, asked)
    return sendRows(reply, format, file, columns, await begun(everyPage<Answer['items'][number]>(from)))
  })
}

type Text = string | Buffer

/** A list in pages whose items are JSON text already. Columns of the CSV are read from the parsed items. */
export function textListRoute<
  Response extends z.ZodType<{ items: unknown[] }>,
  Query extends Shape = Record<never, never>,
  Params extends Shape = Record<never, never>,
  Item = z.output<Response>['items'][number],
>(
  app: App,
  route: Declaration<Query, Params, Response, Item> & {
    readonly page: (asked: Asked<Output<Query>, Output<Params>>) => MaybeSoon<PageReader<Page<Text>>>
  },
): void {
  declare(app, route, PageQuery, async (asked, page) => {
    const { request, reply, format } = asked
    const read = await route.page(asked)
    if (format === 'json') {
      const { items, nextCursor } = await read(page)
      linkNext(request, reply, nextCursor)
      return sendPage(reply, items, nextCursor)
    }
    const { file, columns } = await exported(route, asked)
    const batches = await begun(everyPage((limit, cursor) => read({ ...page, limit, cursor })))
    return format === 'ndjson'
      ? sendLines(reply, file, batches)
      : sendRows(reply, format, file, columns, parsed<Item>(batches))
  })
}

/** A list that is given whole: one answer, or a file. */
export function wholeListRoute<
  Response extends z.ZodType,
  Answer extends Sendable<z.output<Response>> & { readonly items: readonly unknown[] },
  Query extends Shape = Record<never, never>,
  Params extends Shape = Record<never, never>,
>(
  app: App,
  route: Declaration<Query, Params, Response, Answer['items'][number]> & {
    readonly read: (asked: Asked<Output<Query>, Output<Params>>) => Promise<Answer>
  },
): void {
  declare(app, route, {}, async (asked) => {
    const answer = await route.read(asked)
    if (asked.format === 'json') return answer
    const { file, columns } = await exported(route, asked)
    return sendRows(asked.reply, asked.format, file, columns, oneBatch<Answer['items'][number]>(answer.items))
  })
}

/** The types of the declaration have been checked where it was made; from here on they are what the schemas parse. */
function declare<Query extends Shape, Params extends Shape, Response extends z.ZodType, Item>(
  app: App,
  route: Declaration<Query, Params, Response, Item>,
  pageQuery: Shape,
  answer: (asked: Asked<Output<Query>, Output<Params>>, page: PageAsked) => Promise<unknown>,
): void {
  const { url, operationId, tag, summary, description, config, rows } = route
  const failures = problems(
    'unauthenticated',
    ...(rows ? (['not-acceptable'] as const) : []),
    ...(route.problems ?? []),
  )
  const schema: FastifySchema = {
    operationId,
    ...(rows ? { produces: [...PRODUCES] } : {}),
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    security: [{ apiKey: [] }],
    ...(route.params ? { params: z.object(route.params) } : {}),
    querystring: z.strictObject({ ...pageQuery, ...route.query }),
    response: { 200: route.response, ...failures },
  }
  ;(app as unknown as FastifyInstance).get(url, { config, schema }, (request, reply) => {
    const format = rows ? negotiate(request) : 'json'
    const { limit, cursor, ...rest } = request.query as PageAsked & Output<Query>
    const question = rest as unknown as Output<Query>
    const params = request.params as Output<Params>
    const asked = { question, params, format, request, reply }
    return answer(asked, { limit, cursor, question: route.params ? { ...params, ...question } : question })
  })
}

async function exported<Query extends Shape, Params extends Shape, Response extends z.ZodType, Item>(
  { rows }: Declaration<Query, Params, Response, Item>,
  asked: Asked<Output<Query>, Output<Params>>,
): Promise<{ file: string; columns: readonly Column<Item>[] }> {
  const { file, columns } = rows!
  return { file, columns: typeof columns === 'function' ? await columns(asked) : columns }
}

/** The first batch is read before a file is begun: what is wrong by then is answered as a problem. */
async function begun<T>(batches: AsyncGenerator<T>): Promise<AsyncGenerator<T>> {
  const first = await inLane('batches', () => batches.next())
  return (async function* () {
    if (first.done) return
    yield first.value
    yield* batches
  })()
}
