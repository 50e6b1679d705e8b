/** The second step: what each column of the file is read as. */
import { EDITORS } from '../../../tenancy/auth.ts'
import type { Gets } from '../../answers.ts'
import { type Api, ApiRefusal } from '../../client.ts'
import type { FormState } from '../../form.ts'
import { wrongForm } from '../../form.ts'
import { GoTo, page } from '../../page.ts'
import { Form, Input, Select } from '../../parts/form.tsx'
import { count } from '../../parts/words.tsx'
import {
  assign,
  checkAddress,
  choicesOf,
  columnsAddress,
  jobAddress,
  objectOf,
  readingOf,
} from './choices.ts'
import { ColumnTable } from './column-table.tsx'
import { type Columns, type Sheet, sheetsOf } from './sheets.ts'
import { Steps } from './steps.tsx'
import { titleOf, WORTH } from './titles.ts'

interface Loaded {
  readonly upload: Gets['/v1/uploads/{id}']
  /** Null when it cannot be read as chosen. */
  readonly columns: Columns | null
  readonly sheets: readonly Sheet[]
  readonly refusal: string | null
  readonly choices: URLSearchParams
}

async function read(api: Api, id: string, choices: URLSearchParams) {
  try {
    const query = readingOf(choices)
    return { columns: await api.get('/v1/uploads/{id}/columns', { params: { id }, query }), refusal: null }
  } catch (error) {
    if (!(error instanceof ApiRefusal) || error.problem.status !== 422) throw error
    return { columns: null, refusal: error.message }
  }
}

const LABELS = {
  saveAs: 'Save these choices',
  source: 'Name of this list',
  blanks: 'Blank cells',
  atomic: 'Rows that cannot be read',
}

export const importColumnsPage = page<Loaded>({
  path: '/imports/new/:upload',
  roles: EDITORS,
  title: ({ upload }) => `Columns of ${upload.fileName ?? 'the file'}`,
  trail: () => [
    ['Imports', '/console/imports'],
    ['Import a spreadsheet', '/console/imports/new'],
  ],
  load: async (api, { params, query }) => {
    const id = params.upload ?? ''
    const upload = await api.get('/v1/uploads/{id}', { params: { id } })
    const choices = choicesOf(query)
    const { columns, refusal } = await read(api, id, choices)
    return { upload, columns, refusal, choices, sheets: columns === null ? [] : sheetsOf(columns) }
  },
  View: ({ data, form }) => {
    const { columns, refusal, sheets, choices } = data
    return (
      <>
        <Steps at="Columns" />
        {columns === null ? (
          <Unreadable refusal={refusal ?? ''} />
        ) : (
          <Found columns={columns} sheets={sheets} />
        )}
        <Form
          form={form}
          labels={{ ...LABELS, ...labelsOf(sheets) }}
          button={columns === null ? 'Read it again' : 'Check what would happen'}
          isWide
        >
          <Questions columns={columns} />
          <Saved columns={columns} upload={data.upload.id} choices={choices} />
          {sheets.map((sheet) => (
            <ColumnTable
              key={sheet.name ?? ''}
              sheet={sheet}
              form={form}
              custom={customIn(columns, sheets)}
            />
          ))}
          {columns === null ? null : <Taking form={form} choices={choices} />}
          {columns === null ? null : (
            <Input form={form} name="saveAs" label="Save these choices for the next file of this kind, as" />
          )}
          <Reading form={form} columns={columns} choices={choices} isOpen={columns === null} />
        </Form>
        <p class="row">
          <a class="button quiet" href="/console/imports/new">
            Choose another file
          </a>
        </p>
      </>
    )
  },
  submit: async (api, { params, query }, form) => {
    const id = params.upload ?? ''
    const before = choicesOf(query)
    const { columns } = await read(api, id, before)
    const reading = ['dateOrder', 'delimiter', 'header'] as const
    const wish = Object.fromEntries(reading.map((name) => [name, form.get(name) ?? '']))
    const isReadAnew = reading.some((name) => (form.get(name) ?? '') !== (before.get(name) ?? ''))
    // Read in another way, the columns are others: they are shown first.
    if (columns === null || isReadAnew)
      return new GoTo(columnsAddress(id, choicesOf(query, { ...wish, mapping: null })))
    const all = sheetsOf(columns).flatMap(({ columns: own }) => own)
    const { mapping, errors } = assign(all, (name) => form.get(name), objectOf(before.get('mapping')))
    if (Object.keys(errors).length > 0) return wrongForm(form, errors)
    const stated = Object.keys(mapping).length === 0 ? '' : JSON.stringify(mapping)
    const choices = choicesOf(query, {
      ...wish,
      mapping: stated,
      blanks: form.get('blanks') ?? '',
      atomic: form.get('atomic') ?? '',
      source: form.get('source')?.trim() ?? '',
    })
    const asked = await read(api, id, choices)
    if (asked.columns === null || asked.columns.questions.length > 0) return unsettled(form, asked.refusal)
    const saveAs = form.get('saveAs')?.trim() ?? ''
    if (saveAs !== '') await save(api, saveAs, choices, columns)
    return tryOut(api, id, choices)
  },
})

