/** The third step: what the import would do. Nothing is kept yet. */
import { EDITORS } from '../../../tenancy/auth.ts'
import type { Gets } from '../../answers.ts'
import { CHOICE_WORDS } from '../../choice-words.ts'
import { type FormState, wrongForm } from '../../form.ts'
import { GoTo, page } from '../../page.ts'
import { Form, Select } from '../../parts/form.tsx'
import { count } from '../../parts/words.tsx'
import { checkAddress, choicesOf, columnsAddress, jobAddress, objectOf } from './choices.ts'
import { ASYNC, tryOut } from './columns.tsx'
import { Counts, Makers, OfTheFile, Refused, type Report, Warnings, worst } from './report.tsx'
import { Steps } from './steps.tsx'
import { titleOf } from './titles.ts'

interface Loaded {
  readonly upload: Gets['/v1/uploads/{id}']
  readonly report: Report
  readonly choices: URLSearchParams
  readonly job: string
}

/** A word of the file that is none of a closed list, and what it may mean. */
interface Unread {
  readonly name: string
  readonly field: string
  readonly value: string
  readonly rows: number
}

export const importCheckPage = page<Loaded>({
  path: '/imports/new/:upload/check',
  roles: EDITORS,
  title: ({ upload }) => `Check ${upload.fileName ?? 'the file'}`,
  trail: ({ upload, choices }) => [
    ['Imports', '/console/imports'],
    ['Columns', columnsAddress(upload.id, choices)],
  ],
  load: async (api, { params, query }) => {
    const id = params.upload ?? ''
    const choices = choicesOf(query)
    const job = query.get('job') ?? ''
    if (job === '') return new GoTo(columnsAddress(id, choices))
    const upload = await api.get('/v1/uploads/{id}', { params: { id } })
    const { state, result, kind } = await api.get('/v1/jobs/{id}', { params: { id: job } })
    const body = result?.body as { readonly digest?: string; readonly report?: Report } | null | undefined
    if (
      state !== 'succeeded' ||
      kind !== 'import' ||
      body?.report === undefined ||
      body.digest !== upload.digest
    )
      return new GoTo(
        jobAddress(job, { on: checkAddress(id, choices, job), back: columnsAddress(id, choices) }),
      )
    return { upload, report: body.report, choices, job }
  },
  View: ({ data: { upload, report, choices }, form, asked }) => (
    <>
      <Steps at="Check" />
      <p class="lead">Nothing has been changed yet. This is what the import would do.</p>
      <Counts report={report} isTrial />
      <Decide report={report} choices={choices} upload={upload.id} form={form} />
      <Words report={report} form={form} />
      <Refused report={report} />
      <Warnings report={report} />
      <Makers report={report} names={asked.names} />
      <OfTheFile report={report} />
    </>
  ),
  submit: async (api, { params, query }, form) => {
    const id = params.upload ?? ''
    if (form.get('do') === 'words') return withWords(api, id, query, form)
    const choices = choicesOf(query, form.get('do') === 'good-rows' ? { atomic: null } : {})
    const asked = new URLSearchParams(choices)
    asked.set('uploadId', id)
    // Sent twice, it is done once.
    const headers = { ...ASYNC, 'idempotency-key': `console-${query.get('job') ?? ''}` }
    const { body } = await api.send('POST /v1/imports', { query: asked, headers, body: undefined })
    return new GoTo(jobAddress(body.id, { back: columnsAddress(id, choices) }))
  },
})

async function withWords(
  api: Parameters<typeof tryOut>[0],
  id: string,
  query: URLSearchParams,
  form: URLSearchParams,
): Promise<GoTo | FormState> {
  const values: Record<string, Record<string, string>> = {
    ...objectOf<Record<string, string>>(query.get('values')),
  }
  const words = form.getAll('word')
  const fields = form.getAll('field')
  let chosen = 0
  for (const [at, word] of words.entries()) {
    const field = fields[at] ?? ''
    const meaning = form.get(`word-${at}`) ?? ''
    if (meaning === '' || field === '') continue
    values[field] = { ...values[field], [word]: meaning }
    chosen++
  }
  if (chosen === 0) return wrongForm(form, { 'word-0': 'Choose what at least one word means.' })
  return tryOut(api, id, choicesOf(query, { values: JSON.stringify(values) }))
}

