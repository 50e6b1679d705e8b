/** What people state on who made a device: confirmed by a second person, or taken back. */
import type { ComponentChildren } from 'preact'
import { EDITORS, READERS } from '../../tenancy/auth.ts'
import type { Gets } from '../answers.ts'
import { formOf } from '../form.ts'
import type { Names } from '../names.ts'
import { GoTo, page } from '../page.ts'
import { ChooseCity } from '../parts/choose-city.tsx'
import { Documents, keepDocument } from '../parts/documents.tsx'
import { Form, Input, TextArea } from '../parts/form.tsx'
import { Table } from '../parts/table.tsx'
import { count, Day, Moment } from '../parts/words.tsx'
import { cityNames } from '../places.ts'
import { BASIS_WORDS, EFFECT_WORDS } from '../review-words.ts'

type Listed = Gets['/v1/statements']['items'][number]
type Statement = Gets['/v1/statements/{id}']

const makerOf = ({ maker }: Pick<Listed, 'maker'>, names: Names) =>
  maker === null ? 'Cannot be found out' : names.vendor(maker)

function standing({ confirmed, withdrawn, maker }: Listed): string {
  if (withdrawn !== null) return `Taken back by ${withdrawn.by}`
  if (confirmed !== null) return `Confirmed by ${confirmed.by}`
  return maker === null ? 'Needs nobody else' : 'Not confirmed by a second person'
}

export const statementsPage = page({
  path: '/statements',
  roles: READERS,
  title: 'Statements on makers',
  trail: () => [['Review', '/console/review']],
  load: async (api, { query, who }) => {
    if (who.principal.jurisdictionId === null && !query.has('jurisdictionId'))
      return { cities: await cityNames(api), page: null }
    return { cities: null, page: await api.get('/v1/statements', { query }) }
  },
  View: ({ data: { cities, page }, asked: { names, query } }) => {
    if (page === null) return <ChooseCity cities={cities} address="/console/statements" />
    return (
      <>
        <p class="lead">What people have stated on who made a device. What they take back stays on record.</p>
        <p class="row no-print">
          <a href={`/console/statements?${narrowed(query, { confirmed: 'false', standing: 'true' })}`}>
            Not confirmed
          </a>
          <a href={`/console/statements?${narrowed(query, { standing: 'false' })}`}>Taken back</a>
          <a href={`/console/statements?${narrowed(query, {})}`}>All</a>
        </p>
        {page.items.length === 0 ? (
          <p class="empty">
            No such statement. One is made on the page <a href="/console/review">Review</a>, when no fact
            settles who made a device.
          </p>
        ) : (
          <Table
            caption="Statements, newest first"
            rows={page.items}
            rowKey={({ id }) => id}
            columns={[
              {
                label: 'Stated of',
                cell: (one: Listed) => <a href={`/console/statements/${one.id}`}>{subjectOf(one)}</a>,
              },
              { label: 'Made by', cell: (one) => makerOf(one, names) },
              { label: 'How they know', cell: ({ basis }) => BASIS_WORDS[basis] },
              { label: 'Stated by', cell: ({ statedBy }) => statedBy },
              { label: 'On', cell: ({ statedOn }) => <Day day={statedOn} /> },
              { label: 'State', cell: standing },
            ]}
          />
        )}
        {page.nextCursor === null ? null : (
          <p class="pager">
            <a href={`/console/statements?${narrowed(query, { cursor: page.nextCursor }, true)}`}>Older</a>
          </p>
        )}
      </>
    )
  },
})

/** Of the city that is shown, and of what is asked for where that is kept. */
function narrowed(query: URLSearchParams, more: Record<string, string>, keepsAll = false): URLSearchParams {
  const asked = new URLSearchParams(
    [...query].filter(([name]) => name === 'jurisdictionId' || (keepsAll && name !== 'cursor')),
  )
  for (const [name, value] of Object.entries(more)) asked.set(name, value)
  return asked
}

const subjectOf = ({ manufacturer, model, serialNumber, macAddress }: Listed) =>
  [manufacturer, model].filter(Boolean).join(' ') || serialNumber || macAddress || 'A device without a label'

interface Loaded {
  readonly statement: Statement
  readonly etag: string
  readonly documents: Gets['/v1/documents']['items']
  readonly mayChange: boolean
}

