/** `/v1/findings`: what is neither permitted nor out of scope, device by device, and what was decided about it. */
import { Readable } from 'node:stream'
import { z } from 'zod'
import type { Database, Scope, Tx } from '../../db/database.ts'
import { findingDecisions } from '../../db/schema/index.ts'
import { etagOf } from '../../http/etag.ts'
import { sendAs } from '../../http/exports.ts'
import { listRoute, wholeListRoute } from '../../http/list-route.ts'
import { everyPage } from '../../http/pages.ts'
import { problems } from '../../http/problems.ts'
import { Id, pageOf, repeatable } from '../../http/schemas.ts'
import type { App } from '../../http/services.ts'
import { WORKBOOK_TYPE, workbook } from '../../http/workbook/write.ts'
import type { Knowledge } from '../../screening/knowledge.ts'
import { assertKnownIn } from '../../screening/known-ids.ts'
import type { Services } from '../../screening/services.ts'
import { EDITORS, READERS, readScope, writeJurisdiction } from '../../tenancy/auth.ts'
import { scopeOf } from '../../tenancy/list-in-scope.ts'
import { relatedKeys } from '../../tenancy/related-keys.ts'
import { ownerOf, readRow } from '../../tenancy/stored-rows.ts'
import { answerOnce, created, tagged } from '../../tenancy/work.ts'
import { assertCustomFilter } from '../queries/custom-filter.ts'
import { LAYOUTS, sheetCells, sheetColumns } from './columns.ts'
import { confirmDecision, decide, decisionPage, shown, withdrawDecision } from './decide.ts'
import { ruleGroups } from './groups.ts'
import { DECISION_STATES } from './model/standing.ts'
import { findingPage, questionOf } from './read.ts'
import {
  Confirmation,
  DecisionTried,
  DecisionWrite,
  FindingDecision,
  FindingPage,
  FindingsQuery,
  RuleGroups,
  Withdrawal,
} from './schemas.ts'

const LAYOUT = z
  .enum(Object.keys(LAYOUTS) as [keyof typeof LAYOUTS, ...(keyof typeof LAYOUTS)[]])
  .default('evidence')
  .meta({
    description:
      'columns of a table: `evidence`, finding, rule, lists and who decided what; `poam`, those of a plan of action and milestones',
  })

const done = (body: FindingDecision) => ({ status: 200, etag: etagOf(body.version), body })

export function findingRoutes(app: App, services: Services): void {
  listFindingsRoute(app, services)
  workbookRoute(app, services)
  groupsRoute(app, services)
  decideRoute(app, services)
  decisionRoutes(app, services)
  confirmRoute(app, services)
  withdrawRoute(app, services)
}

/** Throws `invalid-request` for ids and custom fields that are not there, and for what cannot be asked of a field. */
async function assertAskable(
  database: Database,
  scope: Scope,
  question: Omit<FindingsQuery, 'triage'>,
  knowledge: Knowledge,
): Promise<void> {
  const reading = <T>(read: (tx: Tx) => Promise<T>) => database.acrossJurisdictions(scope, read)
  await assertKnownIn(reading, question, knowledge)
  await assertCustomFilter(reading, scope, question)
}

function listFindingsRoute(app: App, { database, knowledge, now }: Services): void {
  listRoute(app, {
    url: '/v1/findings',
    operationId: 'listFindings',
    tag: 'register',
    summary: 'One line for each device, law and activity that is neither permitted nor out of scope',
    description:
      'As things are now, with what was decided about it. `regime`, `activity`, `outcome`, `rule` and `triage` ask for findings; all other filters are those of `GET /v1/devices`. As a table, `layout=poam` gives the columns of a plan of action and milestones.',
    config: { roles: READERS, reads: 'findings.read' },
    query: { ...FindingsQuery, layout: LAYOUT },
    response: FindingPage,
    rows: {
      file: 'findings',
      columns: async ({ question }) => LAYOUTS[question.layout as keyof typeof LAYOUTS],
    },
    page: async (asked) => {
      const { layout: _, ...question } = asked.question
      const terms = { knowledge: knowledge(), now: now() }
      const scope = scopeOf(asked)
      await assertAskable(database, scope, question, terms.knowledge)
      return (page) =>
        database.acrossJurisdictions(scope, (tx) => findingPage(tx, scope, questionOf(question), terms, page))
    },
  })
}

