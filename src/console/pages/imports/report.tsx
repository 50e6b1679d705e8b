/** What an import did, or would do. */
import type { Gets } from '../../answers.ts'
import type { Names } from '../../names.ts'
import { Table } from '../../parts/table.tsx'
import { count, Known } from '../../parts/words.tsx'
import { titleOf } from './titles.ts'

interface MakersOf {
  readonly report: Report
  readonly names: Names
}

export type Report = Gets['/v1/imports/{id}']['report']

const IDENTIFIED: Readonly<Record<string, string>> = {
  resolved: 'the maker is known',
  ambiguous: 'open between several makers',
  unresolved: 'the maker is not known',
}

export function Counts({ report, isTrial }: { readonly report: Report; readonly isTrial: boolean }) {
  const { counts } = report
  const would = isTrial ? 'would be ' : ''
  const figures: readonly (readonly [number | undefined, string])[] = [
    [counts.rows, 'rows in the file'],
    [counts.created, `${would}new on the register`],
    [counts.updated, `${would}changed`],
    [counts.unchanged, 'as the register has them'],
    [counts.rejected, 'cannot be taken'],
    [counts.leftOut, 'rows that are no devices, such as headings and totals'],
    [counts.blank, 'blank rows'],
    [counts.vanished, 'in this list before, and not in this file; they stay on the register'],
    [counts.sitesCreated, `sites ${would}added`],
  ]
  return (
    <ul class="figures">
      {figures
        .filter(([number], at) => at < 2 || (number ?? 0) > 0)
        .map(([number, what]) => (
          <li key={what}>
            <span class="number">{(number ?? 0).toLocaleString('en-US')}</span> {what}
          </li>
        ))}
    </ul>
  )
}

export function Makers({ report: { makers, identification }, names }: MakersOf) {
  const nameOf = (id: string | null) => (id === null ? null : names.vendor(id))
  if (makers.length === 0) return null
  return (
    <>
      <h2>Who made them</h2>
      <p>
        {Object.entries(identification)
          .map(([status, devices]) => `${count(devices, 'device')}: ${IDENTIFIED[status] ?? status}`)
          .join('; ')}
        .
      </p>
      <Table
        caption={count(makers.length, 'maker or brand', 'makers and brands')}
        rows={makers}
        rowKey={({ maker, brand }) => `${maker}-${brand}`}
        columns={[
          { label: 'Maker', cell: ({ maker }) => <Known value={nameOf(maker)} /> },
          { label: 'Name on the device', cell: ({ brand }) => <Known value={nameOf(brand)} /> },
          { label: 'Devices', isNumber: true, cell: ({ devices }) => devices.toLocaleString('en-US') },
        ]}
      />
    </>
  )
}

export function Refused({ report }: { readonly report: Report }) {
  const { rejected, counts } = report
  if (rejected.length === 0) return null
  const shown = rejected.slice(0, 50)
  return (
    <>
      <h2>Rows that cannot be taken</h2>
      <Table
        caption={
          shown.length < counts.rejected
            ? `The first ${shown.length} of ${count(counts.rejected, 'row')}`
            : count(counts.rejected, 'row')
        }
        rows={shown}
        rowKey={({ row, sheet }) => `${sheet ?? ''}${row}`}
        columns={[
          { label: 'Row', cell: ({ row, sheet }) => (sheet ? `${sheet}, row ${row}` : `row ${row}`) },
          {
            label: 'What is wrong',
            cell: ({ errors }) => (
              <ul class="plain">
                {errors.map(({ column, value, message }) => (
                  <li key={`${column}${message}`}>
                    {column === null ? null : <bdi>{column}</bdi>}
                    {value === null ? null : (
                      <>
                        {' '}
                        “<bdi>{value}</bdi>”
                      </>
                    )}
                    {column === null ? '' : ': '}
                    {message}
                  </li>
                ))}
              </ul>
            ),
          },
        ]}
      />
    </>
  )
}

/** The API names its codes; here the words are chosen from a list. */
const inWords = (message: string, field: string | null) =>
  message.startsWith('Not one of ') && field !== null
    ? `This word is not known as ${titleOf(field)}, so it is left unknown.`
    : message

type Group = NonNullable<Report['warningGroups']>[number]

/** The same once for each column and value, those of most rows first. */
export function worst(report: Report): Group[] {
  return [...(report.warningGroups ?? [])].sort((a, b) => b.rows - a.rows)
}

export function Warnings({ report }: { readonly report: Report }) {
  const groups = worst(report)
  if (groups.length === 0) return null
  const shown = groups.slice(0, 100)
  return (
    <>
      <h2>What to look at</h2>
      <p>These rows are taken. A cell that could not be read is left unknown, never guessed.</p>
      <Table
        caption={count(groups.length, 'kind of doubt', 'kinds of doubt')}
        rows={shown}
        rowKey={({ column, value, code }) => `${column}-${value}-${code}`}
        columns={[
          {
            label: 'Column',
            cell: ({ column, field }) => column ?? (field === null ? 'the row' : titleOf(field)),
          },
          {
            label: 'Cell',
            cell: ({ value }) => (value === null ? <span class="unknown">several</span> : <bdi>{value}</bdi>),
          },
          { label: 'What it means', cell: ({ message, field }) => inWords(message, field) },
          {
            label: 'Rows',
            isNumber: true,
            cell: ({ rows, firstRow }) =>
              rows === 1 ? `row ${firstRow}` : `${rows.toLocaleString('en-US')}, first row ${firstRow}`,
          },
        ]}
      />
      {shown.length < groups.length ? <p>{groups.length - shown.length} more are not shown.</p> : null}
    </>
  )
}

export function OfTheFile({ report }: { readonly report: Report }) {
  const { fileWarnings = [], secretColumns, leftOut = [] } = report
  if (fileWarnings.length + secretColumns.length + leftOut.length === 0) return null
  return (
    <>
      <h2>About the file</h2>
      <ul>
        {secretColumns.length === 0 ? null : (
          <li>
            Removed, because {secretColumns.length === 1 ? 'it holds' : 'they hold'} logins:{' '}
            {secretColumns.join(', ')}. Nothing of {secretColumns.length === 1 ? 'it' : 'them'} was kept.
          </li>
        )}
        {fileWarnings.map(({ message, sheet }) => (
          <li key={message}>
            {sheet === null ? '' : `${sheet}: `}
            {message}
          </li>
        ))}
      </ul>
      {leftOut.length === 0 ? null : (
        <details>
          <summary>
            {count(leftOut.length, 'row')} that {leftOut.length === 1 ? 'is' : 'are'} no device
          </summary>
          <ul>
            {leftOut.slice(0, 50).map(({ row, text, sheet }) => (
              <li key={`${sheet}${row}`}>
                Row {row}: <bdi>{text}</bdi>
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  )
}
