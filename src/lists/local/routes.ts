/** `/v1/local-laws`: rules that a city made for itself, or a state for its cities. */
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { localLaws } from '../../db/schema/index.ts'
import { send } from '../../http/idempotency.ts'
import { DomainError, problems, problemsOfChange } from '../../http/problems.ts'
import { Id, pageOf, repeatable, State } from '../../http/schemas.ts'
import type { App } from '../../http/services.ts'
import { OPERATOR_ID } from '../../lib/ids.ts'
import { type LocalLaw, regimeOfLaw } from '../../screening/local-law.ts'
import { rescreenOne } from '../../screening/rescreen.ts'
import type { Services } from '../../screening/services.ts'
import { KEY_MAKERS, READERS, writeJurisdiction } from '../../tenancy/auth.ts'
import { listInScope } from '../../tenancy/list-in-scope.ts'
import { ownerOf, readRow } from '../../tenancy/stored-rows.ts'
import { created, doOnce, inWork, tagged } from '../../tenancy/work.ts'
import { jurisdictionNames } from '../cities.ts'
import { previewLocal } from '../preview.ts'
import {
  assertEnd,
  checkLaw,
  citiesOfState,
  layDown,
  localLawPage,
  supposedLaw,
  todayOf,
  toLocalLaw,
  withdraw,
} from './laws.ts'
import { DryRun, LocalLawPreview, LocalLawShape, LocalLawWrite, Withdrawal } from './schemas.ts'

/** Who may lay down the law of a place: the operator anywhere, the admin of a city there. */
const LAW_MAKERS = KEY_MAKERS

const CREATE = `
A council ban, a procurement policy, a law of a state: who is named (\`makers\`, and how far that reaches), what its rules make of which activity, from which day, where it is written. Conditions are those of the rules of \`GET /v1/regimes/{id}\`; every mistake is named with its place.

It is judged beside all other law and can only restrict: whatever it says, no other law is answered otherwise by it. With \`dryRun=true\` nothing is written and the answer says whom it would flag.

It counts at once for the devices of the city (or of the cities of \`state\`): answers, lists, filters (\`regime=\`), totals, exports, plans, scenarios, and \`POST /v1/screen\` with a key of the city. No other city sees it; the law of a state is seen by all. It is never deleted: \`POST /v1/local-laws/{id}/withdrawal\` ends it.
`.trim()

export function localLawRoutes(app: App, services: Services): void {
  listInScope(app, services, {
    url: '/v1/local-laws',
    operationId: 'listLocalLaws',
    tag: 'local laws',
    summary: 'Laws of the cities this key may see, and of states, also those that have ended',
    config: { roles: READERS, reads: 'local-laws.read' },
    query: { jurisdictionId: repeatable(Id), state: repeatable(State) },
    response: pageOf('LocalLawPage', LocalLawShape),
    page: localLawPage,
  })
  createRoute(app, services)
  getRoute(app, services)
  withdrawRoute(app, services)
}

/** Whose law is written: the key's city, the one that an operator names, or (for a state) the operator's own rows. */
function ownerOfWrite(
  request: FastifyRequest,
  { jurisdictionId, state }: Pick<LocalLawWrite, 'jurisdictionId' | 'state'>,
): string {
  if (state === undefined) return writeJurisdiction(request.principal, jurisdictionId)
  const isAllowed = request.principal.role === 'admin' && jurisdictionId === undefined
  if (isAllowed) return OPERATOR_ID
  throw new DomainError('invalid-request', 'A law is that of a city or of a state.', {
    errors: [
      {
        pointer: '/state',
        code: 'not-allowed',
        message: 'is for an operator key, and goes without jurisdictionId',
      },
    ],
  })
}

