import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { mergeAdvisories } from '../../firmware-risk/advisories.ts'
import { describeRule } from '../../firmware-risk/affected-rule.ts'
import { catalogueMakers } from '../../firmware-risk/maker-names.ts'
import { EpssShape, SsvcShape } from '../../firmware-risk/schemas.ts'
import { chosenFields, type Fields, fieldsQuery, pickFields } from '../../http/fields.ts'
import { goneSignal } from '../../http/gone.ts'
import { send } from '../../http/idempotency.ts'
import { listRoute } from '../../http/list-route.ts'
import { FieldProblem, notFound, problems } from '../../http/problems.ts'
import { Instant, pageOf, repeatable, someText, toInstant } from '../../http/schemas.ts'
import type { App } from '../../http/services.ts'
import { answerWithJob, contextOf, wantsJob } from '../../jobs/answer.ts'
import type { Operation } from '../../jobs/operation.ts'
import { Job } from '../../jobs/shapes.ts'
import { dayIn, daysBetween, type PlainDate } from '../../lib/calendar.ts'
import type { Services } from '../../screening/services.ts'
import { record } from '../../tenancy/audit.ts'
import { ADMINS, READERS } from '../../tenancy/auth.ts'
import { countTouched } from '../store.ts'
import { FEED_FORMATS } from './formats.ts'
import { FEED_AGE_DAYS, type Feed, type FeedImport, importFeed } from './import.ts'
import {
  advisoryPage,
  changesPage,
  type FeedRow,
  findAdvisory,
  readFeeds,
  type StoredAdvisory,
} from './queries.ts'
import { readFeedFile } from './thread.ts'

/** A catalog has about 1.5 MB; a page of NVD up to 20 MB. */
const BODY_LIMIT_BYTES = 64 * 1024 * 1024

const ClaimShape = z
  .object({
    source: z.string(),
    container: z.string(),
    citation: z.string(),
    maker: z.string().nullable().meta({ description: 'vendor id; null when not in the catalog' }),
    product: z.string(),
    models: z.array(z.string()),
    deviceClasses: z.array(z.string()).nullable(),
    rule: z.object({ kind: z.string() }).catchall(z.unknown()),
    means: z.string().meta({ description: 'the rule in words' }),
    fix: z.string().nullable(),
  })
  .meta({ id: 'AdvisoryClaim', description: 'One statement of one source' })

const AdvisoryShape = z
  .object({
    id: z.string(),
    title: z.string().nullable(),
    publishedOn: z.string().nullable(),
    cvss: z.number().nullable(),
    knownExploited: z
      .object({
        addedOn: z.string(),
        dueOn: z.string().nullable(),
        requiredAction: z.string().nullable(),
        isUsedByRansomware: z.boolean().nullable(),
      })
      .nullable(),
    fix: z.string(),
    epss: EpssShape.optional(),
    ssvc: SsvcShape.optional(),
    references: z.array(z.string()),
    feeds: z.array(z.object({ feed: z.string(), document: z.string(), importVersion: z.int() })),
    claims: z.array(ClaimShape),
  })
  .meta({ id: 'Advisory', description: 'A vulnerability as all feeds together describe it' })

/** A claim names models by the dozen. */
const ADVISORY_FIELDS: Fields<keyof typeof AdvisoryShape.shape | 'makers'> = {
  known: [
    'id',
    'title',
    'publishedOn',
    'cvss',
    'knownExploited',
    'fix',
    'epss',
    'ssvc',
    'makers',
    'feeds',
    'references',
    'claims',
  ],
  listed: ['id', 'title', 'publishedOn', 'cvss', 'knownExploited', 'fix', 'epss', 'ssvc', 'makers', 'feeds'],
}

const ListedAdvisory = AdvisoryShape.partial()
  .extend({
    id: z.string(),
    makers: z.array(z.string()).optional().meta({ description: 'vendor ids that claims name' }),
  })
  .meta({
    id: 'ListedAdvisory',
    description: 'What is there depends on `fields` and `include`; `id` always is',
  })

const ImportShape = z
  .object({
    feed: z.string(),
    isChanged: z.boolean(),
    version: z.int().meta({ description: 'version of the firmware knowledge after it' }),
    feedVersion: z.string().nullable(),
    releasedOn: z.string().nullable(),
    counts: z.object({
      statements: z.int(),
      added: z.int(),
      changed: z.int(),
      withdrawn: z.int(),
      unchanged: z.int(),
      problems: z.int(),
      claims: z.int().meta({ description: 'what sources say of products' }),
      withoutMaker: z.int().meta({ description: 'claims on makers that are not in the catalog' }),
      withoutModel: z.int().meta({ description: 'claims that name no model' }),
      withoutRange: z.int().meta({ description: 'claims that give no usable versions' }),
    }),
    unusable: z
      .array(
        z.object({
          product: z.string(),
          maker: z.string().nullable(),
          lacks: z.array(z.enum(['maker', 'model', 'range'])),
          claims: z.int(),
        }),
      )
      .meta({ description: 'products of claims that lack something, at most 100' }),
    added: z.array(z.string()),
    changed: z.array(z.object({ id: z.string(), fields: z.array(z.string()) })),
    withdrawn: z.array(z.string()),
    problems: z.array(FieldProblem),
    touched: z
      .object({
        makers: z.array(z.string()),
        profiles: z.int().nullable(),
        devices: z.int().nullable(),
      })
      .meta({
        description:
          'whose profiles are evaluated again; the numbers are null in the result of a job, which is kept before they are counted',
      }),
  })
  .meta({ id: 'AdvisoryImport' })

