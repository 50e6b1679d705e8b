/** What would come of a plan if something were different: nothing is kept until somebody makes a plan of it. */
import { PLANNERS } from '../../planning/context.ts'
import { type Api, ApiRefusal } from '../client.ts'
import { formOf, UNSENT } from '../form.ts'
import { centsOf, dollarsOf } from '../money.ts'
import { GoTo, page } from '../page.ts'
import { Form, Input } from '../parts/form.tsx'
import { Table } from '../parts/table.tsx'
import { inDayWords } from '../parts/words.tsx'

/** Of the solver, for each plan that is computed. */
const SECONDS = 5

type Settings = Record<string, string | number>

/** A field of the form: what it is called, and how it stands in the settings. */
const FIELDS = [
  ['confidence', 'Confidence, in 100', 'number'],
  ['crews', 'Install crews', 'number'],
  ['devicesPerCrewDay', 'Devices that a crew replaces in a day', 'number'],
  ['deadline', 'Deadline', 'date'],
  ['escalationPercent', 'Rise of prices in a year, percent', 'number'],
] as const
const VMS = [
  ['new-license', 'New licenses'],
  ['move-license', 'Licenses that are moved'],
  ['cloud', 'In the cloud'],
] as const
const MONEY = 'money'
const LABELS = {
  ...Object.fromEntries(FIELDS.map(([name, label]) => [name, label])),
  vms: 'Video management',
  [MONEY]: 'More local money, in dollars',
  name: 'Name',
}

function settingsOf(query: URLSearchParams): Settings {
  const settings: Settings = {}
  for (const [name, , type] of FIELDS) {
    const typed = query.get(name)?.trim() ?? ''
    if (typed !== '') settings[name] = type === 'number' ? Number(typed) : typed
  }
  const vms = query.get('vms') ?? ''
  if (vms !== '') settings.vms = vms
  return settings
}

/** What is typed in the form, in words; empty when nothing is. */
function wordsOf(query: URLSearchParams): string {
  const words = FIELDS.flatMap(([name, label]) => {
    const typed = query.get(name)?.trim() ?? ''
    return typed === '' ? [] : [`${label}: ${inDayWords(typed)}`]
  })
  const vms = VMS.find(([value]) => value === query.get('vms'))
  const money = query.get(MONEY)?.trim() ?? ''
  return [
    ...words,
    ...(vms ? [`Video management: ${vms[1]}`] : []),
    ...(money === '' ? [] : [`${money} more of local money`]),
  ].join('; ')
}

