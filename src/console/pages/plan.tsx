/** One plan: its steps, what it costs, when, who pays, and the papers for the council. */
import { PLANNERS } from '../../planning/context.ts'
import { READERS } from '../../tenancy/auth.ts'
import { type Api, ApiRefusal } from '../client.ts'
import { formOf } from '../form.ts'
import { AS_JOB, waitedFor } from '../jobs.ts'
import { every } from '../names.ts'
import { GoTo, page } from '../page.ts'
import { Form, Input } from '../parts/form.tsx'
import { Approval } from '../parts/plan-approval.tsx'
import { Charts, Estimate, Papers } from '../parts/plan-figures.tsx'
import { Schedule } from '../parts/plan-schedule.tsx'
import { Steps } from '../parts/plan-steps.tsx'
import { count } from '../parts/words.tsx'
import { type LoadedPlan, stateOf } from '../plan-state.ts'
import { mayPlan } from '../planners.ts'
import { PLAN_STATUS_WORDS } from '../words.ts'

/** Of the solver, in seconds; it ends sooner when the best plan is proven. */
const SOLVER_SECONDS = 10
/** The most that one request may name. */
const DEVICES_AT_ONCE = 10_000
const CHARTS = ['tornado', 'cost-curve', 'spend', 'burn-down'] as const

export const planPage = page({
  path: '/plans/:id',
  roles: READERS,
  submitRoles: PLANNERS,
  load: (api, { params }) => loadPlan(api, params.id ?? ''),
  title: ({ plan }) => plan.name,
  trail: () => [['Plans', '/console/plans']],
  submit: async (api, { params }, form) => {
    const id = params.id ?? ''
    const asked = { params: { id } }
    switch (form.get('do')) {
      case 'estimate': {
        const job = await api.send('POST /v1/plans/{id}/estimate', { ...asked, headers: AS_JOB, body: {} })
        return afterJob(api, id, job.body.id, 'plan-estimated')
      }
      case 'schedule': {
        const body = { seconds: SOLVER_SECONDS }
        const job = await api.send('POST /v1/plans/{id}/schedule', { ...asked, headers: AS_JOB, body })
        return afterJob(api, id, job.body.id, 'plan-scheduled')
      }
      case 'deadline': {
        const deadline = form.get('deadline')?.trim() || null
        await api.send('PATCH /v1/plans/{id}', {
          ...asked,
          headers: { 'if-match': form.get('etag') ?? '' },
          body: { settings: { deadline } },
        })
        return new GoTo(`/console/plans/${id}`, 'plan-changed')
      }
      case 'approve': {
        const typed = (name: string) => form.get(name)?.trim() ?? ''
        await api.send('POST /v1/plans/{id}/approvals', {
          ...asked,
          body: {
            approvedBy: typed('approvedBy'),
            approvedOn: typed('approvedOn'),
            reference: typed('reference') || null,
          },
        })
        return new GoTo(`/console/plans/${id}`, 'plan-approved')
      }
      case 'candidate':
        return buyInstead(api, id, form)
      default:
        return new GoTo(`/console/plans/${id}`)
    }
  },
  View: ({ data, form, asked: { who } }) => {
    const { plan, estimate, schedule } = data
    const state = stateOf(data)
    const mayChange = PLANNERS.some((role) => role === who.principal.role)
    return (
      <>
        <p class="lead">
          {count(plan.devices, 'device')} · {PLAN_STATUS_WORDS[plan.status]}
          {plan.projectNumber === null ? '' : ` · number ${plan.projectNumber}`}
        </p>
        {form.problem === null ? null : (
          <p class="wrong" role="alert">
            {form.problem.detail ?? form.problem.title}
          </p>
        )}
        <Steps data={data} state={state} mayChange={mayChange} mayPay={mayPlan(who.principal.role)} />
        {estimate === null ? null : (
          <Estimate estimate={estimate} plan={plan} state={state} mayQuote={mayPlan(who.principal.role)} />
        )}
        {schedule === null ? null : <Schedule schedule={schedule} state={state} />}
        {schedule === null ? null : (
          <Approval plan={plan} form={formOf(form, 'approve')} mayChange={mayChange} />
        )}
        {estimate === null ? null : <Charts plan={plan} charts={data.charts} />}
        {estimate === null ? null : <Papers plan={plan} state={state} />}
        {mayChange ? (
          <section class="no-print">
            <h2>Change the plan</h2>
            <p>
              <a href={`/console/plans/${plan.id}/what-if`}>What if something were different?</a> Tries other
              settings or more money beside this plan, and keeps nothing.
            </p>
            <Form
              form={formOf(form, 'deadline')}
              labels={{ deadline: 'Deadline' }}
              button="Save the deadline"
            >
              <input type="hidden" name="do" value="deadline" />
              <input type="hidden" name="etag" value={data.etag} />
              <Input
                form={formOf(form, 'deadline')}
                name="deadline"
                type="date"
                label="Deadline"
                hint="The last day on which the old devices may stand. Blank for none."
                value={plan.settings.deadline}
              />
            </Form>
          </section>
        ) : null}
      </>
    )
  },
})