const FeedShape = z
  .object({
    feed: z.string(),
    feedVersion: z.string().nullable(),
    releasedOn: z.string().nullable(),
    statements: z.int(),
    importVersion: z.int(),
    checkedAt: Instant,
    ageDays: z.int(),
    isOld: z.boolean().meta({ description: 'not read for longer than the feed may be' }),
  })
  .meta({ id: 'AdvisoryFeed' })

function toAdvisory({ statements }: StoredAdvisory) {
  const [merged] = mergeAdvisories([statements.map(({ doc }) => doc)])
  return {
    ...merged!,
    feeds: statements.map(({ feed, document, importVersion }) => ({ feed, document, importVersion })),
    claims: merged!.claims.map((claim) => ({ ...claim, means: describeRule(claim.rule) })),
  }
}

function toListed(row: StoredAdvisory, shown: readonly string[]) {
  const advisory = toAdvisory(row)
  const makers = [...new Set(advisory.claims.flatMap(({ maker }) => maker ?? []))].sort()
  return { id: row.id, ...pickFields({ ...advisory, makers }, ADVISORY_FIELDS.known, shown) }
}

export function advisoryRoutes(app: App, services: Services): void {
  const { database } = services
  listRoute(app, {
    url: '/v1/advisories',
    operationId: 'listAdvisories',
    tag: 'firmware',
    summary: 'Published vulnerabilities, by their ids',
    description:
      'By itself a list leaves out `claims`, what each source says of which models, and `references`; `include=all` has them, as one advisory has.',
    config: { roles: READERS, reads: 'shared' },
    query: {
      maker: repeatable(someText(100)).meta({ description: 'vendor id that a claim names' }),
      feed: repeatable(z.enum([...FEED_FORMATS, 'overlay'])),
      knownExploited: z.stringbool().optional(),
      ...fieldsQuery(ADVISORY_FIELDS),
    },
    response: pageOf('AdvisoryPage', ListedAdvisory),
    page: ({ question: { fields, include, ...filter } }) => {
      const { shown } = chosenFields(ADVISORY_FIELDS, { fields, include })
      return (page) =>
        database.acrossJurisdictions([], (tx) =>
          advisoryPage(tx, filter, { ...page, question: filter }, (row) => toListed(row, shown)),
        )
    },
  })
  getAdvisoryRoute(app, services)
  listAdvisoryImportsRoute(app, services)
  // A scope of its own: only here a body is taken as the bytes came.
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser(
      ['application/json', 'text/csv', 'application/csv'],
      (_request: unknown, payload: unknown, done: (error: null, body: unknown) => void) =>
        done(null, payload),
    )
    importRoute(scope as unknown as App, services)
  })
}

function getAdvisoryRoute(app: App, { database }: Services): void {
  app.get(
    '/v1/advisories/:id',
    {
      config: { roles: READERS, reads: 'shared' },
      schema: {
        operationId: 'getAdvisory',
        tags: ['firmware'],
        summary: 'One vulnerability with what each source says',
        security: [{ apiKey: [] }],
        params: z.object({ id: z.string().regex(/^CVE-\d{4}-\d{4,}$/, 'must be a CVE id') }),
        querystring: z.strictObject({}),
        response: { 200: AdvisoryShape, ...problems('unauthenticated', 'not-found') },
      },
    },
    async (request) => {
      const row = await database.acrossJurisdictions([], (tx) => findAdvisory(tx, request.params.id))
      if (!row) throw notFound('advisory')
      return toAdvisory(row)
    },
  )
}

const FirmwareChange = z
  .object({
    version: z.int(),
    kind: z.string(),
    feed: z.string().nullable(),
    changes: z.record(z.string(), z.unknown()),
    at: Instant,
  })
  .meta({ id: 'FirmwareChange' })

