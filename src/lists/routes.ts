/** `/v1/lists`: official lists as versions. */
import { z } from 'zod'
import { goneSignal } from '../http/gone.ts'
import { send } from '../http/idempotency.ts'
import { listRoute } from '../http/list-route.ts'
import { pagesInMemory } from '../http/memory-pages.ts'
import { DomainError, notFound, problems } from '../http/problems.ts'
import { pageOf, repeatable, someText } from '../http/schemas.ts'
import type { App } from '../http/services.ts'
import { answerWithJob, contextOf, wantsJob } from '../jobs/answer.ts'
import { Job } from '../jobs/shapes.ts'
import type { Services } from '../screening/services.ts'
import { actorOf } from '../tenancy/audit.ts'
import { ADMINS, READERS } from '../tenancy/auth.ts'
import { decideEntry } from './decide.ts'
import { STANDINGS } from './model/naming.ts'
import { loadOperation } from './operation.ts'
import { allLists, changesBetween, unmatchedPage, versionPage } from './queries.ts'
import {
  Decision,
  DecisionWrite,
  EntryChange,
  ListLoad,
  ListVersion,
  LoadQuery,
  OfficialList,
  Unmatched,
} from './schemas.ts'
import { type ListSource, listSource } from './sources/index.ts'
import { listVersion } from './store.ts'

/** `SDN_ADVANCED.XML` has about 130 MB. */
const BODY_LIMIT_BYTES = 512 * 1024 * 1024
const MEDIA_TYPES = [
  'application/json',
  'application/xml',
  'text/xml',
  'text/html',
  'text/csv',
  'text/tab-separated-values',
  'application/csv',
  'application/x-ndjson',
  'text/plain',
  'application/octet-stream',
]

const LOAD = `
The body is the file as the authority publishes it; which format it is in is told by how it begins (\`GET /v1/lists\` names them). Files of OFAC that belong together are sent one after another: \`cat sdn.csv alt.csv add.csv sdn_comments.csv\`.

A delta file of OFAC has only what changed: it is laid over the version in force, and refused where it does not follow it. Pages are sent as they were saved from a browser.

A file that is empty, broke off, or is another list or namespace is refused, and so is one whose counts are not those it declares or far from the version in force, that lacks an entry the list has had for years, or is older; the latter can be taken with \`force=true\` after a person has looked. What is refused leaves the version in force as it is.

Entries that name a maker of the catalog begin its listing, entries that are gone end it; no listing is deleted. A name that is only near begins nothing and waits at \`unmatched\`. The same file again changes nothing.
`.trim()

export function listsRoutes(app: App, services: Services): void {
  readRoutes(app, services)
  decisionRoute(app, services)
  // A scope of its own: only here a body is taken as the bytes came.
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser(
      MEDIA_TYPES,
      (_request: unknown, payload: unknown, done: (error: null, body: unknown) => void) =>
        done(null, payload),
    )
    loadRoute(scope as unknown as App, services)
  })
}

/** Throws `not-found`. */
function sourceOf(id: string): ListSource {
  const source = listSource(id)
  if (!source) throw notFound('list')
  return source
}

const OfList = { id: someText(60).meta({ description: 'of `GET /v1/lists`' }) }

function readRoutes(app: App, { database, now }: Services): void {
  listRoute(app, {
    url: '/v1/lists',
    operationId: 'listLists',
    tag: 'lists',
    summary: 'Official lists, the version of each that is in force, and how old it is',
    config: { roles: READERS, reads: 'shared' },
    response: pageOf('OfficialListPage', OfficialList),
    page: () => async (page) => {
      const lists = await database.acrossJurisdictions([], (tx) => allLists(tx, now()))
      return pagesInMemory(lists, () => true)(page)
    },
  })
  listRoute(app, {
    url: '/v1/lists/:id/versions',
    operationId: 'listListVersions',
    tag: 'lists',
    summary: 'Every file of a list that was taken, the newest first',
    config: { roles: READERS, reads: 'shared' },
    params: OfList,
    response: pageOf('ListVersionPage', ListVersion),
    problems: ['not-found'],
    page: ({ params }) => {
      const { id } = sourceOf(params.id)
      return (page) => database.acrossJurisdictions([], (tx) => versionPage(tx, id, page))
    },
  })
  compareRoute(app, { database })
  listRoute(app, {
    url: '/v1/lists/:id/unmatched',
    operationId: 'listUnmatchedEntries',
    tag: 'lists',
    summary: 'Entries in force that name no maker of the catalog for sure: work for a person',
    description:
      'By itself those whose names are near a maker (`near`), and those taken as listed until a person has looked (`likely`); `standing=none` has all others. Say who it is with `POST /v1/lists/{id}/decisions`.',
    config: { roles: READERS, reads: 'shared' },
    params: OfList,
    query: { standing: repeatable(z.enum(STANDINGS)) },
    response: pageOf('UnmatchedEntryPage', Unmatched),
    problems: ['not-found'],
    page: ({ params, question: { standing } }) => {
      const { id } = sourceOf(params.id)
      const wanted = standing.length === 0 ? (['near', 'likely'] as const) : standing
      return (page) => database.acrossJurisdictions([], (tx) => unmatchedPage(tx, id, wanted, page))
    },
  })
}

