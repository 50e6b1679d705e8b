/** The capital page as one table of whole dollars. Pure. */
import type { PrintedGrids } from './grids.ts'
import { htmlTable } from './html.ts'
import { dollars } from './labels.ts'
import type { RoundedGrid } from './rounded.ts'

/** Expenditure and funding in the same columns, each with its sums. */
export function capitalTable(caption: string, { columns, expenditure, funding }: PrintedGrids): string {
  return htmlTable({
    caption,
    columns: ['', ...columns, 'Total'],
    parts: [partOf('Expenditure', expenditure), partOf('Funding', funding)],
  })
}

function partOf(title: string, { rows, total }: RoundedGrid) {
  return {
    title,
    rows: rows.map(({ label, dollars: amounts }) => [label, ...amounts.map(wholeDollars)]),
    foot: ['Total', ...total.map(wholeDollars)],
  }
}

/** Whole dollars; nothing is a dash. */
export function wholeDollars(whole: number): string {
  return whole === 0 ? '–' : dollars(whole * 100)
}
