/** `/v1/regimes/{id}/statuses`: whether a body of law is in force, as operators confirm it. */
import { z } from 'zod'
import { send } from '../../http/idempotency.ts'
import { listRoute } from '../../http/list-route.ts'
import { notFound, problems } from '../../http/problems.ts'
import { pageOf, someText } from '../../http/schemas.ts'
import type { App } from '../../http/services.ts'
import { contextOf } from '../../jobs/answer.ts'
import { visibleCities } from '../../scenarios/whose.ts'
import type { Services } from '../../screening/services.ts'
import { actorOf } from '../../tenancy/audit.ts'
import { ADMINS, READERS } from '../../tenancy/auth.ts'
import { jurisdictionNames } from '../cities.ts'
import { preview } from '../preview.ts'
import { assertStatus, confirmStatus, periodsIn, statusPage, supposedStatus } from './confirm.ts'
import { ConfirmedStatus, StatusConfirmed, StatusWrite } from './schemas.ts'

const OfRegime = { id: someText(60).meta({ description: 'of `GET /v1/regimes`' }) }

const CONFIRM = `
For what lapses or was put off by its own terms: a stay, a rule that was to take effect, a bill. What was confirmed counts for its days and in every answer about them; from the first day of which the evidence says nothing, what was there before counts again, and \`unknown\` counts as in force. Nothing that was confirmed is changed or deleted: a later confirmation is laid over it.

With \`dryRun=true\` nothing is written, and the answer says whom it would flag and clear today.
`.trim()

export function statusRoutes(app: App, services: Services): void {
  const { database, knowledge } = services
  listRoute(app, {
    url: '/v1/regimes/:id/statuses',
    operationId: 'listRegimeStatuses',
    tag: 'law',
    summary: 'What operators confirmed about whether a body of law is in force, the latest first',
    config: { roles: READERS, reads: 'shared' },
    params: OfRegime,
    response: pageOf('RegimeStatusPage', ConfirmedStatus),
    problems: ['not-found'],
    page: ({ params }) => {
      if (!knowledge().reference.regimes.some(({ id }) => id === params.id)) throw notFound('regime')
      return (page) => database.acrossJurisdictions([], (tx) => statusPage(tx, params.id, page))
    },
  })
  confirmRoute(app, services)
}

function confirmRoute(app: App, services: Services): void {
  const { database, now, refreshKnowledge, trigger } = services
  app.post(
    '/v1/regimes/:id/statuses',
    {
      config: { roles: ADMINS, reads: 'preview.read', readsIf: 'dryRun' },
      schema: {
        operationId: 'confirmRegimeStatus',
        tags: ['law'],
        summary: 'Confirm whether a body of law is in force, for how long, and by what',
        description: CONFIRM,
        security: [{ apiKey: [] }],
        params: z.object(OfRegime),
        querystring: z.strictObject({
          dryRun: z
            .stringbool()
            .default(false)
            .meta({ description: 'write nothing; say whom it would flag' }),
        }),
        body: StatusWrite,
        response: {
          200: StatusConfirmed.meta({ description: 'nothing was written (`dryRun`)' }),
          201: StatusConfirmed,
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
      const { id } = request.params
      const { body: written } = request
      assertStatus(written)
      const instant = now()
      const context = contextOf(request, instant)
      if (request.query.dryRun) return send(reply, await previewed(services, id, written, context))
      const answer = await database.asOperator((tx) =>
        context.keep(tx, null, async () => {
          const confirmed = await confirmStatus(tx, id, written, { actor: actorOf(request), now: instant })
          return { status: 201, body: { ...confirmed, dryRun: false, preview: null } }
        }),
      )
      if ((await refreshKnowledge()) > 0) trigger('rescreen')
      return send(reply, answer)
    },
  )
}

async function previewed(
  { database, knowledge }: Services,
  id: string,
  written: StatusWrite,
  context: ReturnType<typeof contextOf>,
) {
  const { laid } = await database.asOperator((tx) => supposedStatus(tx, id, written, context.now))
  const cities = await jurisdictionNames(database, await visibleCities(database, context.principal, []))
  const { listings, regimes, rules } = laid
  const supposed = { listings, regimes, rules, makers: null }
  const found = await preview(database, cities, knowledge(), supposed, context)
  const body = {
    regime: id,
    dryRun: true,
    periods: periodsIn(laid, id),
    knowledgeVersion: null,
    preview: found,
  }
  return { status: 200, body }
}