interface DecideOf {
  readonly report: Report
  readonly choices: URLSearchParams
  readonly upload: string
  readonly form: FormState
}

function Decide({ report, choices, upload, form }: DecideOf) {
  const { created, updated, rejected } = report.counts
  const taken = created + updated
  const isAll = choices.get('atomic') === 'true'
  const columns = (
    <p class="row">
      <a class="button quiet" href={columnsAddress(upload, choices)}>
        Back to the columns
      </a>
      <a class="button quiet" href="/console/imports/new">
        Choose another file
      </a>
    </p>
  )
  if (isAll && rejected > 0)
    return (
      <div class="notice">
        <p>
          You chose to take all rows or nothing. {count(rejected, 'row')} cannot be taken, so nothing would
          be. Correct the rows below in your spreadsheet and choose the file again, or:
        </p>
        <Form form={form} labels={{}} button={`Take the good rows and leave ${rejected} out`}>
          <input type="hidden" name="do" value="good-rows" />
        </Form>
        {columns}
      </div>
    )
  if (created + updated + report.counts.unchanged === 0)
    return (
      <div class="notice">
        <p>No row of this file can be taken as it is. Look below at what is wrong, or at the columns.</p>
        {columns}
      </div>
    )
  return (
    <>
      <Form
        form={form}
        labels={{}}
        button={taken === 0 ? 'Record that nothing changed' : `Import ${count(taken, 'device')}`}
      >
        <input type="hidden" name="do" value="import" />
        {rejected === 0 ? null : (
          <p>
            {count(rejected, 'row')} will be left out. You can download {rejected === 1 ? 'it' : 'them'}{' '}
            afterwards with what is wrong, correct and import again.
          </p>
        )}
      </Form>
      {columns}
    </>
  )
}

const optionsOf = (field: string): [string, string][] | null => {
  const words = (CHOICE_WORDS as Readonly<Record<string, Readonly<Record<string, string>> | undefined>>)[
    field
  ]
  return words === undefined ? null : [['', 'leave it unknown'], ...Object.entries(words)]
}

const MOST_WORDS = 12

function unreadWords(report: Report): Unread[] {
  return worst(report)
    .filter(({ field, value }) => field !== null && value !== null && optionsOf(field) !== null)
    .slice(0, MOST_WORDS)
    .map(({ field, value, rows }, at) => ({ name: `word-${at}`, field: field!, value: value!, rows }))
}

/** The city's own words, each for all rows that have it. */
function Words({ report, form }: { readonly report: Report; readonly form: FormState }) {
  const unread = unreadWords(report)
  if (unread.length === 0) return null
  const label = ({ field, value, rows }: Unread) => `“${value}” as ${titleOf(field)}, ${count(rows, 'row')}`
  return (
    <>
      <h2>Words that are not known here</h2>
      <p>Say what they mean, for all rows at once, and check again. What you leave stays unknown.</p>
      <Form
        form={form.errors.has('word-0') ? form : { ...form, problem: null }}
        labels={Object.fromEntries(unread.map((one) => [one.name, label(one)]))}
        button="Check again with these meanings"
      >
        <input type="hidden" name="do" value="words" />
        {unread.map((one) => (
          <div key={one.name}>
            <input type="hidden" name="word" value={one.value} />
            <input type="hidden" name="field" value={one.field} />
            <Select form={form} name={one.name} label={label(one)} options={optionsOf(one.field)!} />
          </div>
        ))}
      </Form>
    </>
  )
}
