/** `/v1/plans/{id}/approvals`: who approved which schedule, and when. */
import { z } from 'zod'
import { type Answer, send } from '../../http/idempotency.ts'
import { problems } from '../../http/problems.ts'
import { Id, pageOf } from '../../http/schemas.ts'
import type { App } from '../../http/services.ts'
import { READERS } from '../../tenancy/auth.ts'
import { listInScope } from '../../tenancy/list-in-scope.ts'
import { PLANNERS } from '../context.ts'
import { planOwner } from '../plans/plans.ts'
import { changeOnce, type PlanningServices } from '../work.ts'
import { approvalPage, approve, withdrawApproval } from './approvals.ts'
import { APPROVAL_COLUMNS, Approval, ApprovalWrite, WithdrawalWrite } from './schemas.ts'

const WRITE_PROBLEMS = [
  'unauthenticated',
  'forbidden',
  'malformed-body',
  'not-found',
  'idempotency-key-reused',
  'unsupported-media-type',
] as const

export function approvalRoutes(app: App, services: PlanningServices): void {
  listInScope(app, services, {
    url: '/v1/plans/:id/approvals',
    operationId: 'listPlanApprovals',
    tag: 'replacement',
    summary: 'Approvals of a plan in the order in which they were recorded, withdrawn ones too',
    config: { roles: READERS, reads: 'plan.approvals.read', readsOf: 'plans' },
    params: { id: Id },
    response: pageOf('PlanApprovalPage', Approval),
    problems: ['not-found'],
    rows: { file: 'approvals', columns: APPROVAL_COLUMNS },
    page: (tx, { params }, page) => approvalPage(tx, params.id, page),
  })
  approveRoute(app, services)
  withdrawRoute(app, services)
}

function approveRoute(app: App, services: PlanningServices): void {
  app.post(
    '/v1/plans/:id/approvals',
    {
      config: { roles: PLANNERS },
      schema: {
        operationId: 'approvePlan',
        tags: ['replacement'],
        summary: 'Record who approved a schedule: it is the baseline that later versions are compared with',
        description:
          'The plan can still be changed. Its comparison, the sheet Changes and the printed page then show what differs from what was approved, until another schedule is approved.',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        body: ApprovalWrite,
        response: { 201: Approval, ...problems(...WRITE_PROBLEMS, 'estimate-needed', 'schedule-needed') },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const jurisdictionId = await planOwner(services, request.principal, id)
      const answer = await changeOnce(
        services,
        request,
        jurisdictionId,
        async (work): Promise<Answer> => ({ status: 201, body: await approve(work, id, request.body) }),
      )
      return send(reply, answer)
    },
  )
}

function withdrawRoute(app: App, services: PlanningServices): void {
  app.post(
    '/v1/plans/:id/approvals/:approvalId/withdrawal',
    {
      config: { roles: PLANNERS },
      schema: {
        operationId: 'withdrawPlanApproval',
        tags: ['replacement'],
        summary: 'Withdraw an approval that was recorded by mistake; it stays on record with the reason',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id, approvalId: Id }),
        body: WithdrawalWrite,
        response: { 200: Approval, ...problems(...WRITE_PROBLEMS, 'approval-withdrawn') },
      },
    },
    async (request, reply) => {
      const { id, approvalId } = request.params
      const jurisdictionId = await planOwner(services, request.principal, id)
      const answer = await changeOnce(
        services,
        request,
        jurisdictionId,
        async (work): Promise<Answer> => ({
          status: 200,
          body: await withdrawApproval(work, id, approvalId, request.body.reason),
        }),
      )
      return send(reply, answer)
    },
  )
}
