/** Which files are taken in. */
import type { App } from '../../http/services.ts'

/** Larger files are refused; a register of a million devices is about a quarter of this. */
export const IMPORT_LIMIT_BYTES = 1024 * 1024 * 1024

export const MEDIA_TYPES = [
  'text/csv',
  'application/csv',
  'text/plain',
  'text/tab-separated-values',
  'application/x-ndjson',
  'application/ndjson',
  'application/json',
  'application/geo+json',
  'application/yaml',
  'application/x-yaml',
  'text/yaml',
  'application/xml',
  'text/xml',
  'application/octet-stream',
  'application/vnd.ms-excel',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  'application/vnd.ms-excel.sheet.macroenabled.12',
]

/** Types of files that are taken in only to say what they are and how to save them as one that is read. */
const OTHER_FILES = [
  'application/vnd.oasis.opendocument.spreadsheet',
  'application/vnd.oasis.opendocument.spreadsheet-template',
  'application/x-vnd.oasis.opendocument.spreadsheet',
  'application/vnd.ms-excel.sheet.binary.macroenabled.12',
  'application/msexcel',
  'application/x-msexcel',
  'application/vnd.apple.numbers',
  'application/x-iwork-numbers-sffnumbers',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  'application/msword',
  'application/vnd.oasis.opendocument.text',
  'application/pdf',
  'application/rtf',
  'application/zip',
  'application/x-zip-compressed',
  'application/gzip',
]

/** In a scope of its own: a spreadsheet sent to any other address is no body there, but 415. */
export function takingFiles(app: App, routes: (scope: App) => void): void {
  app.register(async (scope) => {
    for (const type of [...MEDIA_TYPES, ...OTHER_FILES]) {
      // The file is read as it comes, also where the service parses bodies of that type elsewhere.
      if (scope.hasContentTypeParser(type)) scope.removeContentTypeParser(type)
      scope.addContentTypeParser(
        type,
        (_request: unknown, payload: unknown, done: (error: null, body: unknown) => void) =>
          done(null, payload),
      )
    }
    routes(scope as unknown as App)
  })
}
