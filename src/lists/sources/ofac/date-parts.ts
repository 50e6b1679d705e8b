/** A day that is written as three elements. Pure. */
import { isPlainDate, type PlainDate } from '../../../lib/calendar.ts'
import { type Node, textIn } from '../records.ts'

export function dayOfParts(node: Node | undefined): PlainDate | null {
  const [year, month, day] = ['Year', 'Month', 'Day'].map((name) => textIn(node, name))
  const text = `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`
  return isPlainDate(text) ? text : null
}
