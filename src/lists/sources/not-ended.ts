/** A file of lines whose last line has no end was cut off, perhaps where a line ends. */
import type { EntryProblem } from '../model/entry.ts'

export const NOT_ENDED: EntryProblem = {
  place: 'the end of the file',
  message: 'has no line end, which the files of the authority have; the file may be cut off',
}

/** Files of the old kind of OFAC, and copies of others made by old programs, end with the mark of the end of a file. */
const END_OF_FILE = '\x1a'

/** Whether a file whose last character this is has its end. */
export const isEnd = (last: string): boolean => last === '\n' || last === END_OF_FILE

/** Where one file ended another may follow: the mark ends a line. */
export const endedLines = (text: string): string => text.replaceAll(END_OF_FILE, '\r\n')
