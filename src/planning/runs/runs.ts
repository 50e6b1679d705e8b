/**
 * `/v1/plans/{id}/estimate` and `/schedule`: read, compute in a worker without a transaction, and keep the
 * result only if the plan is still what it was.
 */
import { Readable } from 'node:stream'
import { and, desc, eq, sql } from 'drizzle-orm'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Tx } from '../../db/database.ts'
import { planEstimates } from '../../db/schema/index.ts'
import { alreadyHas } from '../../http/etag.ts'
import { negotiate, sendText } from '../../http/exports.ts'
import { DomainError, notFound, problems, toDomainError, toProblem } from '../../http/problems.ts'
import { Id } from '../../http/schemas.ts'
import type { App } from '../../http/services.ts'
import { answerWithJob, contextOf, wantsJob } from '../../jobs/answer.ts'
import type { Operation, WorkContext } from '../../jobs/operation.ts'
import { Job } from '../../jobs/shapes.ts'
import { uuidv7 } from '../../lib/ids.ts'
import type { Knowledge } from '../../screening/knowledge.ts'
import type { Services } from '../../screening/services.ts'
import { type Actor, record } from '../../tenancy/audit.ts'
import { READERS, readScope } from '../../tenancy/auth.ts'
import {
  candidateUse,
  loadCandidates,
  type Offer,
  offerCode,
  offerPrice,
  refuseCandidate,
  screenToday,
} from '../candidates/candidates.ts'
import { defaultCosts, loadCity, PLANNERS, todayIn, toInvalidRequest } from '../context.ts'
import type { Mount } from '../costs/model/comparable.ts'
import { isStale, type Price } from '../costs/model/prices.ts'
import { loadQuotes, pricesOf } from '../costs/quotes.ts'
import {
  type CandidateUse,
  Estimate,
  type EstimateDocument,
  Schedule,
  type ScheduleDocument,
} from '../documents.ts'
import type { EstimateJob } from '../estimate/model/job.ts'
import type { DeviceGroup, Scope } from '../estimate/model/lines.ts'
import { commitmentsOfPlans, elsewhereOf } from '../funding/city-money.ts'
import type { Purchase } from '../funding/model/write-off.ts'
import { loadSources } from '../funding/sources.ts'
import { restrictionOf, riskPoints } from '../model/risk-points.ts'
import { countPlanDevices, findPlan, lockPlan, type PlanRow } from '../plans/plans.ts'
import { planOwner } from '../plans/routes.ts'
import type { SiteProgress } from '../schedule/model/job.ts'
import type { PlanSettings } from '../settings.ts'
import { type ComputeOptions, type ComputeTasks, compute, type ScheduleTask } from './pool.ts'

const SECONDS_MOST = 300

