/** `/v1/statements` and `/v1/devices/{id}/statements`: what people state on who made a device. */
import type { FastifyReply } from 'fastify'
import { z } from 'zod'
import { devices, makerStatements } from '../../db/schema/index.ts'
import { etagOf } from '../../http/etag.ts'
import { problems } from '../../http/problems.ts'
import { Id, repeatable, someText } from '../../http/schemas.ts'
import type { App } from '../../http/services.ts'
import { orWhereItWent } from '../../screening/merged-devices.ts'
import type { Services } from '../../screening/services.ts'
import { EDITORS, READERS, readScope, writeJurisdiction } from '../../tenancy/auth.ts'
import { listInScope } from '../../tenancy/list-in-scope.ts'
import { relatedKeys } from '../../tenancy/related-keys.ts'
import { ownerOf } from '../../tenancy/stored-rows.ts'
import { answerOnce, created, tagged } from '../../tenancy/work.ts'
import { statementPage } from './list.ts'
import { stateOfGroup, withdrawStatements } from './many.ts'
import {
  Confirmation,
  GroupStatement,
  STATEMENT_COLUMNS,
  StatementEffect,
  StatementPage,
  StatementsMade,
  StatementsWithdrawn,
  StatementWrite,
  Withdrawal,
  WithdrawMany,
} from './schemas.ts'
import { confirmStatement, findStatement, stateMaker, withdrawStatement } from './statements.ts'

export function statementRoutes(app: App, services: Services): void {
  stateRoute(app, services)
  listRoute(app, services)
  getRoute(app, services)
  confirmRoute(app, services)
  withdrawRoute(app, services)
  groupRoute(app, services)
  withdrawManyRoute(app, services)
}

const FAILURES = [
  'unauthenticated',
  'forbidden',
  'malformed-body',
  'not-found',
  'idempotency-key-reused',
  'unsupported-media-type',
] as const

