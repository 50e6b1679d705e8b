/** A file of lines whose last line has no end was cut off, perhaps where a line ends. */
import type { EntryProblem } from '../model/entry.ts'

export const NOT_ENDED: EntryProblem = {
  place: 'the end of the file',
  message: 'has no line end, which the files of the authority have; the file may be cut off',
}