/** Names what is bought instead of the cameras that the plan replaces; the plan gains no device by it. */
async function buyInstead(api: Api, id: string, form: URLSearchParams): Promise<GoTo> {
  const asked = { params: { id } }
  const { body: candidate } = await api.send('POST /v1/plans/{id}/candidates', {
    ...asked,
    body: {
      manufacturer: form.get('manufacturer')?.trim() ?? '',
      model: form.get('model')?.trim() ?? '',
    },
  })
  if (candidate.verdict === 'refused') return new GoTo(`/console/plans/${id}`, 'candidate-refused')
  // By id: a filter would bring every camera of the city into the plan.
  const planned = await every((query) => api.get('/v1/plans/{id}/devices', { ...asked, query }))
  const cameras = planned
    .filter(({ deviceClass }) => deviceClass === 'camera')
    .map(({ deviceId }) => deviceId)
  for (let from = 0; from < cameras.length; from += DEVICES_AT_ONCE)
    await api.send('POST /v1/plans/{id}/devices', {
      ...asked,
      body: { deviceIds: cameras.slice(from, from + DEVICES_AT_ONCE), candidateId: candidate.id },
    })
  return new GoTo(`/console/plans/${id}`, 'candidate-added')
}

async function loadPlan(api: Api, id: string): Promise<LoadedPlan> {
  const params = { id }
  const { body: plan, headers } = await api.read('/v1/plans/{id}', { params })
  const estimate = await orNull(api.get('/v1/plans/{id}/estimate', { params }))
  const schedule = await orNull(api.get('/v1/plans/{id}/schedule', { params }))
  const ofCity = { jurisdictionId: plan.jurisdictionId }
  const sources = await every((query) => api.get('/v1/funding-sources', { query: { ...query, ...ofCity } }))
  const prices = await api.get('/v1/cost-catalog', { query: ofCity })
  const { items: candidates } = await api.get('/v1/plans/{id}/candidates', { params })
  const drawn = estimate === null ? [] : CHARTS
  const charts = []
  for (const chart of drawn) {
    const table = await orNull(
      api.get('/v1/plans/{id}/charts/{chart}', { params: { id, chart: `${chart}.json` } }),
    )
    if (table !== null) charts.push({ name: chart, ...table })
  }
  return {
    plan,
    etag: String(headers.etag ?? ''),
    estimate,
    schedule,
    sources,
    prices: prices.items,
    candidates,
    charts,
  }
}

/** Null for what is not there yet. */
async function orNull<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof ApiRefusal && (error.problem.status === 404 || error.code === 'estimate-needed'))
      return null
    throw error
  }
}

async function afterJob(api: Api, id: string, jobId: string, done: string): Promise<GoTo> {
  const job = await waitedFor(api, jobId)
  if (job.finishedAt === null) return new GoTo(`/console/plans/${id}/working/${jobId}`)
  return new GoTo(`/console/plans/${id}`, done)
}

/** While figures of a plan are computed. */
export const planWorkingPage = page({
  path: '/plans/:id/working/:job',
  roles: READERS,
  title: 'Computing',
  load: async (api, { params }) => {
    const id = params.id ?? ''
    const job = await waitedFor(api, params.job ?? '')
    return job.finishedAt === null
      ? { id, job }
      : new GoTo(`/console/plans/${id}`, job.kind === 'schedule' ? 'plan-scheduled' : 'plan-estimated')
  },
  trail: ({ id }) => [
    ['Plans', '/console/plans'],
    ['Plan', `/console/plans/${id}`],
  ],
  View: ({ data: { id, job } }) => (
    <>
      <p class="lead" role="status">
        {job.state === 'queued' ? 'Waiting for its turn.' : `Under way: ${job.progress.phase}.`} You can leave
        this page; the result is kept.
      </p>
      <p>
        <a class="button" href={`/console/plans/${id}/working/${job.id}`}>
          Look again
        </a>
      </p>
    </>
  ),
})