/** The city's own fields that a column may be read as. */
function customIn(columns: Columns | null, sheets: readonly Sheet[]): string[] {
  const read = sheets.flatMap((sheet) => sheet.columns.map(({ field }) => field ?? ''))
  const own = [...read, ...(columns?.unfilled ?? [])].filter((field) => field.startsWith('custom.'))
  return [...new Set(own)].toSorted()
}

/** For the next file with these headers. */
async function save(api: Api, name: string, choices: URLSearchParams, columns: Columns): Promise<void> {
  const headers = sheetsOf(columns).flatMap((sheet) => sheet.columns.map(({ header }) => header))
  const body = {
    name,
    source: choices.get('source'),
    mapping: { ...objectOf<string | number | null>(choices.get('mapping')) },
    values: { ...objectOf<Record<string, string>>(choices.get('values')) },
    dateOrder: choices.get('dateOrder') as 'mdy' | 'dmy' | null,
    headers: headers.filter((header) => header !== ''),
    ...(choices.has('jurisdictionId') ? { jurisdictionId: choices.get('jurisdictionId')! } : {}),
  }
  await api.send('POST /v1/import-mappings', { body })
}

interface SavedOf {
  readonly columns: Columns | null
  readonly upload: string
  readonly choices: URLSearchParams
}

/** What was saved for files like this one. */
function Saved({ columns, upload, choices }: SavedOf) {
  if (columns === null || columns.savedMappings.length === 0) return null
  return (
    <div class="notice">
      <p>Choices were saved for files with these columns:</p>
      <ul>
        {columns.savedMappings.map(({ id, name, mapping, values, dateOrder }) => (
          <li key={id}>
            <a
              href={columnsAddress(
                upload,
                choicesOf(choices, {
                  mapping: JSON.stringify(mapping),
                  values: values === null ? '' : JSON.stringify(values),
                  dateOrder: dateOrder ?? '',
                }),
              )}
            >
              Use “{name}”
            </a>
          </li>
        ))}
      </ul>
    </div>
  )
}

function unsettled(form: URLSearchParams, refusal: string | null): FormState {
  const detail = refusal ?? 'Some columns still have to be settled: see the questions below.'
  return { ...wrongForm(form, {}), problem: { status: 422, title: detail, detail, type: '' } }
}

/** Do everything and keep nothing. */
export async function tryOut(api: Api, uploadId: string, choices: URLSearchParams): Promise<GoTo> {
  const query = new URLSearchParams(choices)
  // What is wrong is to be seen, row by row; the choice between all and the good ones is made after that.
  query.delete('atomic')
  query.set('uploadId', uploadId)
  query.set('dryRun', 'true')
  const { body } = await api.send('POST /v1/imports', { query, headers: ASYNC, body: undefined })
  const on = checkAddress(uploadId, choices, body.id)
  return new GoTo(jobAddress(body.id, { on, back: columnsAddress(uploadId, choices) }))
}

export const ASYNC = { prefer: 'respond-async' }

function labelsOf(sheets: readonly Sheet[]): Record<string, string> {
  return Object.fromEntries(
    sheets.flatMap(({ columns }) =>
      columns.map(({ name, header, position }) => [name, header || `Column ${position + 1}`]),
    ),
  )
}

function Unreadable({ refusal }: { readonly refusal: string }) {
  return (
    <div class="notice" role="alert">
      <p>This file cannot be read as it is: {refusal}</p>
      <p>
        Change how it is read below, or open it in Excel, save it as “CSV UTF-8” or as .xlsx, and{' '}
        <a href="/console/imports/new">choose it again</a>.
      </p>
    </div>
  )
}

