/** `/v1/scenarios`: what happens if a maker is put on a list. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { sendText } from '../http/exports.ts'
import { goneSignal } from '../http/gone.ts'
import { listRoute, wholeListRoute } from '../http/list-route.ts'
import { type CursorPart, decodeCursor, encodeCursor, type Page, type PageAsked } from '../http/pages.ts'
import { DomainError, problems } from '../http/problems.ts'
import { Id, pageOf, repeatable } from '../http/schemas.ts'
import type { App, Sendable } from '../http/services.ts'
import { answerWithJob, contextOf, wantsJob } from '../jobs/answer.ts'
import type { Operation } from '../jobs/operation.ts'
import { Job } from '../jobs/shapes.ts'
import { inTenant } from '../jobs/store.ts'
import { OPERATOR_ID } from '../lib/ids.ts'
import { actorOf, record } from '../tenancy/audit.ts'
import { type Principal, READERS } from '../tenancy/auth.ts'
import { removed } from '../tenancy/work.ts'
import { DEVICE_COLUMNS } from './columns.ts'
import { type StoredDevices, shownDevices } from './devices.ts'
import { compareScenarios } from './model/compare.ts'
import { TEMPLATES } from './model/templates.ts'
import { runScenario } from './run.ts'
import { ScenarioDevice, ScenarioDocument, ScenarioSummary, ScenarioWrite } from './schemas.ts'
import type { ScenarioServices } from './services.ts'
import { ownerOfScenario, removeScenario, scenarioPage, scenarioText } from './store.ts'
import { scopeOfScenario } from './whose.ts'

const DESCRIPTION = `
Supposes that makers are put on a list on a day, past or to come, and evaluates the registers as they are against it. Nothing in the register changes. The answer is kept: the same request over the same registers, reference data and day gives the same scenario, byte for byte.

Three moments are compared on the same days of the law: without what is supposed (\`before\`), from the effective day on (\`after\`), and once the supposed licenses have ended (\`ended\`). With a city’s key the scenario is the city’s, names its devices, and computes costs and funds; over several cities it belongs to the key that asked, names no device, and counts city by city.

A large register takes some seconds: \`Prefer: respond-async\` makes a job of it.
`.trim()

export function scenarioRoutes(app: App, services: ScenarioServices): void {
  createScenarioRoute(app, services)
  listRoutes(app, services)
  compareRoute(app, services)
  getScenarioRoute(app, services)
  removeScenarioRoute(app, services)
}

function createScenarioRoute(app: App, services: ScenarioServices): void {
  const operation: Operation<ScenarioWrite> = {
    kind: 'scenario',
    input: ScenarioWrite,
    run: (asked, context) => runScenario(services, asked, context),
  }
  services.jobs.add(operation)
  app.post(
    '/v1/scenarios',
    {
      config: { roles: READERS, reads: 'scenario.read' },
      schema: {
        operationId: 'createScenario',
        tags: ['scenarios'],
        summary: 'What happens if a maker is put on a list: devices, updates, licenses, dates and costs',
        description: DESCRIPTION,
        security: [{ apiKey: [] }],
        body: ScenarioWrite,
        response: {
          200: ScenarioDocument.meta({ description: 'nothing had changed since this one was computed' }),
          201: ScenarioDocument,
          202: Job,
          ...problems(
            'unauthenticated',
            'malformed-body',
            'not-found',
            'currency-mismatch',
            'scenario-limit',
            'idempotency-key-reused',
            'unsupported-media-type',
          ),
        },
      },
    },
    async (request, reply) => {
      if (wantsJob(request)) return inJob(services, { request, reply }, operation)
      const { body, ...answer } = await operation.run(
        request.body,
        contextOf(request, services.now(), { signal: goneSignal(reply) }),
      )
      const { text } = body as { readonly text: string }
      reply.code(answer.status as 200 | 201).header('location', answer.location!)
      return sendText(reply, text)
    },
  )
}

async function inJob(
  services: ScenarioServices,
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
  operation: Operation<ScenarioWrite>,
): Promise<FastifyReply> {
  const input = request.body as ScenarioWrite
  // Cities that are not there are no job.
  const { owner } = await scopeOfScenario(services, request.principal, input)
  const jurisdictionId = owner === OPERATOR_ID ? null : owner
  return answerWithJob(services, request, reply, operation, { jurisdictionId, input })
}

const Template = z
  .object({
    id: z.string(),
    title: z.string(),
    needs: z.array(z.string()).meta({ description: 'fields of the request that it still asks for' }),
    body: z.record(z.string(), z.unknown()).meta({ description: 'what it supposes' }),
  })
  .meta({ id: 'ScenarioTemplate' })

function listRoutes(app: App, services: ScenarioServices): void {
  listRoute(app, {
    url: '/v1/scenarios',
    operationId: 'listScenarios',
    tag: 'scenarios',
    summary: 'Scenarios on record, newest first: the city’s, or those this key has asked over several cities',
    config: { roles: READERS, reads: 'scenarios.read' },
    query: { jurisdictionId: repeatable(Id) },
    response: pageOf('ScenarioPage', ScenarioSummary),
    page: ({ question: { jurisdictionId }, request }) => {
      const { principal } = request
      return (page) => scenarioPage(services.database, { principal, cities: jurisdictionId }, page)
    },
  })
  listRoute(app, {
    url: '/v1/scenarios/templates',
    operationId: 'listScenarioTemplates',
    tag: 'scenarios',
    summary: 'Ready-made scenarios: name one as `template` when you ask',
    config: { roles: READERS, reads: 'shared' },
    response: pageOf('ScenarioTemplatePage', Template),
    page: () => async () => ({
      items: TEMPLATES.map(({ needs, ...template }) => ({ ...template, needs: [...needs] })),
      nextCursor: null,
    }),
  })
  listRoute(app, {
    url: '/v1/scenarios/:id/devices',
    operationId: 'listScenarioDevices',
    tag: 'scenarios',
    summary:
      'The devices a scenario hits, as JSON, CSV or NDJSON by `Accept`; each line is marked as hypothetical',
    description:
      'One line for each device of a city, as the register had it when the scenario was computed; one for each group of equal devices in a scenario over several cities.',
    config: { roles: READERS, reads: 'scenario.read' },
    params: { id: Id },
    response: pageOf('ScenarioDevicePage', ScenarioDevice),
    problems: ['not-found'],
    rows: { file: 'hypothetical-scenario-devices', columns: DEVICE_COLUMNS },
    page: async ({ params: { id }, request }) => {
      const text = await scenarioText(services, request.principal, id, 'devices')
      const stored = JSON.parse(text) as StoredDevices
      return pagesOf(stored.devices.length, (from, to) => shownDevices(stored, from, to))
    },
  })
}

export const Comparison = z
  .object({
    hypothetical: z.literal(true),
    scenarios: z.array(z.object({ id: z.string(), name: z.string() })),
    items: z.array(
      z.object({
        figure: z.string(),
        unit: z
          .string()
          .meta({ description: '`devices`, `share`, `day`, `cents`, `device-days`, `cities`, `words`' }),
        values: z
          .array(z.union([z.string(), z.number()]).nullable())
          .meta({ description: 'in the order of `scenarios`; null where one does not have it' }),
      }),
    ),
  })
  .meta({ id: 'ScenarioComparison', description: 'Hypothetical: the figures of scenarios side by side' })
type Compared = Sendable<z.infer<typeof Comparison>>

const COMPARED_MOST = 10

function compareRoute(app: App, services: ScenarioServices): void {
  wholeListRoute<typeof Comparison, Compared, { ids: typeof ScenarioIds }>(app, {
    url: '/v1/scenarios/compare',
    operationId: 'compareScenarios',
    tag: 'scenarios',
    summary: 'Scenarios side by side, figure by figure, as JSON, CSV or NDJSON by `Accept`',
    config: { roles: READERS, reads: 'scenarios.read' },
    query: { ids: ScenarioIds },
    response: Comparison,
    problems: ['not-found'],
    rows: {
      file: 'hypothetical-scenarios',
      columns: async ({ question: { ids } }) => [
        { header: 'hypothetical', value: () => 'HYPOTHETICAL' },
        { header: 'figure', value: ({ figure }) => figure },
        { header: 'unit', value: ({ unit }) => unit },
        ...ids.map((id, i) => ({
          header: id,
          value: ({ values }: Compared['items'][number]) => values[i],
        })),
      ],
    },
    read: async ({ question: { ids }, request }) => {
      const texts = await Promise.all(
        ids.map((id) => scenarioText(services, request.principal, id, 'document')),
      )
      const found = texts.map((text) => JSON.parse(text) as ScenarioDocument)
      return {
        hypothetical: true,
        scenarios: found.map(({ id, name }) => ({ id, name })),
        items: compareScenarios(found),
      }
    },
  })
}

/** Ids separated by commas. */
const ScenarioIds = z
  .string()
  .max(1000)
  .transform((text) => text.split(','))
  .pipe(z.array(Id).min(2, 'must name two scenarios at least').max(COMPARED_MOST))
  .meta({ description: 'ids of two to ten scenarios, separated by commas' })