export const statementPage = page<Loaded>({
  path: '/statements/:id',
  roles: READERS,
  submitRoles: EDITORS,
  title: ({ statement }) => `Statement on ${subjectOf(statement)}`,
  trail: ({ statement: { jurisdictionId } }) => [
    ['Review', `/console/review?jurisdictionId=${jurisdictionId}`],
    ['Statements on makers', `/console/statements?jurisdictionId=${jurisdictionId}`],
  ],
  load: async (api, { params, who }) => {
    const { body: statement, headers } = await api.read('/v1/statements/{id}', { params })
    const { items: documents } = await api.get('/v1/documents', { query: { statement: statement.id } })
    return {
      statement,
      etag: String(headers.etag ?? ''),
      documents,
      mayChange: (EDITORS as readonly string[]).includes(who.principal.role),
    }
  },
  View: ({ data, form, asked: { names, who } }) => {
    const { statement, documents, mayChange } = data
    const isOpen = mayChange && statement.withdrawn === null
    const by = who.session.statedName
    return (
      <>
        <p class="lead">{EFFECT_WORDS[statement.effect]}</p>
        <p class="row no-print">
          <a class="button" href={`/console/review?jurisdictionId=${statement.jurisdictionId}`}>
            Go on with the queue
          </a>
          <a class="button quiet" href={`/console/devices/${statement.deviceId}`}>
            Look at the device
          </a>
        </p>
        <Said statement={statement} names={names} />
        {isOpen && statement.effect === 'needs-second-person' ? (
          <Confirm data={data} form={formOf(form, 'confirm')} by={by} />
        ) : null}
        {isOpen ? <Withdraw data={data} form={formOf(form, 'withdraw')} by={by} /> : null}
        <Documents
          documents={documents}
          such="a photo of the label, a letter of the maker, an invoice"
          form={isOpen ? formOf(form, 'document') : null}
        />
      </>
    )
  },
  submit: async (api, { params }, form) => {
    const address = `/console/statements/${encodeURIComponent(params.id ?? '')}`
    const headers = { 'if-match': form.get('etag') ?? '' }
    const by = form.get('by')?.trim() ?? ''
    if (form.get('do') === 'confirm') {
      await api.send('POST /v1/statements/{id}/confirmation', { params, body: { by }, headers })
      return new GoTo(address, 'statement-confirmed')
    }
    const body = { by, reason: form.get('reason')?.trim() ?? '' }
    await api.send('POST /v1/statements/{id}/withdrawal', { params, body, headers })
    return new GoTo(address, 'statement-withdrawn')
  },
  receive: async (api, { params }, form, file) => {
    form.set('do', 'document')
    const wrong = await keepDocument(api, { statement: params.id ?? '' }, form, file)
    return wrong ?? new GoTo(`/console/statements/${encodeURIComponent(params.id ?? '')}`, 'document-kept')
  },
})

function Said({ statement, names }: { readonly statement: Statement; readonly names: Names }) {
  const { basis, note, statedBy, keyLabel, statedOn, spokenFor, confirmed, withdrawn, devices, scope } =
    statement
  const rows: readonly (readonly [string, ComponentChildren])[] = [
    ['Made by', makerOf(statement, names)],
    ['How they know', BASIS_WORDS[basis]],
    ['Note', note ?? 'none'],
    ['Stated by', `${statedBy}, with the key “${keyLabel}”`],
    ['Seen on', <Day key="day" day={statedOn} />],
    [
      'Counts for',
      `${scope === 'model' ? 'all with this name and model' : 'this device'}: ${count(devices, 'device')} now`,
    ],
    [
      'Other signs pointed to',
      spokenFor.length === 0 ? 'nobody' : spokenFor.map((id) => names.vendor(id)).join(', '),
    ],
    ...(confirmed === null
      ? []
      : ([
          [
            'Confirmed by',
            <span key="c">
              {confirmed.by}, with the key “{confirmed.keyLabel}”, <Moment at={confirmed.at} />
            </span>,
          ],
        ] as const)),
    ...(withdrawn === null
      ? []
      : ([
          [
            'Taken back by',
            <span key="w">
              {withdrawn.by}, <Moment at={withdrawn.at} />: {withdrawn.reason}
            </span>,
          ],
        ] as const)),
  ]
  return (
    <dl class="facts">
      {rows.map(([term, value]) => (
        <div key={term}>
          <dt>{term}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

interface ActOf {
  readonly data: Loaded
  readonly form: ReturnType<typeof formOf>
  readonly by: string | null
}

function Confirm({ data: { etag }, form, by }: ActOf) {
  return (
    <>
      <h2>Confirm it as a second person</h2>
      <p>
        Look at the device and its documents yourself first. Whoever stated it cannot confirm it: it takes
        another person with a key of their own.
      </p>
      <Form form={form} labels={{ by: 'Your name' }} button="Confirm it">
        <input type="hidden" name="do" value="confirm" />
        <input type="hidden" name="etag" value={etag} />
        <Input form={form} name="by" label="Your name" autoComplete="name" value={by} />
      </Form>
    </>
  )
}

const LABELS = { by: 'Your name', reason: 'Why' }

function Withdraw({ data: { etag }, form, by }: ActOf) {
  return (
    <>
      <h2>Take it back</h2>
      <details class="no-print" open={form.sent !== null}>
        <summary>This statement is wrong</summary>
        <Form form={form} labels={LABELS} button="Take it back">
          <input type="hidden" name="do" value="withdraw" />
          <input type="hidden" name="etag" value={etag} />
          <Input form={form} name="by" label={LABELS.by} autoComplete="name" value={by} />
          <TextArea form={form} name="reason" label={LABELS.reason} />
        </Form>
      </details>
    </>
  )
}
