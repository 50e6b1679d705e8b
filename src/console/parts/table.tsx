/** Tables of rows. On a narrow screen each row becomes a card, so every cell carries the name of its column. */
import type { ComponentChildren } from 'preact'

export interface ColumnOf<Row> {
  readonly label: string
  readonly cell: (row: Row) => ComponentChildren
  /** Aligned to the right. */
  readonly isNumber?: boolean
  /** A link that sorts by it, and how the rows are sorted by it now. */
  readonly sort?: { readonly address: string; readonly now: 'ascending' | 'descending' | null }
}

interface TableOf<Row> {
  readonly caption: string
  readonly columns: readonly ColumnOf<Row>[]
  readonly rows: readonly Row[]
  readonly rowKey: (row: Row) => string
}

/** The first column names the row. */
export function Table<Row>({ caption, columns, rows, rowKey }: TableOf<Row>) {
  const id = `t-${caption
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 40)}`
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
    <section class="scroll" tabIndex={0} aria-labelledby={id}>
      <table>
        <caption id={id}>{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ label, isNumber, sort }) => (
              <th
                key={label}
                scope="col"
                class={isNumber ? 'number' : undefined}
                aria-sort={sort?.now ?? undefined}
              >
                {sort === undefined ? label : <Sorting label={label} {...sort} />}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)} id={`r-${rowKey(row)}`}>
              {columns.map(({ label, cell, isNumber }, at) =>
                at === 0 ? (
                  <th key={label} scope="row" data-label={label}>
                    {cell(row)}
                  </th>
                ) : (
                  <td key={label} data-label={label} class={isNumber ? 'number' : undefined}>
                    {cell(row)}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

function Sorting({ label, address, now }: NonNullable<ColumnOf<never>['sort']> & { readonly label: string }) {
  return (
    <a href={address}>
      {label}
      <span class="hidden">, sort {now === 'ascending' ? 'descending' : 'ascending'}</span>
      {now === null ? null : <span aria-hidden="true">{now === 'ascending' ? ' ▲' : ' ▼'}</span>}
    </a>
  )
}