const POSITION: CursorPart = { type: 'integer', nullable: false }

/** Pages of what is stored as one list, by position. */
function pagesOf<T>(
  all: number,
  read: (from: number, to: number) => readonly T[],
): (page: PageAsked) => Promise<Page<T>> {
  return async ({ limit, cursor, question }) => {
    const from = cursor === undefined ? 0 : Number(decodeCursor(cursor, question, [POSITION])[0])
    const items = read(from, from + limit)
    const next = from + items.length
    return { items, nextCursor: next < all ? encodeCursor([next], question) : null }
  }
}

function getScenarioRoute(app: App, services: ScenarioServices): void {
  app.get(
    '/v1/scenarios/:id',
    {
      config: { roles: READERS, reads: 'scenario.read' },
      schema: {
        operationId: 'getScenario',
        tags: ['scenarios'],
        summary: 'One scenario, as it was computed',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        querystring: z.strictObject({}),
        response: { 200: ScenarioDocument, ...problems('unauthenticated', 'not-found') },
      },
    },
    async (request, reply) =>
      sendText(reply, await scenarioText(services, request.principal, request.params.id, 'document')),
  )
}

function removeScenarioRoute(app: App, services: ScenarioServices): void {
  const { database, now } = services
  app.delete(
    '/v1/scenarios/:id',
    {
      config: { roles: READERS },
      schema: {
        operationId: 'removeScenario',
        tags: ['scenarios'],
        summary: 'Remove a scenario that is no longer needed',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        querystring: z.strictObject({}),
        response: {
          204: z.null().meta({ description: 'removed' }),
          ...problems('unauthenticated', 'forbidden', 'not-found'),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const { principal } = request
      const owner = await ownerOfScenario(services, principal, id)
      assertMayRemove(principal, owner)
      await inTenant(database, owner, async (tx) => {
        await removeScenario(tx, owner, id)
        await record(tx, owner === OPERATOR_ID ? null : owner, actorOf(request), now(), {
          action: 'scenario.delete',
          target: id,
          detail: {},
        })
      })
      return removed(reply)
    },
  )
}

/** A city’s editors and budget officers remove the city’s; a reviewer those of their own key, and never a city’s. */
function assertMayRemove({ role }: Principal, owner: string): void {
  const isCitys = owner !== OPERATOR_ID
  if (role === 'city-viewer' || (isCitys && role === 'federal-reviewer')) {
    throw new DomainError('forbidden', `A key with the role ${role} may not remove this scenario.`)
  }
}
