/** The columns of a sheet, each with what it is read as. */
import type { FormState } from '../../form.ts'
import { Table } from '../../parts/table.tsx'
import type { Sheet } from './sheets.ts'
import { choicesWith } from './titles.ts'

type Column = Sheet['columns'][number]

const HOW: Readonly<Record<string, string>> = {
  stated: 'chosen by you',
  profile: 'known kind of file',
  automatic: 'by its name and cells',
}

interface Shown {
  readonly sheet: Sheet
  readonly form: FormState
  /** The city's own fields. */
  readonly custom: readonly string[]
}

export function ColumnTable({ sheet, form, custom }: Shown) {
  const { name, why, columns } = sheet
  if (why !== null)
    return (
      <p>
        The sheet “{name}” is not imported. {why}
      </p>
    )
  return (
    <Table
      caption={name === null ? 'Columns of the file' : `Columns of the sheet “${name}”`}
      rows={columns}
      rowKey={({ name: key }) => key}
      columns={[
        {
          label: 'Column',
          cell: (column: Column) => (
            <span id={`l-${column.name}`}>
              {column.header === '' ? (
                <span class="unknown">without a name, number {column.position + 1}</span>
              ) : (
                <bdi>{column.header}</bdi>
              )}
            </span>
          ),
        },
        { label: 'First cells', cell: (column: Column) => <Samples column={column} /> },
        {
          label: 'Is read as',
          cell: (column: Column) => <ReadAs column={column} form={form} custom={custom} />,
        },
        { label: 'Could be read', cell: (column: Column) => <Share column={column} /> },
      ]}
    />
  )
}

function Samples({ column: { fate, samples } }: { readonly column: Column }) {
  if (fate === 'login') return <span class="unknown">not shown: it holds logins</span>
  if (samples.length === 0) return <span class="unknown">blank in the first rows</span>
  return (
    <ul class="plain">
      {samples.map((sample) => (
        <li key={sample}>
          <bdi>{sample}</bdi>
        </li>
      ))}
    </ul>
  )
}

function ReadAs({ column, form, custom }: Omit<Shown, 'sheet'> & { readonly column: Column }) {
  const { name, fate, field, how, why } = column
  if (fate === 'login') return <>Removed. Passwords and logins are never imported.</>
  const error = form.errors.get(name)
  const chosen = form.sent?.get(name) ?? field ?? ''
  const described = [...(error === undefined ? [] : [`e-${name}`]), `w-${name}`].join(' ')
  const note = field === null ? why : how === null ? null : HOW[how]
  return (
    <div class={error === undefined ? undefined : 'field bad'}>
      <select
        id={`f-${name}`}
        name={name}
        aria-labelledby={`l-${name}`}
        aria-describedby={described}
        aria-invalid={error === undefined ? undefined : 'true'}
      >
        <option value="" selected={chosen === ''}>
          Not imported
        </option>
        {choicesWith(custom).map(([group, options]) => (
          <optgroup key={group} label={group}>
            {options.map(([value, title]) => (
              <option key={value} value={value} selected={value === chosen}>
                {title}
              </option>
            ))}
          </optgroup>
        ))}
      </select>
      {error === undefined ? null : (
        <span class="error" id={`e-${name}`}>
          {error}
        </span>
      )}
      <span class="hint" id={`w-${name}`}>
        {' '}
        {note ?? ''}
      </span>
    </div>
  )
}

function Share({ column: { fate, filled, readable } }: { readonly column: Column }) {
  if (fate !== 'read' || readable === null) return <span class="unknown">not read</span>
  if (filled === 0) return <span class="unknown">no cells</span>
  if (readable === filled) return <>all {filled}</>
  return (
    <strong>
      {readable} of {filled}
    </strong>
  )
}