function createRoute(app: App, services: Services): void {
  const { knowledge, now } = services
  app.post(
    '/v1/local-laws',
    {
      config: { roles: LAW_MAKERS, reads: 'preview.read', readsIf: 'dryRun' },
      schema: {
        operationId: 'createLocalLaw',
        tags: ['local laws'],
        summary: 'Lay down a law of a city or a state, or see first whom it would flag',
        description: CREATE,
        security: [{ apiKey: [] }],
        querystring: DryRun,
        body: LocalLawWrite,
        response: {
          200: LocalLawPreview.meta({ description: 'with `dryRun`: nothing was written' }),
          201: LocalLawShape,
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
      const owner = ownerOfWrite(request, request.body)
      const law = supposedLaw(checkLaw(request.body, knowledge()), now())
      const { state = null } = request.body
      if (request.query.dryRun)
        return previewed(services, { owner, state, regime: regimeOfLaw(law.id) }, (laws) => [...laws, law])
      const answer = await doOnce(services, request, owner, async (work) => {
        const row = toLocalLaw(await layDown(work, law, state))
        return created(`/v1/local-laws/${row.id}`, row)
      })
      await apply(services, owner)
      return send(reply, answer)
    },
  )
}

function getRoute(app: App, services: Services): void {
  app.get(
    '/v1/local-laws/:id',
    {
      config: { roles: READERS, reads: 'local-law.read', readsOf: 'local_laws' },
      schema: {
        operationId: 'getLocalLaw',
        tags: ['local laws'],
        summary: 'One law of a city or a state',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        querystring: z.strictObject({}),
        response: { 200: LocalLawShape, ...problems('unauthenticated', 'not-found') },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      return tagged(reply, toLocalLaw(await readRow(services, request.principal, localLaws, id, 'local law')))
    },
  )
}

function withdrawRoute(app: App, services: Services): void {
  app.post(
    '/v1/local-laws/:id/withdrawal',
    {
      config: { roles: LAW_MAKERS, reads: 'preview.read', readsIf: 'dryRun' },
      schema: {
        operationId: 'withdrawLocalLaw',
        tags: ['local laws'],
        summary: 'End a law of a city or a state, or see first whom that would clear',
        description:
          'It stays on record. Questions about days before the end (`asOf`), and about what was known before now (`knownAt`), are answered with it. `endsOn` on its first day undoes it.',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        querystring: DryRun,
        body: Withdrawal,
        response: {
          200: z.union([LocalLawPreview, LocalLawShape]),
          ...problemsOfChange('idempotency-key-reused'),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const owner = await ownerOf(services, request.principal, localLaws, id, 'local law')
      const { because, endsOn } = request.body
      if (request.query.dryRun) return previewWithdrawal(services, request, { id, owner, endsOn })
      const answer = await doOnce(services, request, owner, async (work) => {
        const terms = { because, endsOn: endsOn ?? (await todayOf(work)) }
        const body = toLocalLaw(await withdraw(work, id, terms, request.headers['if-match']))
        return { status: 200, body }
      })
      await apply(services, owner)
      return send(reply, answer)
    },
  )
}

async function previewWithdrawal(
  services: Services,
  request: FastifyRequest,
  { id, owner, endsOn }: { readonly id: string; readonly owner: string; readonly endsOn: string | undefined },
) {
  const row = await readRow(services, request.principal, localLaws, id, 'local law')
  const day = endsOn ?? (await inWork(services, request, owner, todayOf))
  assertEnd(row, day)
  const ended = (law: LocalLaw): LocalLaw =>
    law.id === id ? { ...law, withdrawnAt: services.now().toISOString(), endsOn: day } : law
  return previewed(services, { owner, state: row.state, regime: regimeOfLaw(id) }, (laws) => laws.map(ended))
}

interface Place {
  readonly owner: string
  readonly state: string | null
  readonly regime: string
}

async function previewed(
  { database, knowledge, now }: Services,
  { owner, state, regime }: Place,
  supposed: (laws: readonly LocalLaw[]) => readonly LocalLaw[],
) {
  const cities =
    state === null ? await jurisdictionNames(database, [owner]) : await citiesOfState(database, state)
  const terms = { now: now(), signal: new AbortController().signal }
  return {
    dryRun: true as const,
    regime,
    preview: await previewLocal(database, cities, knowledge(), supposed, terms),
  }
}

/** Longer than nearly every city takes; what is left of a larger one, the background pass does. */
const WAIT_MILLIS = 20_000

/** Lists, filters and totals of a city are right when its law is answered; cities of a state follow within moments. */
async function apply({ database, knowledge, now, trigger }: Services, owner: string): Promise<void> {
  if (owner !== OPERATOR_ID) {
    const signal = AbortSignal.timeout(WAIT_MILLIS)
    await rescreenOne(database, owner, knowledge(), now(), signal).catch(() => {})
  }
  trigger('rescreen')
}
