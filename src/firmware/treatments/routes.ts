/** Compensating controls and risk acceptances over HTTP. They are ended, never deleted. */

import { z } from 'zod'
import { riskTreatments } from '../../db/schema/index.ts'
import { changesOf } from '../../http/changes.ts'
import type { Column } from '../../http/exports.ts'
import { problems, problemsOfChange } from '../../http/problems.ts'
import { Day, Id, pageOf, repeatable } from '../../http/schemas.ts'
import type { App, HttpServices } from '../../http/services.ts'
import { EDITORS, READERS, writeJurisdiction } from '../../tenancy/auth.ts'
import { listInScope } from '../../tenancy/list-in-scope.ts'
import { ownerOf, readRow } from '../../tenancy/stored-rows.ts'
import { answerOnce, created, inWork, tagged } from '../../tenancy/work.ts'
import { TREATMENT_KINDS } from './in-force.ts'
import {
  addTreatment,
  changeTreatment,
  TreatmentChange,
  TreatmentShape,
  TreatmentWrite,
  toTreatment,
  treatmentPage,
} from './treatments.ts'

type PresentedTreatment = ReturnType<typeof toTreatment>
const COLUMNS: readonly Column<PresentedTreatment>[] = [
  ...(
    ['kind', 'title', 'owner', 'beginsOn', 'expiresOn', 'endedOn', 'verifiedOn', 'verifiedBy'] as const
  ).map((field) => ({ header: field, value: (one: PresentedTreatment) => one[field] })),
  { header: 'vulnerabilities', value: (one) => [one.vulnerabilities].flat().join(' ') },
  {
    header: 'evidence',
    value: (one) =>
      one.evidence.map(({ on, text, source }) => [on, text, source ?? ''].join(' ').trim()).join('; '),
  },
  { header: 'deviceIds', value: (one) => one.deviceIds.join(' ') },
  { header: 'siteIds', value: (one) => one.siteIds.join(' ') },
  { header: 'id', value: (one) => one.id },
  { header: 'jurisdictionId', value: (one) => one.jurisdictionId },
]

export function treatmentRoutes(app: App, services: HttpServices): void {
  listInScope(app, services, {
    url: '/v1/risk-treatments',
    operationId: 'listRiskTreatments',
    tag: 'firmware',
    summary: 'Compensating controls and risk acceptances; CSV or NDJSON by `Accept`',
    config: { roles: READERS, reads: 'risk-treatments.read' },
    query: {
      jurisdictionId: repeatable(Id),
      kind: repeatable(z.enum(TREATMENT_KINDS)),
      deviceId: repeatable(Id).meta({ description: 'named by the record itself' }),
      expiresBefore: Day.optional().meta({
        description: 'last day is before this one, and it was not ended',
      }),
    },
    response: pageOf('RiskTreatmentPage', TreatmentShape),
    rows: { file: 'risk-treatments', columns: COLUMNS },
    page: treatmentPage,
  })
  createRiskTreatmentRoute(app, services)
  getRiskTreatmentRoute(app, services)
  changeRiskTreatmentRoute(app, services)
}

function createRiskTreatmentRoute(app: App, services: HttpServices): void {
  app.post(
    '/v1/risk-treatments',
    {
      config: { roles: EDITORS },
      schema: {
        operationId: 'createRiskTreatment',
        tags: ['firmware'],
        summary: 'Record a compensating control or a risk acceptance, with owner, evidence and expiry',
        description:
          'It is shown beside the devices in /v1/patch-answers while it counts. It changes no level and no score: what the law says and what is open stay as they are.',
        security: [{ apiKey: [] }],
        body: TreatmentWrite,
        response: {
          201: TreatmentShape,
          ...problems(
            'unauthenticated',
            'forbidden',
            'malformed-body',
            'not-found',
            'idempotency-key-reused',
            'unsupported-media-type',
          ),
        },
      },
    },
    async (request, reply) => {
      const { jurisdictionId: asked, ...doc } = request.body
      const jurisdictionId = writeJurisdiction(request.principal, asked)
      return answerOnce(services, request, reply, jurisdictionId, async (work) => {
        const treatment = await addTreatment(work, doc)
        return created(`/v1/risk-treatments/${treatment.id}`, treatment)
      })
    },
  )
}

function getRiskTreatmentRoute(app: App, services: HttpServices): void {
  app.get(
    '/v1/risk-treatments/:id',
    {
      config: { roles: READERS, reads: 'risk-treatment.read', readsOf: 'risk_treatments' },
      schema: {
        operationId: 'getRiskTreatment',
        tags: ['firmware'],
        summary: 'One compensating control or risk acceptance; its changes are in the audit log',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        querystring: z.strictObject({}),
        response: { 200: TreatmentShape, ...problems('unauthenticated', 'not-found') },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      return tagged(
        reply,
        toTreatment(await readRow(services, request.principal, riskTreatments, id, 'treatment')),
      )
    },
  )
}

function changeRiskTreatmentRoute(app: App, services: HttpServices): void {
  app.patch(
    '/v1/risk-treatments/:id',
    {
      config: { roles: EDITORS },
      schema: {
        operationId: 'changeRiskTreatment',
        tags: ['firmware'],
        summary: 'Change a treatment: verify it, extend it, end it (`endedOn`)',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        body: TreatmentChange,
        response: {
          200: TreatmentShape,
          ...problemsOfChange(),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const changes = changesOf(request.body)
      const ifMatch = request.headers['if-match']
      const owner = await ownerOf(services, request.principal, riskTreatments, id, 'treatment')
      return tagged(
        reply,
        await inWork(services, request, owner, (work) => changeTreatment(work, id, changes, ifMatch)),
      )
    },
  )
}