function Found({ columns, sheets }: { readonly columns: Columns; readonly sheets: readonly Sheet[] }) {
  const all = sheets.flatMap(({ columns: own }) => own)
  const those = (fate: string) => all.filter((one) => one.fate === fate)
  const logins = those('login')
  const unread = WORTH.filter(([field]) => columns.unfilled.some((one) => one === field))
  return (
    <>
      <p class="lead">
        {count(those('read').length, 'column')} understood, {those('left-out').length} not imported
        {logins.length === 0
          ? ''
          : `, ${logins.length} removed because ${logins.length === 1 ? 'it holds' : 'they hold'} logins`}
        . Look at the first cells of each and correct what is read wrongly.
      </p>
      {unread.length === 0 ? null : (
        <details>
          <summary>{count(unread.length, 'important fact')} that no column gives</summary>
          <ul>
            {unread.map(([field, why]) => (
              <li key={field}>
                <strong>{titleOf(field)}.</strong> {why}
              </li>
            ))}
          </ul>
          <p>You can import without them and add them later.</p>
        </details>
      )}
    </>
  )
}

function Questions({ columns }: { readonly columns: Columns | null }) {
  if (columns === null || columns.questions.length === 0) return null
  return (
    <div class="notice">
      <p>Before you can go on, choose in the table:</p>
      <ul>
        {columns.questions.map(({ code, message }) => (
          <li key={message}>{questionIn(code, message)}</li>
        ))}
      </ul>
    </div>
  )
}

/** The API speaks of a mapping, which here is a list to choose from. */
function questionIn(code: string, message: string): string {
  if (code === 'no-usable-column')
    return 'No column says which device a row is about. Choose the one that holds the asset tag, serial number, MAC address, maker or model.'
  return message
    .replace(/ Choose with a mapping, such as .*$/, ' Choose one of them.')
    .replace(/ Map \w+ by position\.$/, ' Choose one of them.')
    .replaceAll(/\b(?:be|fill) ([a-z][A-Za-z]+)\b/g, (_, field: string) => `be “${titleOf(field)}”`)
}

interface ChoicesOf {
  readonly form: FormState
  readonly choices: URLSearchParams
}

function Taking({ form, choices }: ChoicesOf) {
  return (
    <fieldset>
      <legend>How it is taken in</legend>
      <div class="columns">
        <Select
          form={form}
          name="atomic"
          label={LABELS.atomic}
          value={choices.get('atomic')}
          options={[
            ['', 'Take the good rows only'],
            ['true', 'Take all rows or nothing'],
          ]}
        />
        <Select
          form={form}
          name="blanks"
          label={LABELS.blanks}
          value={choices.get('blanks')}
          options={[
            ['', 'Keep what the register knows'],
            ['clear', 'Make it unknown in the register'],
          ]}
        />
        <Input form={form} name="source" label={LABELS.source} value={choices.get('source')} />
      </div>
    </fieldset>
  )
}

const DELIMITERS: readonly (readonly [string, string])[] = [
  ['', 'found out from the file'],
  ['comma', 'comma'],
  ['semicolon', 'semicolon'],
  ['tab', 'tab'],
  ['pipe', 'vertical bar'],
]

interface ReadingOf extends ChoicesOf {
  readonly columns: Columns | null
  readonly isOpen: boolean
}

function Reading({ form, columns, choices, isOpen }: ReadingOf) {
  const isText = columns === null || columns.format === 'csv'
  const isAssumed = columns?.dateOrderFrom === 'assumed'
  return (
    <details open={isOpen}>
      <summary>How the file is read</summary>
      {columns === null ? null : (
        <p>
          Read as {columns.format.toUpperCase()}
          {columns.headerRow > 1 ? `; the names of the columns are in row ${columns.headerRow}` : ''}. Dates
          such as 03/04/2024 are read as {columns.dateOrder === 'dmy' ? '3 April' : 'March 4'}
          {isAssumed ? ', as is usual in the United States, since nothing in the file settles it' : ''}.
        </p>
      )}
      <div class="columns">
        <Select
          form={form}
          name="dateOrder"
          label="Dates such as 03/04/2024"
          value={choices.get('dateOrder')}
          options={[
            ['', 'found out from the file'],
            ['mdy', 'March 4 (month first)'],
            ['dmy', '3 April (day first)'],
          ]}
        />
        {isText ? (
          <Select
            form={form}
            name="delimiter"
            label="Between cells"
            value={choices.get('delimiter')}
            options={DELIMITERS}
          />
        ) : null}
        <Select
          form={form}
          name="header"
          label="First row"
          value={choices.get('header')}
          options={[
            ['', 'names of the columns'],
            ['false', 'already a device'],
          ]}
        />
      </div>
    </details>
  )
}