function workbookRoute(app: App, { database, knowledge, now }: Services): void {
  app.get(
    '/v1/findings/workbook',
    {
      config: { roles: READERS, reads: 'findings.read' },
      schema: {
        operationId: 'getFindingsWorkbook',
        tags: ['register'],
        summary: 'The same findings as an Excel workbook',
        security: [{ apiKey: [] }],
        querystring: z.strictObject({ ...FindingsQuery, layout: LAYOUT }),
        produces: [WORKBOOK_TYPE],
        response: {
          200: z.string().meta({ description: 'a workbook with one sheet' }),
          ...problems('unauthenticated'),
        },
      },
    },
    async (request, reply) => {
      const { layout, ...question } = request.query
      const terms = { knowledge: knowledge(), now: now() }
      const scope = readScope(request.principal, question.jurisdictionId)
      await assertAskable(database, scope, question, terms.knowledge)
      const page = (limit: number, cursor: string | undefined) =>
        database.acrossJurisdictions(scope, (tx) =>
          findingPage(tx, scope, questionOf(question), terms, { limit, cursor, question }),
        )
      async function* rows() {
        for await (const batch of everyPage(page)) for (const one of batch) yield sheetCells(layout, one)
      }
      reply.header('content-disposition', 'attachment; filename="findings.xlsx"')
      const bytes = workbook([
        { name: layout === 'poam' ? 'POA&M' : 'Findings', columns: sheetColumns(layout), rows },
      ])
      return sendAs(reply, WORKBOOK_TYPE, Readable.from(bytes, { objectMode: false }))
    },
  )
}

function groupsRoute(app: App, { database, knowledge }: Services): void {
  wholeListRoute<typeof RuleGroups, z.output<typeof RuleGroups>, typeof FindingsQueryWithoutTriage>(app, {
    url: '/v1/findings/rules',
    operationId: 'listFindingsByRule',
    tag: 'register',
    summary: 'Findings by rule: devices and what they cost, those of the most devices first',
    config: { roles: READERS, reads: 'findings.read' },
    query: FindingsQueryWithoutTriage,
    response: RuleGroups,
    rows: {
      file: 'findings-by-rule',
      columns: [
        ...(['ruleId', 'regime', 'activity', 'outcome', 'devices', 'devicesWithoutCost'] as const).map(
          (field) => ({
            header: field,
            value: (one: z.output<typeof RuleGroups>['items'][number]) => one[field],
          }),
        ),
        {
          header: 'acquisitionCost',
          value: ({ acquisitionCostCents }) =>
            Object.entries(acquisitionCostCents)
              .map(([currency, cents]) => `${(cents / 100).toFixed(2)} ${currency}`)
              .join('; '),
        },
        { header: 'because', value: ({ because }) => because },
        { header: 'citation', value: ({ citation }) => citation },
      ],
    },
    read: async (asked) => {
      const scope = scopeOf(asked)
      await assertAskable(database, scope, asked.question, knowledge())
      const question = questionOf({ ...asked.question, triage: [] })
      return { items: await database.acrossJurisdictions(scope, (tx) => ruleGroups(tx, scope, question)) }
    },
  })
}
const { triage: _triage, ...FindingsQueryWithoutTriage } = FindingsQuery