function stateRoute(app: App, services: Services): void {
  app.post(
    '/v1/devices/:id/statements',
    {
      config: { roles: EDITORS },
      schema: {
        operationId: 'createStatement',
        tags: ['register'],
        summary: 'State who made a device, or that it cannot be found out',
        description:
          'Evidence of its own kind. It decides at once where nothing speaks for a restricted maker, and where it names one; to set a restricted maker aside takes a second person (`POST /v1/statements/{id}/confirmation`). The answers on the devices follow within the request.',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        body: StatementWrite,
        response: { 201: StatementEffect, ...problems(...FAILURES, 'device-merged') },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      return orWhereItWent(services, request.principal, id, async () => {
        const jurisdictionId = await ownerOf(services, request.principal, devices, id, 'device')
        return answerOnce(services, request, reply, jurisdictionId, async (work) => {
          const statement = await stateMaker({ ...work, knowledge: services.knowledge() }, id, request.body)
          return created(`/v1/statements/${statement.id}`, statement)
        })
      })
    },
  )
}

function listRoute(app: App, services: Services): void {
  listInScope(app, services, {
    url: '/v1/statements',
    operationId: 'listStatements',
    tag: 'register',
    summary: 'Statements on makers, also withdrawn ones',
    config: { roles: READERS, reads: 'statements.read' },
    query: {
      jurisdictionId: repeatable(Id),
      deviceId: repeatable(Id),
      maker: repeatable(someText(100)),
      standing: z.stringbool().optional().meta({ description: 'false: only those that were withdrawn' }),
      confirmed: z.stringbool().optional(),
    },
    response: StatementPage,
    rows: { file: 'statements', columns: STATEMENT_COLUMNS },
    page: (tx, { scope, question }, page) => statementPage(tx, scope, question, page),
  })
}

function getRoute(app: App, { database, knowledge, now }: Services): void {
  app.get(
    '/v1/statements/:id',
    {
      config: { roles: READERS, reads: 'statement.read', readsOf: 'maker_statements' },
      schema: {
        operationId: 'getStatement',
        tags: ['register'],
        summary: 'One statement, what it does and how many devices carry it',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        querystring: z.strictObject({}),
        response: { 200: StatementEffect, ...problems('unauthenticated', 'not-found') },
      },
    },
    async (request, reply) => {
      const context = { knowledge: knowledge(), now: now() }
      const scope = readScope(request.principal)
      const statement = await database.acrossJurisdictions(scope, (tx) =>
        findStatement(tx, request.params.id, context),
      )
      return tagged(reply as unknown as FastifyReply, statement)
    },
  )
}

/** Answers with the statement as it then is. */
const done = (statement: StatementEffect) => ({
  status: 200,
  etag: etagOf(statement.version),
  body: statement,
})

function confirmRoute(app: App, services: Services): void {
  app.post(
    '/v1/statements/:id/confirmation',
    {
      config: { roles: EDITORS },
      schema: {
        operationId: 'confirmStatement',
        tags: ['register'],
        summary: 'Confirm, as a second person, what somebody states on a maker',
        description:
          'By another key with another label and with another name; letter case and signs that nobody sees make no other. Keys that come from one key of the city, however many lie between, are one person’s.',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        body: Confirmation,
        response: {
          200: StatementEffect,
          ...problems(
            ...FAILURES,
            'precondition-failed',
            'statement-withdrawn',
            'statement-fell',
            'second-person-needed',
          ),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const jurisdictionId = await ownerOf(services, request.principal, makerStatements, id, 'statement')
      const related = await relatedKeys(services.database, request.principal.keyId)
      return answerOnce(services, request, reply, jurisdictionId, async (work) =>
        done(
          await confirmStatement(
            { ...work, knowledge: services.knowledge() },
            id,
            request.body,
            request.headers['if-match'],
            related,
          ),
        ),
      )
    },
  )
}

function withdrawRoute(app: App, services: Services): void {
  app.post(
    '/v1/statements/:id/withdrawal',
    {
      config: { roles: EDITORS },
      schema: {
        operationId: 'withdrawStatement',
        tags: ['register'],
        summary: 'Withdraw a statement; it stays on record and no longer counts',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        body: Withdrawal,
        response: {
          200: StatementEffect,
          ...problems(...FAILURES, 'precondition-failed', 'statement-withdrawn'),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const jurisdictionId = await ownerOf(services, request.principal, makerStatements, id, 'statement')
      return answerOnce(services, request, reply, jurisdictionId, async (work) =>
        done(
          await withdrawStatement(
            { ...work, knowledge: services.knowledge() },
            id,
            request.body,
            request.headers['if-match'],
          ),
        ),
      )
    },
  )
}

function groupRoute(app: App, services: Services): void {
  app.post(
    '/v1/reviews/:id/statements',
    {
      config: { roles: EDITORS },
      schema: {
        operationId: 'stateOfReview',
        tags: ['register'],
        summary: 'State who made all devices of a group of reviews, or that it cannot be found out',
        description:
          'Devices with the same name and model get one statement, which holds for later ones too. Where only a fact is missing (`by: fact`) each device of the group gets its own, at most 5,000 at once. Taken back by `POST /v1/statements/withdrawals`.',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        body: GroupStatement,
        response: { 201: StatementsMade, ...problems(...FAILURES) },
      },
    },
    async (request, reply) => {
      const jurisdictionId = writeJurisdiction(request.principal, request.body.jurisdictionId)
      return answerOnce(services, request, reply, jurisdictionId, async (work) => ({
        status: 201,
        body: await stateOfGroup(
          { ...work, knowledge: services.knowledge() },
          request.params.id,
          request.body,
        ),
      }))
    },
  )
}

function withdrawManyRoute(app: App, services: Services): void {
  app.post(
    '/v1/statements/withdrawals',
    {
      config: { roles: EDITORS },
      schema: {
        operationId: 'withdrawStatements',
        tags: ['register'],
        summary: 'Withdraw many statements at once, all or none',
        description: 'They stay on record and no longer count. Such as those of one group of reviews.',
        security: [{ apiKey: [] }],
        body: WithdrawMany,
        response: { 200: StatementsWithdrawn, ...problems(...FAILURES) },
      },
    },
    async (request, reply) => {
      const jurisdictionId = writeJurisdiction(request.principal, request.body.jurisdictionId)
      return answerOnce(services, request, reply, jurisdictionId, async (work) => ({
        status: 200,
        body: await withdrawStatements({ ...work, knowledge: services.knowledge() }, request.body),
      }))
    },
  )
}