/** Everything an estimate follows from. Throws `not-found`, `candidate-refused`, `invalid-request`. */
async function loadEstimateJob(tx: Tx, plan: PlanRow, knowledge: Knowledge, now: Date): Promise<EstimateJob> {
  const { jurisdictionId } = plan
  const city = await loadCity(tx, jurisdictionId)
  const today = todayIn(city, now)
  const prices = new Map<string, Price>(pricesOf(await loadQuotes(tx, jurisdictionId), today))
  const use = await candidateUse(tx, jurisdictionId, plan.id)
  const candidates = new Map<string, { code: string | null; isRestricted: boolean | null }>()
  const told: CandidateUse[] = []
  for (const row of await loadCandidates(tx, jurisdictionId, plan.id)) {
    const devices = use.get(row.id) ?? 0
    if (devices === 0) continue
    const offer = row.offer as Offer
    // Screened again: the law may have moved since it was named.
    const screening = screenToday(offer, city, knowledge, today)
    refuseCandidate(`${offer.manufacturer} ${offer.model}`, screening)
    const own = offerPrice(
      { id: row.id, offer },
      offer.price !== null && isStale(offer.price.quotedOn, today),
    )
    if (own) prices.set(own.code, own)
    candidates.set(row.id, {
      code: offerCode({ id: row.id, offer }),
      isRestricted: screening.mayBePaidFederally === null ? null : !screening.mayBePaidFederally,
    })
    told.push({
      id: row.id,
      manufacturer: offer.manufacturer,
      model: offer.model,
      verdict: screening.verdict,
      mayBePaidFederally: screening.mayBePaidFederally,
      devices,
    })
  }
  const groups = await loadGroups(tx, plan, candidates)
  const sites = await tx.execute<{ id: string; name: string }>(sql`
    select distinct s.id::text as id, s.name from plan_devices x
    join devices d on d.jurisdiction_id = x.jurisdiction_id and d.id = x.device_id
    join sites s on s.jurisdiction_id = d.jurisdiction_id and s.id = d.site_id
    where x.jurisdiction_id = ${jurisdictionId}::uuid and x.plan_id = ${plan.id}::uuid`)
  const planned = await countPlanDevices(tx, plan)
  const others = await tx.execute<{ name: string; devices: number }>(sql`
    select p.name, count(*)::int as devices from plan_devices x
    join plan_devices o on o.jurisdiction_id = x.jurisdiction_id and o.device_id = x.device_id
      and o.plan_id <> x.plan_id
    join plans p on p.jurisdiction_id = o.jurisdiction_id and p.id = o.plan_id
    join devices d on d.jurisdiction_id = x.jurisdiction_id and d.id = x.device_id
    where x.jurisdiction_id = ${jurisdictionId}::uuid and x.plan_id = ${plan.id}::uuid
      and p.status <> 'archived' and d.status <> 'decommissioned'
    group by p.id, p.name order by p.name`)
  return {
    id: uuidv7(now.getTime()),
    planId: plan.id,
    jurisdictionId,
    revision: plan.revision,
    createdAt: now.toISOString(),
    asOf: today,
    currency: city.currency,
    fiscalYearStartMonth: city.fiscalYearStartMonth,
    settings: plan.settings as PlanSettings,
    catalogueVersion: defaultCosts().version,
    knowledgeVersion: knowledge.version,
    groups,
    prices: [...prices.values()],
    candidates: told,
    siteNames: Object.fromEntries(sites.rows.map((site) => [site.id, site.name])),
    missingDevices: planned - groups.reduce((total, group) => total + group.count, 0),
    otherPlans: others.rows,
  }
}

/** Devices in service, told apart by what figures and reports read. */
async function loadGroups(
  tx: Tx,
  plan: PlanRow,
  candidates: ReadonlyMap<string, { code: string | null; isRestricted: boolean | null }>,
): Promise<DeviceGroup[]> {
  const { rows } = await tx.execute<{
    siteId: string | null
    department: string | null
    purpose: string | null
    deviceClass: string | null
    vendor: string
    profileId: string
    scope: Scope
    costCode: string | null
    mount: Mount
    candidateId: string | null
    count: number
  }>(sql`
    select d.site_id::text as "siteId", d.department, d.purpose, d.device_class as "deviceClass",
      coalesce(p.maker_id, d.manufacturer, 'unknown') as vendor, d.profile_id::text as "profileId",
      x.scope, x.cost_code as "costCode", x.mount, x.candidate_id::text as "candidateId", count(*)::int as count
    from plan_devices x
    join devices d on d.jurisdiction_id = x.jurisdiction_id and d.id = x.device_id
    join profiles p on p.jurisdiction_id = d.jurisdiction_id and p.id = d.profile_id
    where x.jurisdiction_id = ${plan.jurisdictionId}::uuid and x.plan_id = ${plan.id}::uuid
      and d.status <> 'decommissioned'
    group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 order by 1, 6, 2, 3, 4, 5, 7, 8, 9, 10`)
  const ids = [...new Set(rows.map((row) => row.profileId))]
  const profiles =
    ids.length === 0
      ? []
      : (
          await tx.execute<{
            id: string
            headline: Record<string, string>
            firmwareScore: number | null
          }>(sql`
            select id::text as id, headline, firmware_score as "firmwareScore" from profiles
            where jurisdiction_id = ${plan.jurisdictionId}::uuid and id = any (${sql.param(ids)}::uuid[])`)
        ).rows
  const ofProfile = new Map(
    profiles.map((profile) => [
      profile.id,
      { restriction: restrictionOf(profile.headline), points: riskPoints(profile) },
    ]),
  )
  return rows.map(({ profileId, candidateId, ...row }) => {
    const candidate = candidateId === null ? undefined : candidates.get(candidateId)
    const profile = ofProfile.get(profileId)!
    return {
      ...row,
      restriction: profile.restriction,
      riskPoints: profile.points,
      costCode: candidate?.code ?? row.costCode,
      isRestricted: candidate ? candidate.isRestricted : null,
    }
  })
}