export const planWhatIfPage = page({
  path: '/plans/:id/what-if',
  roles: PLANNERS,
  submitRoles: PLANNERS,
  title: 'What if',
  load: async (api, { params, query }) => {
    const id = params.id ?? ''
    const plan = await api.get('/v1/plans/{id}', { params: { id } })
    const words = wordsOf(query)
    return { plan, query, words, ...(words === '' ? NOTHING_ASKED : await answerOf(api, id, query, words)) }
  },
  trail: ({ plan }) => [
    ['Plans', '/console/plans'],
    [plan.name, `/console/plans/${plan.id}`],
  ],
  submit: async (api, { params, query }, form) => {
    const { body } = await api.send('POST /v1/plans/{id}/copies', {
      params: { id: params.id ?? '' },
      body: { name: form.get('name')?.trim() ?? '', settings: settingsOf(query) },
    })
    return new GoTo(`/console/plans/${body.id}`, 'plan-copied')
  },
  View: ({ data: { plan, query, words, answer, refused }, form }) => (
    <>
      <p class="lead">
        The plan as it is now beside the same plan with what you change here. Nothing is kept, and no fund or
        price is changed.
      </p>
      {refused === null ? null : (
        <p class="wrong" role="alert">
          {refused}
        </p>
      )}
      <form method="get" class="form">
        {FIELDS.map(([name, label, type]) => (
          <Input
            key={name}
            form={UNSENT}
            name={name}
            label={label}
            type={type}
            step="any"
            value={query.get(name)}
          />
        ))}
        <div class="field">
          <label for="f-vms">Video management</label>
          <select id="f-vms" name="vms">
            <option value="">as it is</option>
            {VMS.map(([value, label]) => (
              <option key={value} value={value} selected={query.get('vms') === value}>
                {label}
              </option>
            ))}
          </select>
        </div>
        <Input
          form={UNSENT}
          name={MONEY}
          label={LABELS[MONEY]}
          hint="Money that may pay for anything, in any year. Blank for none."
          value={query.get(MONEY)}
        />
        <button type="submit">Compute it</button>
      </form>
      {answer === null ? null : (
        <section>
          <h2>Side by side</h2>
          <p>{words}.</p>
          <Table
            caption="Figures, and the sites, prices and settings that differ"
            rows={answer.rows}
            rowKey={({ part, name }) => `${part}-${name}`}
            columns={[
              { label: 'Figure', cell: ({ name }: Row) => name },
              { label: 'As it is', isNumber: true, cell: ({ unit, values }) => shown(unit, values[0]) },
              { label: 'Changed', isNumber: true, cell: ({ unit, values }) => shown(unit, values[1]) },
            ]}
          />
          {answer.versions.map(({ label, remedies }, i) =>
            remedies === null || remedies.enough.length === 0 ? null : (
              <div key={label} class="card">
                <p>
                  {i === 0
                    ? 'As it is, one of these alone would make it fit:'
                    : 'Changed so, one of these too:'}
                </p>
                <ul>
                  {remedies.enough.map(({ words: remedy }) => (
                    <li key={remedy}>{remedy}</li>
                  ))}
                </ul>
              </div>
            ),
          )}
          <h2>Keep it as a plan</h2>
          <Form form={formOf(form, '')} labels={LABELS} button="Make a draft of it">
            <Input
              form={formOf(form, '')}
              name="name"
              label="Name"
              hint="A copy of the plan with these settings. Money that is only supposed is not in it: add it as a fund, and choose that in the copy."
              value={`${plan.name}, changed`}
            />
          </Form>
        </section>
      )}
    </>
  ),
})

type Answer = Awaited<ReturnType<typeof ask>>
type Row = Answer['rows'][number]

const NOTHING_ASKED = { answer: null, refused: null }

async function ask(api: Api, id: string, query: URLSearchParams, label: string, cents: number | null) {
  const newFunds =
    cents === null
      ? []
      : [{ name: 'More local money', isFederal: false, totalCapCents: cents, priority: 900 }]
  const { body } = await api.send('POST /v1/plans/{id}/what-if', {
    params: { id },
    body: {
      seconds: SECONDS,
      cases: [{ label: label.slice(0, 100), settings: settingsOf(query), newFunds }],
    },
  })
  return body
}

async function answerOf(
  api: Api,
  id: string,
  query: URLSearchParams,
  words: string,
): Promise<{ readonly answer: Answer | null; readonly refused: string | null }> {
  const typed = query.get(MONEY)?.trim() ?? ''
  const cents = typed === '' ? null : centsOf(typed)
  if (typed !== '' && cents === null)
    return { answer: null, refused: 'More local money: must be an amount in dollars such as 45,000' }
  try {
    return { answer: await ask(api, id, query, words, cents), refused: null }
  } catch (error) {
    if (!(error instanceof ApiRefusal) || error.problem.status !== 400) throw error
    const { errors = [], detail, title } = error.problem
    const each = errors.map(({ pointer, message }) => {
      const field = pointer.split('/').at(-1) ?? ''
      return `${LABELS[field as keyof typeof LABELS] ?? field}: ${message}`
    })
    return { answer: null, refused: each.length === 0 ? (detail ?? title) : each.join('; ') }
  }
}

function shown(unit: string, value: string | number | boolean | null | undefined): string {
  if (value === null || value === undefined) return 'none'
  if (typeof value === 'boolean') return value ? 'Yes' : 'No'
  if (typeof value === 'string') return inDayWords(value)
  return unit === 'cents' ? dollarsOf(Math.round(value / 100) * 100) : value.toLocaleString('en-US')
}
