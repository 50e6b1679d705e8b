/** Pieces of HTML. */
import { inLongDays } from '../../../lib/long-days.ts'

/** A text as it stands on the page, with its days written out. */ export function html(
  text: string,
): string {
  return inLongDays(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}

interface TablePart {
  /** Above its rows. */
  readonly title?: string
  readonly rows: readonly (readonly string[])[]
  /** Their sums. */
  readonly foot?: readonly string[]
}

/** A table of texts; the first column names the row, the others are amounts unless `isText`. */
export function htmlTable(table: {
  readonly caption: string
  readonly columns: readonly string[]
  readonly parts: readonly TablePart[]
  readonly isText?: boolean
}): string {
  const { caption, columns, parts, isText = false } = table
  const head = columns
    .map((column) => (column === '' ? '<td></td>' : `<th scope="col">${html(column)}</th>`))
    .join('')
  const bodies = parts.map(({ title, rows, foot }) => {
    const above =
      title === undefined
        ? ''
        : `<tr><th class="title" scope="rowgroup" colspan="${columns.length}">${html(title)}</th></tr>`
    const sums = foot === undefined ? '' : rowOf(foot, ' class="foot"')
    return `<tbody>${above}${rows.map((cells) => rowOf(cells)).join('')}${sums}</tbody>`
  })
  return `<div class="wide" role="region" aria-label="${html(caption)}" tabindex="0"><table${isText ? ' class="text"' : ''}><caption>${html(caption)}</caption><thead><tr>${head}</tr></thead>${bodies.join('')}</table></div>`
}

function rowOf([first = '', ...rest]: readonly string[], attributes = ''): string {
  return `<tr${attributes}><th scope="row">${html(first)}</th>${rest.map((cell) => `<td>${html(cell)}</td>`).join('')}</tr>`
}
