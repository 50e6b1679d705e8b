/** Figures of several plans side by side, as they are sent. */
import { z } from 'zod'
import { csvLine } from '../../lib/csv.ts'
import { formatCents } from '../../lib/money.ts'
import type { ComparedRow, ComparedValue } from './model/compare.ts'

const Value = z.union([z.string(), z.number(), z.boolean(), z.null()])

export const ComparedRows = z.array(
  z.object({
    part: z.enum(['figure', 'setting', 'price', 'site']),
    name: z.string(),
    unit: z.enum(['cents', 'count', 'day', 'text']),
    values: z.array(Value).meta({ description: 'one for each version; null where it has none' }),
    isSame: z.boolean(),
  }),
)

/** Amounts in dollars. */
export function comparedCsv(labels: readonly string[], rows: readonly ComparedRow[]): string {
  const head = ['part', 'name', 'unit', ...labels]
  const cell = (unit: ComparedRow['unit'], value: ComparedValue) =>
    unit === 'cents' && typeof value === 'number' ? formatCents(BigInt(Math.round(value))) : value
  return [
    head,
    ...rows.map(({ part, name, unit, values }) => [
      part,
      name,
      unit === 'cents' ? 'dollars' : unit,
      ...values.map((value) => cell(unit, value)),
    ]),
  ]
    .map((cells) => csvLine(cells))
    .join('')
}