function compareRoute(app: App, { database }: Pick<Services, 'database'>): void {
  listRoute(app, {
    url: '/v1/lists/:id/versions/:range',
    operationId: 'compareListVersions',
    tag: 'lists',
    summary: 'What was added, changed and ended between two versions of a list',
    config: { roles: READERS, reads: 'shared' },
    params: {
      ...OfList,
      range: z
        .string()
        .regex(/^\d{1,9}\.\.\d{1,9}$/, 'must be two versions, such as 3..4')
        .meta({ description: 'two versions, such as `3..4`; `0` is the list before any file was read' }),
    },
    response: pageOf('ListEntryChangePage', EntryChange),
    problems: ['not-found'],
    page: async ({ params }) => {
      const { id } = sourceOf(params.id)
      const [a, b] = params.range.split('..').map(Number) as [number, number]
      await database.acrossJurisdictions([], async (tx) => {
        for (const version of [a, b])
          if (version !== 0 && !(await listVersion(tx, id, version))) throw notFound('version of this list')
      })
      return (page) => database.acrossJurisdictions([], (tx) => changesBetween(tx, id, [a, b], page))
    },
  })
}

function loadRoute(app: App, services: Services): void {
  const { now, spool, jobs } = services
  const operation = loadOperation(services)
  jobs.add(operation)
  app.post(
    '/v1/lists/:id/versions',
    {
      config: { roles: ADMINS, takesBody: true, reads: 'preview.read', readsIf: 'dryRun' },
      bodyLimit: BODY_LIMIT_BYTES,
      schema: {
        operationId: 'loadListVersion',
        tags: ['lists'],
        summary: 'Put a file of an official list in force, or see first whom it would flag and clear',
        description: LOAD,
        security: [{ apiKey: [] }],
        consumes: [...MEDIA_TYPES],
        params: z.object(OfList),
        querystring: LoadQuery,
        body: z.any().meta({ description: 'the file, as it was published' }),
        response: {
          200: ListLoad.meta({ description: 'nothing was to change, or nothing should (`dryRun`)' }),
          201: ListLoad,
          202: Job,
          ...problems(
            'unauthenticated',
            'forbidden',
            'not-found',
            'malformed-body',
            'body-too-slow',
            'payload-too-large',
            'list-refused',
            'unsupported-media-type',
            'idempotency-key-reused',
            'not-ready',
          ),
        },
      },
    },
    async (request, reply) => {
      const { id } = sourceOf(request.params.id)
      if (request.body === undefined || request.body === null)
        throw new DomainError('malformed-body', 'The body is empty; send the file.')
      const { keyId } = request.principal
      const file = await spool.take(request.body, { mostBytes: BODY_LIMIT_BYTES, owner: keyId })
      const { publishedOn = null, ...query } = request.query
      const input = { ...query, publishedOn, list: id }
      if (wantsJob(request))
        return answerWithJob(services, request, reply, operation, { jurisdictionId: null, input, file })
      try {
        return send(
          reply,
          await operation.run(input, contextOf(request, now(), { file, signal: goneSignal(reply) })),
        )
      } finally {
        await file.remove()
      }
    },
  )
}

function decisionRoute(app: App, services: Services): void {
  const { database, now, refreshKnowledge, trigger } = services
  app.post(
    '/v1/lists/:id/decisions',
    {
      config: { roles: ADMINS },
      schema: {
        operationId: 'decideListEntry',
        tags: ['lists'],
        summary: 'Say which maker of the catalog an entry names, or that it names none',
        description:
          'Holds for this version and those to come. A maker is listed at once; what the entry had begun for another one is withdrawn.',
        security: [{ apiKey: [] }],
        params: z.object(OfList),
        body: DecisionWrite,
        response: {
          201: Decision,
          ...problems(
            'unauthenticated',
            'forbidden',
            'not-found',
            'malformed-body',
            'idempotency-key-reused',
            'unsupported-media-type',
          ),
        },
      },
    },
    async (request, reply) => {
      const source = sourceOf(request.params.id)
      const instant = now()
      const context = contextOf(request, instant)
      const answer = await database.asOperator((tx) =>
        context.keep(tx, null, async () => {
          const decided = await decideEntry(tx, source, request.body, {
            actor: actorOf(request),
            now: instant,
          })
          const { key, maker, evidence } = request.body
          const body = { list: source.id, key, maker, evidence, decidedAt: instant.toISOString(), ...decided }
          return { status: 201, body }
        }),
      )
      if ((await refreshKnowledge()) > 0) trigger('rescreen')
      return send(reply, answer)
    },
  )
}