function listAdvisoryImportsRoute(app: App, { database, now }: Services): void {
  listRoute(app, {
    url: '/v1/advisories/imports',
    operationId: 'listAdvisoryImports',
    tag: 'firmware',
    summary: 'The feeds with their age, and every change of what is known of firmware, newest first',
    config: { roles: READERS, reads: 'shared' },
    response: z
      .object({
        feeds: z.array(FeedShape),
        items: z.array(FirmwareChange),
        nextCursor: z.string().nullable(),
      })
      .meta({ id: 'AdvisoryImportPage' }),
    page: () => (page) =>
      database.acrossJurisdictions([], async (tx) => ({
        feeds: (await readFeeds(tx)).map((feed) => toFeed(feed, dayIn(now()))),
        ...(await changesPage(tx, page)),
      })),
  })
}

function toFeed(feed: FeedRow, today: PlainDate) {
  const checkedAt = toInstant(feed.checkedAt)
  const ageDays = daysBetween(dayIn(new Date(checkedAt)), today)
  return { ...feed, checkedAt, ageDays, isOld: ageDays > FEED_AGE_DAYS[feed.feed as Feed] }
}

const Asked = z.strictObject({
  format: z.enum(FEED_FORMATS),
  force: z.boolean(),
  isCsv: z.boolean(),
})
type Asked = z.infer<typeof Asked>

function importOperation(services: Services): Operation<Asked> {
  const { database, knowledge, trigger, refreshKnowledge } = services
  return {
    kind: 'advisories',
    input: Asked,
    run: async ({ format, force, isCsv }, context) => {
      const { actor, now, signal, onProgress } = context
      onProgress({ done: 0, total: 1, phase: 'the document is read' })
      const imported = await readFeedFile(
        { path: context.file!.path, format, isCsv },
        catalogueMakers(knowledge().firmware.makers, knowledge().matcher),
        signal,
      )
      onProgress({ done: 0.5, total: 1, phase: 'the statements are written' })
      let subjects: readonly string[] = []
      const answer = await database.asOperator(
        (tx) =>
          context.keep(tx, null, async () => {
            const done = await importFeed(tx, { feed: format, imported, isForced: force, by: actor.id, now })
            const { feed, isChanged, version, feedVersion, counts } = done
            await record(tx, null, actor, now, {
              action: 'advisories.import',
              target: feed,
              detail: { isChanged, version, feedVersion, counts, force },
            })
            subjects = done.subjects
            return {
              status: 200,
              body: { ...done, touched: { makers: makersOf(done), profiles: null, devices: null } },
            }
          }),
        { timeLimitMillis: 120_000, lane: 'long', signal },
      )
      await refreshKnowledge()
      if ((answer.body as FeedImport).isChanged) trigger('rescreen')
      const touched =
        subjects.length === 0
          ? { profiles: 0, devices: 0 }
          : await database.acrossJurisdictions('all', (tx) => countTouched(tx, subjects))
      const body = answer.body as FeedImport
      return { ...answer, body: { ...body, touched: { makers: makersOf(body), ...touched } } }
    },
  }
}

const makersOf = ({ subjects }: FeedImport) => subjects.map((subject) => subject.replace(/^vendor:/, ''))

function importRoute(app: App, services: Services): void {
  const { now, spool, jobs } = services
  const operation = importOperation(services)
  jobs.add(operation)
  app.post(
    '/v1/advisories/imports',
    {
      config: { roles: ADMINS, takesBody: true },
      bodyLimit: BODY_LIMIT_BYTES,
      schema: {
        operationId: 'importAdvisories',
        tags: ['firmware'],
        summary: 'Read a document of a feed; the same one again changes nothing',
        description:
          'The body is the document as it was published: JSON, or CSV for the KEV catalog. A feed that lost more than a fifth of its entries, or of which a fifth cannot be read, is refused unless `force=true`, and so is a catalog or record that is older than what is on record, by its own time of release or revision.',
        security: [{ apiKey: [] }],
        consumes: ['application/json', 'text/csv'],
        querystring: z.strictObject({
          format: z.enum(FEED_FORMATS),
          force: z.stringbool().default(false),
        }),
        body: z.any().meta({ description: 'the document of the feed, as it was published' }),
        response: {
          200: ImportShape,
          202: Job,
          ...problems(
            'unauthenticated',
            'forbidden',
            'malformed-body',
            'body-too-slow',
            'payload-too-large',
            'feed-refused',
            'unsupported-media-type',
            'idempotency-key-reused',
            'not-ready',
          ),
        },
      },
    },
    async (request, reply) => {
      const { keyId } = request.principal
      const file = await spool.take(request.body, { mostBytes: BODY_LIMIT_BYTES, owner: keyId })
      const input = { ...request.query, isCsv: isCsv(request) }
      if (wantsJob(request)) {
        return answerWithJob(services, request, reply, operation, {
          jurisdictionId: null,
          input,
          file,
        })
      }
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

function isCsv(request: FastifyRequest): boolean {
  return /^(?:text|application)\/csv\b/i.test(request.headers['content-type'] ?? '')
}