/** Everything a schedule follows from. Throws `estimate-needed`, `currency-mismatch`. */
async function loadScheduleTask(
  tx: Tx,
  plan: PlanRow,
  estimateId: string | undefined,
  seconds: number,
  now: Date,
): Promise<ScheduleTask> {
  const { jurisdictionId } = plan
  const city = await loadCity(tx, jurisdictionId)
  const [estimated] = await tx
    .select({
      document: sql<string>`${planEstimates.document}::text`,
      lines: sql<string>`${planEstimates.lines}::text`,
    })
    .from(planEstimates)
    .where(
      and(
        eq(planEstimates.jurisdictionId, jurisdictionId),
        eq(planEstimates.planId, plan.id),
        eq(planEstimates.revision, plan.revision),
        ...(estimateId === undefined ? [] : [eq(planEstimates.id, estimateId)]),
      ),
    )
    .orderBy(desc(planEstimates.id))
    .limit(1)
  if (!estimated) {
    throw new DomainError(
      'estimate-needed',
      `Revision ${plan.revision} has no ${estimateId === undefined ? '' : 'such '}estimate; POST /v1/plans/${plan.id}/estimate first.`,
    )
  }
  const settings = plan.settings as PlanSettings
  const sources = await loadSources(tx, jurisdictionId, settings.fundingSources, city.currency)
  const purchases = await tx.execute<Purchase & Record<string, unknown>>(sql`
    select d.site_id::text as "siteId",
      case when d.currency = ${city.currency} then d.acquisition_cost_cents::float8 end as "unitCents",
      coalesce(d.installed_on, d.acquired_on)::text as "inServiceOn", count(*)::int as count
    from plan_devices x
    join devices d on d.jurisdiction_id = x.jurisdiction_id and d.id = x.device_id
    where x.jurisdiction_id = ${jurisdictionId}::uuid and x.plan_id = ${plan.id}::uuid and d.status <> 'decommissioned'
    group by 1, 2, 3 order by 1, 2, 3`)
  const startMonth = city.fiscalYearStartMonth
  const commitments = await commitmentsOfPlans(tx, jurisdictionId, startMonth)
  return {
    job: {
      id: uuidv7(now.getTime()),
      createdAt: now.toISOString(),
      asOf: todayIn(city, now),
      fiscalYearStartMonth: startMonth,
      sources,
      purchases: purchases.rows,
      commitments: commitments.get(plan.id) ?? [],
      elsewhere: await elsewhereOf(tx, plan, commitments),
      progress: await progressOf(tx, plan),
      seconds,
    },
    estimate: estimated.document,
    lines: estimated.lines,
  }
}

/** Who waits for an answer, and is told how far it is. */
type Waiting = Pick<Partial<WorkContext>, 'onProgress'> & Pick<WorkContext, 'signal'>

