/** What other cells of a row say about its device is kept in its notes, where a person and the screening see it. */
import { FIELDS } from './fields.ts'

const MOST = FIELDS.notes.maxLength
const BETWEEN = '\n'

/** The notes with the remarks that are not in them yet. Remarks come before what has to be cut: they are evidence. */
export function withRemarks(notes: string | null | undefined, remarks: readonly string[]): string | null {
  const missing = remarks.filter((remark) => notes == null || !notes.includes(remark))
  if (missing.length === 0) return notes ?? null
  const added = missing.join(BETWEEN).slice(0, MOST)
  if (notes == null || notes === '') return added
  const room = MOST - added.length - BETWEEN.length
  return room > 0 ? `${notes.slice(0, room)}${BETWEEN}${added}` : added
}
