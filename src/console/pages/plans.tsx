/** Replacement plans of a city, and a new one. */

import { READERS } from '../../tenancy/auth.ts'
import type { Gets } from '../answers.ts'
import { wrongForm } from '../form.ts'
import { every } from '../names.ts'
import { GoTo, page } from '../page.ts'
import { Form, Input } from '../parts/form.tsx'
import { Table } from '../parts/table.tsx'
import { count, Moment, Outcome } from '../parts/words.tsx'
import { CITY_PLANNERS, mayPlan } from '../planners.ts'
import { PLAN_STATUS_WORDS } from '../words.ts'

type Listed = Gets['/v1/plans']['items'][number]

/** Answers that put a device into a plan about the law, as the guide for budget officers names them. */
const RESTRICTED = ['prohibited', 'license-required', 'unallowable', 'contract-bar', 'seller-bar'] as const
const ACTIVITIES = ['procure', 'use', 'federal-funding'] as const

export const plansPage = page({
  path: '/plans',
  roles: READERS,
  place: { group: 'Money', label: 'Plans' },
  title: 'Replacement plans',
  load: (api, { query }) => api.get('/v1/plans', { query }),
  View: ({ data: { items, nextCursor }, asked: { who } }) => (
    <>
      {items.length === 0 ? (
        <div class="empty">
          <p>
            No plan yet. A plan prices the devices that have to be replaced, says who pays, and spreads them
            over fiscal years.
          </p>
          {who.principal.role === 'city-viewer' ? (
            <p>A key for the budget or for changes can make one.</p>
          ) : null}
        </div>
      ) : (
        <Table
          caption={count(items.length, 'plan')}
          rows={items}
          rowKey={({ id }) => id}
          columns={[
            { label: 'Plan', cell: ({ id, name }: Listed) => <a href={`/console/plans/${id}`}>{name}</a> },
            { label: 'State', cell: ({ status }) => (status ? PLAN_STATUS_WORDS[status] : 'not known') },
            { label: 'Devices', isNumber: true, cell: ({ devices }) => devices?.toLocaleString('en-US') },
            { label: 'Number of the city', cell: ({ projectNumber }) => projectNumber ?? 'none' },
            {
              label: 'Last changed',
              cell: ({ updatedAt }) => (updatedAt ? <Moment at={updatedAt} /> : null),
            },
          ]}
        />
      )}
      {nextCursor === null ? null : (
        <p class="pager">
          <a href={`/console/plans?cursor=${encodeURIComponent(nextCursor)}`}>Next</a>
        </p>
      )}
      {mayPlan(who.principal.role) ? (
        <p>
          <a class="button" href="/console/plans/new">
            Make a plan
          </a>
        </p>
      ) : null}
    </>
  ),
})

const LABELS = {
  name: 'Name',
  deadline: 'Deadline',
  projectNumber: 'The city’s own number',
  outcomes: 'Which devices',
}

export const newPlanPage = page({
  path: '/plans/new',
  roles: CITY_PLANNERS,
  title: 'Make a plan',
  trail: () => [['Plans', '/console/plans']],
  load: async (api) => ({
    sources: await every((query) => api.get('/v1/funding-sources', { query })),
  }),
  submit: async (api, _asked, form) => {
    const text = (name: string) => form.get(name)?.trim() || null
    const chosen = form.getAll('outcome')
    const outcomes = RESTRICTED.filter((outcome) => chosen.includes(outcome))
    const isAll = form.get('which') === 'all'
    const wrong = {
      ...(text('name') === null ? { name: 'give it a name' } : {}),
      ...(!isAll && outcomes.length === 0
        ? { outcomes: 'choose one answer at least, or every device in service' }
        : {}),
    }
    if (Object.keys(wrong).length > 0) return wrongForm(form, wrong)
    const { body: plan } = await api.send('POST /v1/plans', {
      body: {
        name: text('name')!,
        projectNumber: text('projectNumber'),
        settings: { deadline: text('deadline') },
      },
    })
    await api.send('POST /v1/plans/{id}/devices', {
      params: { id: plan.id },
      body: { filter: isAll ? {} : { activity: [...ACTIVITIES], outcome: outcomes } },
    })
    return new GoTo(`/console/plans/${plan.id}`, 'plan-made')
  },
  View: ({ data: { sources }, form }) => {
    const isChosen = (outcome: string) =>
      form.sent === null ? true : form.sent.getAll('outcome').includes(outcome)
    const isAll = form.sent?.get('which') === 'all'
    const wrong = form.errors.get('outcomes')
    return (
      <>
        <p class="lead">
          A plan prices what has to be replaced and spreads it over fiscal years. Everything that you do not
          enter has a default, which you can see and change later.
        </p>
        <Form form={form} labels={LABELS} button="Make the plan">
          <Input
            form={form}
            name="name"
            label={LABELS.name}
            hint="As the council will know it."
            value="Camera replacement"
            required
          />
          <Input
            form={form}
            name="deadline"
            type="date"
            label={LABELS.deadline}
            hint="The last day on which the old devices may stand. Leave it blank when there is none."
          />
          <fieldset id="f-outcomes">
            <legend>{LABELS.outcomes}</legend>
            {wrong === undefined ? null : <p class="error">{wrong}</p>}
            <p>
              <label>
                <input type="radio" name="which" value="law" checked={!isAll} />
                Those that the law stands against when you buy, keep using, or pay with federal money:
              </label>
            </p>
            <ul class="choices">
              {RESTRICTED.map((outcome) => (
                <li key={outcome}>
                  <label>
                    <input type="checkbox" name="outcome" value={outcome} checked={isChosen(outcome)} />
                    <Outcome outcome={outcome} />
                  </label>
                </li>
              ))}
            </ul>
            <p>
              <label>
                <input type="radio" name="which" value="all" checked={isAll} />
                Every device in service
              </label>
            </p>
          </fieldset>
          <Input
            form={form}
            name="projectNumber"
            label={LABELS.projectNumber}
            hint="Of the project, if there is one."
          />
          <p class="hint">
            {sources.length === 0
              ? 'No funds are entered yet. You can enter them from the plan.'
              : `Who pays: ${sources.map(({ name }) => name).join(', ')}.`}
          </p>
        </Form>
      </>
    )
  },
})