interface Run {
  readonly id: string
  readonly status: 200 | 201
  readonly text: string
}

/** Where the work stands, for whoever waits. */
const computing = ({ signal, onProgress }: WorkContext): ComputeOptions => ({
  signal,
  onProgress: (done) => onProgress({ done, total: 1, phase: 'the figures are computed' }),
})

interface EstimateAsked {
  readonly planId: string
}

async function estimate(services: Services, { planId }: EstimateAsked, context: WorkContext): Promise<Run> {
  const { database, knowledge } = services
  const { now, actor } = context
  const jurisdictionId = await planOwner(services, context.principal, planId)
  const job = await database.acrossJurisdictions(
    [jurisdictionId],
    async (tx) => loadEstimateJob(tx, await findPlan(tx, planId), knowledge(), now),
    { lane: 'batches' },
  )
  const { document, lines } = await computed('estimate', job, computing(context))
  return database.inJurisdiction(jurisdictionId, (tx) =>
    keptOnce(tx, context, jurisdictionId, estimateAddress(planId), async () => {
      await assertUnchanged(tx, jurisdictionId, planId, job.revision)
      const digest = (JSON.parse(document) as EstimateDocument).inputsDigest
      const same = await sameEstimate(tx, jurisdictionId, planId, job, digest)
      if (same) return { ...same, status: 200 }
      await tx.execute(sql`
        insert into plan_estimates (jurisdiction_id, plan_id, id, revision, inputs_digest, document, lines,
          created_at, created_by)
        values (${jurisdictionId}::uuid, ${planId}::uuid, ${job.id}::uuid, ${job.revision}, ${digest},
          ${document}::json, ${asJson(lines)}, ${job.createdAt}::timestamptz, ${actor.id})`)
      await recordRun(tx, jurisdictionId, actor, now, 'plan.estimate', planId, job.id, digest)
      return { id: job.id, status: 201, text: document }
    }),
  )
}

interface ScheduleAsked {
  readonly planId: string
  readonly estimateId?: string | undefined
  readonly seconds: number
}

async function schedule(services: Services, asked: ScheduleAsked, context: WorkContext): Promise<Run> {
  const { database } = services
  const { now, actor } = context
  const { planId } = asked
  const jurisdictionId = await planOwner(services, context.principal, planId)
  const { task, revision } = await database.acrossJurisdictions(
    [jurisdictionId],
    async (tx) => {
      const plan = await findPlan(tx, planId)
      return {
        task: await loadScheduleTask(tx, plan, asked.estimateId, asked.seconds, now),
        revision: plan.revision,
      }
    },
    { lane: 'batches' },
  )
  const { document, lines } = await computed('schedule', task, computing(context))
  const { job } = task
  return database.inJurisdiction(jurisdictionId, (tx) =>
    keptOnce(tx, context, jurisdictionId, scheduleAddress(planId), async () => {
      await assertUnchanged(tx, jurisdictionId, planId, revision)
      const { inputsDigest: digest, ...from } = JSON.parse(document) as ScheduleDocument
      await tx.execute(sql`
        insert into plan_schedules (jurisdiction_id, plan_id, id, revision, estimate_id, inputs_digest, document,
          lines, created_at, created_by)
        values (${jurisdictionId}::uuid, ${planId}::uuid, ${job.id}::uuid, ${revision}, ${from.estimateId}::uuid,
          ${digest}, ${document}::json, ${asJson(lines)}, ${job.createdAt}::timestamptz, ${actor.id})`)
      await recordRun(tx, jurisdictionId, actor, now, 'plan.schedule', planId, job.id, digest)
      return { id: job.id, status: 201, text: document }
    }),
  )
}

const estimateAddress = (planId: string) => `/v1/plans/${planId}/estimate?estimateId=`
const scheduleAddress = (planId: string) => `/v1/plans/${planId}/schedule?scheduleId=`