function decideRoute(app: App, services: Services): void {
  app.post(
    '/v1/finding-decisions',
    {
      config: { roles: EDITORS },
      schema: {
        operationId: 'createFindingDecision',
        tags: ['register'],
        summary: 'Decide on findings: planned, accepted, disputed, mitigated or gone',
        description:
          'It stands beside the answers and changes none of them. Name the findings, or a filter with the count that a dry run gave. An acceptance counts when a second person has confirmed it. A finding is open again, with the reason, the day after `until`, when its facts, its rule, its outcome or the list entry behind it change, and when the decision is withdrawn.',
        security: [{ apiKey: [] }],
        body: DecisionWrite,
        response: {
          200: DecisionTried,
          201: FindingDecision,
          ...problems(
            'unauthenticated',
            'forbidden',
            'malformed-body',
            'not-found',
            'selection-changed',
            'idempotency-key-reused',
            'unsupported-media-type',
          ),
        },
      },
    },
    async (request, reply) => {
      const jurisdictionId = writeJurisdiction(request.principal, request.body.jurisdictionId)
      return answerOnce(services, request, reply, jurisdictionId, async (work) => {
        const { count, decision } = await decide({ ...work, knowledge: services.knowledge() }, request.body)
        if (decision === null) return { status: 200, body: { dryRun: true, count } }
        return created(`/v1/finding-decisions/${decision.id}`, decision)
      })
    },
  )
}

function decisionRoutes(app: App, services: Services): void {
  listRoute(app, {
    url: '/v1/finding-decisions',
    operationId: 'listFindingDecisions',
    tag: 'register',
    summary: 'Decisions on findings, newest first, those that no longer count included',
    config: { roles: READERS, reads: 'finding-decisions.read' },
    query: { jurisdictionId: repeatable(Id), state: repeatable(z.enum(DECISION_STATES)) },
    response: pageOf('FindingDecisionPage', FindingDecision),
    page: (asked) => {
      const scope = scopeOf(asked)
      return (page) => decisionPage(services.database, scope, asked.question.state, page)
    },
  })
  app.get(
    '/v1/finding-decisions/:id',
    {
      config: { roles: READERS, reads: 'finding-decision.read', readsOf: 'finding_decisions' },
      schema: {
        operationId: 'getFindingDecision',
        tags: ['register'],
        summary: 'One decision on findings',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        querystring: z.strictObject({}),
        response: { 200: FindingDecision, ...problems('unauthenticated', 'not-found') },
      },
    },
    async (request, reply) => {
      const row = await readRow(services, request.principal, findingDecisions, request.params.id, 'decision')
      return tagged(
        reply,
        await services.database.acrossJurisdictions([row.jurisdictionId], (tx) => shown(tx, row)),
      )
    },
  )
}

function confirmRoute(app: App, services: Services): void {
  app.post(
    '/v1/finding-decisions/:id/confirmation',
    {
      config: { roles: EDITORS },
      schema: {
        operationId: 'confirmFindingDecision',
        tags: ['register'],
        summary: 'Confirm an acceptance as the second person',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        body: Confirmation,
        response: {
          200: FindingDecision,
          ...problems(
            'unauthenticated',
            'forbidden',
            'malformed-body',
            'not-found',
            'decision-withdrawn',
            'second-person-needed',
            'precondition-failed',
            'idempotency-key-reused',
            'unsupported-media-type',
          ),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const owner = await ownerOf(services, request.principal, findingDecisions, id, 'decision')
      const related = await relatedKeys(services.database, request.principal.keyId)
      const ifMatch = request.headers['if-match']
      return answerOnce(services, request, reply, owner, async (work) => {
        const known = { ...work, knowledge: services.knowledge() }
        return done(await confirmDecision(known, id, request.body, ifMatch, related))
      })
    },
  )
}

function withdrawRoute(app: App, services: Services): void {
  app.post(
    '/v1/finding-decisions/:id/withdrawal',
    {
      config: { roles: EDITORS },
      schema: {
        operationId: 'withdrawFindingDecision',
        tags: ['register'],
        summary: 'Withdraw a decision: its findings are open again; it stays on record',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        body: Withdrawal,
        response: {
          200: FindingDecision,
          ...problems(
            'unauthenticated',
            'forbidden',
            'malformed-body',
            'not-found',
            'decision-withdrawn',
            'precondition-failed',
            'idempotency-key-reused',
            'unsupported-media-type',
          ),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const owner = await ownerOf(services, request.principal, findingDecisions, id, 'decision')
      const ifMatch = request.headers['if-match']
      return answerOnce(services, request, reply, owner, async (work) => {
        const known = { ...work, knowledge: services.knowledge() }
        return done(await withdrawDecision(known, id, request.body, ifMatch))
      })
    },
  )
}
