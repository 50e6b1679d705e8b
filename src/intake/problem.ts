/**
 * What stops a whole file. A bad cell is data on its row (`RowIssue`), never a throw.
 */

export const INTAKE_CODES = [
  'not-text',
  'not-a-table',
  'unknown-encoding',
  'empty-file',
  'no-header',
  'too-many-columns',
  'no-usable-column',
  'unknown-profile',
  'unknown-field',
  'unknown-column',
  'duplicate-column',
  'ambiguous-mapping',
  'ambiguous-dates',
  'no-sheet',
  'secret-column',
  'bad-default',
  'declined-format',
  'damaged-workbook',
  'workbook-limit',
  'cell-outside',
  'encrypted-workbook',
] as const
export type IntakeCode = (typeof INTAKE_CODES)[number]

/** One thing in the file that has to be corrected. */
export interface Place {
  /** Like a JSON Pointer: `/sheets/Cameras/XFD1`. */
  readonly pointer: string
  readonly message: string
}

/** The file cannot be read as it was sent. `message` is one sentence or two for the person who sent it. */
export class IntakeError extends Error {
  override readonly name = 'IntakeError'
  readonly code: IntakeCode
  /** Machine-readable particulars: candidates, column numbers, the headers that were found. */
  readonly details: Readonly<Record<string, unknown>>
  /** Where the file is wrong, when that can be told; the message says it in words. */
  readonly places: readonly Place[]

  constructor(
    code: IntakeCode,
    message: string,
    details: Readonly<Record<string, unknown>> = {},
    places: readonly Place[] = [],
  ) {
    super(message)
    this.name = 'IntakeError'
    this.code = code
    this.details = details
    this.places = places
  }
}