/** As a job: the document is read at its address. */
function operationOf<Asked extends { readonly planId: string }>(
  kind: string,
  input: z.ZodType<Asked>,
  address: (planId: string) => string,
  run: (asked: Asked, context: WorkContext) => Promise<Run>,
): Operation<Asked> {
  return {
    kind,
    input,
    run: async (asked, context) => {
      const { id, status } = await run(asked, context)
      return { status, location: `${address(asked.planId)}${id}`, body: null }
    },
  }
}

export function runRoutes(app: App, services: Services): void {
  const { database, now, jobs } = services
  const estimating = operationOf('estimate', z.object({ planId: Id }), estimateAddress, (asked, context) =>
    estimate(services, asked, context),
  )
  const scheduling = operationOf(
    'schedule',
    z.object({ planId: Id, estimateId: Id.optional(), seconds: z.number() }),
    scheduleAddress,
    (asked, context) => schedule(services, asked, context),
  )
  jobs.add(estimating)
  jobs.add(scheduling)

  app.post(
    '/v1/plans/:id/estimate',
    {
      config: { roles: PLANNERS },
      schema: {
        operationId: 'createEstimate',
        produces: ['application/json', 'application/x-ndjson'],
        tags: ['replacement'],
        summary: 'Estimate the plan as it is now; the result is kept for good',
        description:
          'Closed form and seeded simulation. Asked again without a change on the same day, it gives the same estimate. With `Accept: application/x-ndjson` the answer is lines: `{"progress": 0..1}` while it runs, then `{"result": ...}` or `{"problem": ...}`.',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        body: z.strictObject({}).nullish(),
        response: {
          200: Estimate.meta({ description: 'nothing had changed since this one' }),
          201: Estimate,
          202: Job,
          ...problems(
            'unauthenticated',
            'forbidden',
            'malformed-body',
            'not-found',
            'not-acceptable',
            'plan-changed',
            'candidate-refused',
            'idempotency-key-reused',
          ),
        },
      },
    },
    async (request, reply) => {
      const planId = request.params.id
      const asked = { planId }
      if (wantsJob(request)) return inJob(request, reply, estimating, asked)
      return answer(request, reply, estimateAddress(planId), (options) =>
        estimate(services, asked, contextOf(request, now(), options)),
      )
    },
  )

  app.get(
    '/v1/plans/:id/estimate',
    {
      config: { roles: READERS, reads: 'plan.estimate.read', readsOf: 'plans' },
      schema: {
        operationId: 'getEstimate',
        tags: ['replacement'],
        summary:
          'The latest estimate of a plan, or a certain one; `revision` beside the plan’s says if it is current',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        querystring: z.strictObject({ estimateId: Id.optional() }),
        response: {
          200: Estimate,
          304: z.null().meta({ description: 'not changed since the ETag in If-None-Match' }),
          ...problems('unauthenticated', 'not-found'),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const { estimateId } = request.query
      const { rows } = await database.acrossJurisdictions(readScope(request.principal), async (tx) => {
        await findPlan(tx, id)
        return tx.execute<{ id: string; document: string }>(sql`
          select id::text as id, document::text as document from plan_estimates
          where plan_id = ${id}::uuid and ${estimateId === undefined ? sql`true` : sql`id = ${estimateId}::uuid`}
          order by revision desc, id desc limit 1`)
      })
      return sendKept(request, reply, rows[0], 'estimate')
    },
  )

  app.post(
    '/v1/plans/:id/schedule',
    {
      config: { roles: PLANNERS },
      schema: {
        operationId: 'createSchedule',
        produces: ['application/json', 'application/x-ndjson'],
        tags: ['replacement'],
        summary:
          'Lay the sites over the fiscal years under caps, crews and deadlines; the result is kept for good',
        description:
          'Needs an estimate of the present revision. The best plan found within `seconds`, with its proof or its gap, beside the plan made by hand. Sites that do not fit come back with the reason in each year. `Accept: application/x-ndjson` as with the estimate.',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        body: z
          .strictObject({
            estimateId: Id.optional().meta({ description: 'default the latest of the present revision' }),
            seconds: z.number().min(0.1).max(SECONDS_MOST).default(20).meta({
              description: "limit of the solver's own time",
            }),
          })
          .nullish()
          .transform((body) => body ?? { seconds: 20 }),
        response: {
          201: Schedule,
          202: Job,
          ...problems(
            'unauthenticated',
            'forbidden',
            'malformed-body',
            'not-found',
            'not-acceptable',
            'plan-changed',
            'estimate-needed',
            'currency-mismatch',
            'idempotency-key-reused',
          ),
        },
      },
    },
    async (request, reply) => {
      const planId = request.params.id
      const asked = { planId, ...(request.body as Omit<ScheduleAsked, 'planId'>) }
      if (wantsJob(request)) return inJob(request, reply, scheduling, asked)
      return answer(request, reply, scheduleAddress(planId), (options) =>
        schedule(services, asked, contextOf(request, now(), options)),
      )
    },
  )

  app.get(
    '/v1/plans/:id/schedule',
    {
      config: { roles: READERS, reads: 'plan.schedule.read', readsOf: 'plans' },
      schema: {
        operationId: 'getSchedule',
        tags: ['replacement'],
        summary: 'The latest schedule of a plan, or a certain one',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        querystring: z.strictObject({ scheduleId: Id.optional() }),
        response: {
          200: Schedule,
          304: z.null().meta({ description: 'not changed since the ETag in If-None-Match' }),
          ...problems('unauthenticated', 'not-found'),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const { scheduleId } = request.query
      const { rows } = await database.acrossJurisdictions(readScope(request.principal), async (tx) => {
        await findPlan(tx, id)
        return tx.execute<{ id: string; document: string }>(sql`
          select id::text as id, document::text as document from plan_schedules
          where plan_id = ${id}::uuid and ${scheduleId === undefined ? sql`true` : sql`id = ${scheduleId}::uuid`}
          order by revision desc, id desc limit 1`)
      })
      return sendKept(request, reply, rows[0], 'schedule')
    },
  )

  async function inJob<Asked extends { readonly planId: string }>(
    request: FastifyRequest,
    reply: FastifyReply,
    operation: Operation<Asked>,
    input: Asked,
  ): Promise<FastifyReply> {
    const jurisdictionId = await planOwner(services, request.principal, input.planId)
    // A plan that is not there is no job.
    await database.acrossJurisdictions([jurisdictionId], (tx) => findPlan(tx, input.planId))
    return answerWithJob(services, request, reply, operation, { jurisdictionId, input })
  }

  /** Someone who has gone away waits for nothing: the computation ends with the connection. */
  async function answer(
    request: FastifyRequest,
    reply: FastifyReply,
    place: string,
    run: (options: Waiting) => Promise<Run>,
  ): Promise<FastifyReply> {
    const format = negotiate(request)
    const gone = new AbortController()
    const onClose = () => {
      if (!reply.raw.writableFinished) gone.abort(new Error('The caller has gone away.'))
    }
    reply.raw.on('close', onClose)
    if (format === 'json') {
      const result = await run({ signal: gone.signal })
      return reply
        .code(result.status)
        .header('location', `${place}${result.id}`)
        .type('application/json; charset=utf-8')
        .send(result.text)
    }
    const lines = new Readable({ read() {} })
    const running = run({
      signal: gone.signal,
      onProgress: ({ done }) => void lines.push(`${JSON.stringify({ progress: done })}\n`),
    })
    running
      .then((result) => lines.push(`{"result":${result.text}}\n`))
      .catch((error: unknown) => {
        const told = toDomainError(error)
        if (told.code === 'internal-error') request.log.error({ err: told.cause ?? error }, 'run failed')
        lines.push(`${JSON.stringify({ problem: toProblem(told, request.id) })}\n`)
      })
      .finally(() => lines.push(null))
    return reply.type('application/x-ndjson').send(lines)
  }
}

function asJson(bytes: Uint8Array<ArrayBuffer>) {
  return sql`convert_from(${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)}::bytea, 'UTF8')::json`
}

async function computed<K extends 'estimate' | 'schedule'>(
  kind: K,
  task: ComputeTasks[K],
  options: ComputeOptions,
) {
  try {
    return await compute(kind, task, options)
  } catch (error) {
    throw toInvalidRequest(error)
  }
}

/** For answers that are text, and that a repeated request is given again. */
async function keptOnce(
  tx: Tx,
  context: WorkContext,
  jurisdictionId: string,
  address: string,
  work: () => Promise<Run>,
): Promise<Run> {
  const { body, status } = await context.keep(tx, jurisdictionId, async () => {
    const run = await work()
    return { status: run.status, location: `${address}${run.id}`, body: run }
  })
  return { ...(body as Run), status: status as Run['status'] }
}

/** Throws `plan-changed`, `not-found`. */
async function assertUnchanged(tx: Tx, jurisdictionId: string, id: string, revision: number): Promise<void> {
  const plan = await lockPlan(tx, jurisdictionId, id)
  if (plan.revision === revision) return
  throw new DomainError(
    'plan-changed',
    `Revision ${revision} was computed and the plan is at ${plan.revision}; ask again.`,
  )
}

async function sameEstimate(
  tx: Tx,
  jurisdictionId: string,
  planId: string,
  job: EstimateJob,
  digest: string,
): Promise<{ id: string; text: string } | null> {
  const { rows } = await tx.execute<{ id: string; text: string }>(sql`
    select id::text as id, document::text as text from plan_estimates
    where jurisdiction_id = ${jurisdictionId}::uuid and plan_id = ${planId}::uuid and inputs_digest = ${digest}
      and revision = ${job.revision} and document->>'asOf' = ${job.asOf}
    order by revision desc, id desc limit 1`)
  return rows[0] ?? null
}

async function recordRun(
  tx: Tx,
  jurisdictionId: string,
  actor: Actor,
  now: Date,
  action: string,
  plan: string,
  id: string,
  inputsDigest: string,
): Promise<void> {
  await record(tx, jurisdictionId, actor, now, { action, target: id, detail: { plan, inputsDigest } })
}

function sendKept(
  request: FastifyRequest,
  reply: FastifyReply,
  kept: { readonly id: string; readonly document: string } | undefined,
  what: string,
): FastifyReply {
  if (!kept) throw notFound(what)
  const etag = `"${kept.id}"`
  reply.header('etag', etag)
  if (alreadyHas(request.headers['if-none-match'], etag)) return reply.code(304).send(null)
  return sendText(reply, kept.document)
}

/** Devices of a plan by site, whether or not they are still in service, and how many are recorded as done. */
async function progressOf(tx: Tx, plan: PlanRow): Promise<readonly SiteProgress[]> {
  const { rows } = await tx.execute<SiteProgress & Record<string, unknown>>(sql`
    select c.site_id::text as "siteId", c.done, c.last_on::text as "lastOn", (
      select count(*)::int from plan_devices x
      join devices d on d.jurisdiction_id = x.jurisdiction_id and d.id = x.device_id
      where x.jurisdiction_id = ${plan.jurisdictionId}::uuid and x.plan_id = ${plan.id}::uuid
        and d.site_id = c.site_id
    ) as devices
    from (
      select site_id, sum(devices_done)::int as done, max(occurred_on) as last_on from plan_actuals
      where jurisdiction_id = ${plan.jurisdictionId}::uuid and plan_id = ${plan.id}::uuid and kind = 'completion'
      group by site_id
    ) c order by 1`)
  return rows
}
