/** `/v1/imports`: a spreadsheet in, a report and the refused rows out. */

import { Readable } from 'node:stream'
import { z } from 'zod'
import type { Tx } from '../../db/database.ts'
import { eachInLane } from '../../db/lanes.ts'
import { imports } from '../../db/schema/index.ts'
import { sendAs } from '../../http/exports.ts'
import { type Answer, send } from '../../http/idempotency.ts'
import { DomainError, type FieldProblem, problems } from '../../http/problems.ts'
import { Id, pageOf, repeatable, someText } from '../../http/schemas.ts'
import type { App } from '../../http/services.ts'
import { openTable } from '../../intake/open-table.ts'
import { IntakeError } from '../../intake/problem.ts'
import { rejectsCsv } from '../../intake/rejects.ts'
import type { ReadOptions } from '../../intake/rows.ts'
import { loadProfiles } from '../../intake/shipped-profiles.ts'
import { answerWithJob, contextOf, wantsJob } from '../../jobs/answer.ts'
import type { Operation, WorkContext } from '../../jobs/operation.ts'
import { Job } from '../../jobs/shapes.ts'
import type { Knowledge } from '../../screening/knowledge.ts'
import type { Services } from '../../screening/services.ts'
import { EDITORS, READERS, readScope, writeJurisdiction } from '../../tenancy/auth.ts'
import { listInScope } from '../../tenancy/list-in-scope.ts'
import { readRow } from '../../tenancy/stored-rows.ts'
import { DryRun } from './dry-run.ts'
import { importPage } from './list.ts'
import { namesIn } from './names-in.ts'
import { rejectedRows } from './rejects.ts'
import type { ImportReport } from './report.ts'
import { type ImportResult, importTable, sealImport } from './run.ts'
import { Import, ListedImport, toImport, toListed } from './schemas.ts'
import { addUndoRoute } from './undo-route.ts'
import { importLocks, type RunImport } from './waiting.ts'

/** Larger files are refused; a register of a million devices is about a quarter of this. */
const IMPORT_LIMIT_BYTES = 1024 * 1024 * 1024

const MEDIA_TYPES = [
  'text/csv',
  'application/csv',
  'text/plain',
  'text/tab-separated-values',
  'application/x-ndjson',
  'application/ndjson',
  'application/json',
  'application/geo+json',
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

const json = <T extends z.ZodType>(shape: T, what: string) =>
  z
    .string()
    .max(20_000)
    .transform((text, context): z.output<T> => {
      let value: unknown
      try {
        value = JSON.parse(text)
      } catch {
        context.addIssue({ code: 'custom', message: `must be JSON: ${what}` })
        return z.NEVER
      }
      const result = shape.safeParse(value)
      if (result.success) return result.data
      context.addIssue({ code: 'custom', message: `must be ${what}` })
      return z.NEVER
    })

const ImportQuery = z.strictObject({
  jurisdictionId: Id.optional().meta({ description: 'operator keys only' }),
  format: z.enum(['csv', 'ndjson']).optional().meta({ description: 'found out when absent' }),
  dryRun: z.stringbool().default(false).meta({ description: 'do everything, report it, and keep nothing' }),
  atomic: z
    .stringbool()
    .default(false)
    .meta({ description: 'keep nothing when any row has an error; otherwise good rows are kept' }),
  source: someText(100).default('default').meta({
    description: 'name of the feed; devices of an earlier file of it that are not in this one have vanished',
  }),
  blanks: z
    .enum(['keep', 'clear'])
    .default('keep')
    .meta({ description: 'whether a blank cell keeps what is known or makes it unknown' }),
  profile: someText(100).optional().meta({ description: 'id of a known file layout, or `none`' }),
  mapping: json(
    z.record(z.string(), z.union([z.string(), z.int(), z.null()])),
    'an object of field to column header or position (from 0)',
  )
    .optional()
    .meta({ description: 'JSON object: device field to column header, or to its position from 0' }),
  defaults: json(z.record(z.string(), z.string()), 'an object of field to text')
    .optional()
    .meta({ description: 'JSON object: device field to the value of blank or absent cells' }),
  values: json(
    z.record(z.string(), z.record(z.string(), z.string())),
    "an object of field to an object of the file's words to values of the API",
  )
    .optional()
    .meta({
      description:
        'JSON object: what the file\'s own words mean, such as `{"fundingSource": {"CIP": "local"}}`; holds for all rows',
    }),
  sheet: repeatable(someText(200)).meta({
    description:
      'sheets of a workbook to read, hidden ones too; all visible ones that hold devices when absent',
  }),
  dateOrder: z
    .enum(['mdy', 'dmy'])
    .optional()
    .meta({ description: 'how 03/04/2024 is read; found out or mdy' }),
  delimiter: z.enum([',', ';', '\t', '|', 'comma', 'semicolon', 'tab', 'pipe']).optional(),
  encoding: someText(40).optional().meta({ description: 'found out when absent' }),
  header: z.stringbool().optional().meta({ description: 'false when the first row is data already' }),
  fileName: someText(255).optional(),
})

const DELIMITERS: Readonly<Record<string, ReadOptions['delimiter']>> = {
  ',': ',',
  ';': ';',
  '\t': '\t',
  '|': '|',
  comma: ',',
  semicolon: ';',
  tab: '\t',
  pipe: '|',
}

export function importRoutes(app: App, services: Services): void {
  // In a scope of its own: a spreadsheet sent to any other address is no body there, but 415.
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
    importRoutesIn(scope as unknown as App, services)
  })
}

interface Asked extends Omit<z.output<typeof ImportQuery>, 'jurisdictionId'> {
  readonly jurisdictionId: string
}

/** What a job was asked for, as it was checked before it was stored. */
const Stored = z.custom<Asked>((value) => typeof value === 'object' && value !== null)

/** Read a file into the register. */
async function readInto(
  tx: Tx,
  asked: Asked,
  context: WorkContext,
  known: { readonly profiles: ReturnType<typeof loadProfiles>; readonly knowledge: Knowledge },
): Promise<ImportResult> {
  const file = context.file!
  const { now, actor, signal, onProgress } = context
  const table = await openTable(file.path, {
    profiles: known.profiles,
    format: asked.format,
    encoding: asked.encoding,
    delimiter: asked.delimiter === undefined ? undefined : DELIMITERS[asked.delimiter],
    hasHeader: asked.header,
    profile: asked.profile === 'none' ? null : asked.profile,
    mapping: asked.mapping as ReadOptions['mapping'],
    defaults: asked.defaults as ReadOptions['defaults'],
    dateOrder: asked.dateOrder,
    sheets: asked.sheet,
    words: asked.values as ReadOptions['words'],
    namesIn: namesIn(known.knowledge),
  })
  const { jurisdictionId, source, blanks } = asked
  return importTable(tx, table, {
    jurisdictionId,
    source,
    fileName: asked.fileName ?? null,
    blanks,
    knowledge: known.knowledge,
    actor,
    now,
    signal,
    isLockTried: true,
    onProgress: (rows) =>
      onProgress({
        done: Math.round(table.share() * file.bytes),
        total: file.bytes,
        phase: `${rows} rows were read`,
      }),
  })
}

function importOperation({ knowledge }: Services, underImportLock: RunImport): Operation<Asked> {
  const profiles = loadProfiles()

  return {
    kind: 'import',
    input: Stored,
    run: async (asked, context) => {
      const { jurisdictionId } = asked
      const file = context.file!
      const describe = (result: ImportResult, id: string | null): Import => ({
        id,
        jurisdictionId,
        dryRun: asked.dryRun,
        source: asked.source,
        fileName: asked.fileName ?? null,
        digest: file.sha256,
        bytes: file.bytes,
        createdAt: context.now.toISOString(),
        createdBy: context.actor.id,
        undoneAt: null,
        undoneBy: null,
        undone: null,
        report: result.report as Import['report'],
      })
      const work = async (tx: Tx): Promise<Answer> => {
        const result = await readInto(tx, asked, context, { profiles, knowledge: knowledge() })
        if (asked.atomic && result.report.counts.rejected > 0) throw refused(result.report)
        if (asked.dryRun) throw new DryRun(result)
        await sealImport(tx, jurisdictionId, result, { digest: file.sha256, bytes: file.bytes })
        return {
          status: 201,
          location: `/v1/imports/${result.id}`,
          body: describe(result, result.id),
        }
      }
      try {
        return await underImportLock(
          jurisdictionId,
          (tx) => context.keep(tx, jurisdictionId, () => work(tx)),
          context,
        )
      } catch (error) {
        if (error instanceof DryRun)
          return { status: 200, body: describe(error.result as ImportResult, null) }
        throw asProblem(error)
      }
    },
  }
}

function importRoutesIn(app: App, services: Services): void {
  const { database, jobs } = services
  const underImportLock = importLocks(database)
  const operation = importOperation(services, underImportLock)
  jobs.add(operation)
  createImportRoute(app, services, operation)
  listInScope(app, services, {
    url: '/v1/imports',
    operationId: 'listImports',
    tag: 'imports',
    summary: 'Imports with their counts, newest first',
    config: { roles: READERS, reads: 'imports.read' },
    query: {
      jurisdictionId: repeatable(Id),
      source: someText(100).optional(),
      include: z
        .enum(['report', 'all'])
        .optional()
        .meta({ description: 'the whole report of each; its counts are always there' }),
    },
    response: pageOf('ImportPage', ListedImport),
    page: (tx, { scope, question: { source, include } }, page) =>
      importPage(tx, scope, { source, isWhole: include !== undefined }, page, toListed),
  })
  getImportRoute(app, services)
  getImportRejectsRoute(app, services)
  addUndoRoute(app, services, underImportLock)
}

function createImportRoute(app: App, services: Services, operation: Operation<Asked>): void {
  const { now, spool } = services
  app.post(
    '/v1/imports',
    {
      config: {
        roles: EDITORS,
        takesBody: true,
        // Its report names devices that are stored, and what is not kept has no entry.
        reads: 'import.try.read',
        readsOf: 'asked',
        readsIf: 'dryRun',
      },
      bodyLimit: IMPORT_LIMIT_BYTES,
      schema: {
        operationId: 'createImport',
        tags: ['imports'],
        summary:
          'Take a spreadsheet (CSV, XLSX) or an export (JSON, NDJSON, GeoJSON, nmap XML) into the register',
        description:
          'Columns are mapped by a known layout, by their headers, or as you assign them. The whole file is one transaction: after a crash none of it is there. Rows are recognized by asset tag, then serial number, MAC address and what they say. OpenDocument, Numbers and other documents are refused with 422, which says how to save them.',
        security: [{ apiKey: [] }],
        consumes: MEDIA_TYPES,
        querystring: ImportQuery,
        body: z.any().meta({ type: 'string', format: 'binary', description: 'the file' }),
        response: {
          200: Import.meta({ description: 'a dry run' }),
          201: Import,
          202: Job,
          ...problems(
            'unauthenticated',
            'forbidden',
            'not-found',
            'malformed-body',
            'body-too-slow',
            'payload-too-large',
            'unsupported-media-type',
            'unreadable-file',
            'import-refused',
            'idempotency-key-reused',
            'not-ready',
          ),
        },
      },
    },
    async (request, reply) => {
      const { query } = request
      const jurisdictionId = writeJurisdiction(request.principal, query.jurisdictionId)
      const input = {
        ...query,
        jurisdictionId,
        format: query.format ?? formatOf(request.headers['content-type']),
        encoding: query.encoding ?? charsetOf(request.headers['content-type']),
      }
      const file = await spool.take(request.body, { mostBytes: IMPORT_LIMIT_BYTES, owner: jurisdictionId })
      if (wantsJob(request)) {
        return answerWithJob(services, request, reply, operation, { jurisdictionId, input, file })
      }
      try {
        return send(reply, await operation.run(input, contextOf(request, now(), { file })))
      } finally {
        await file.remove()
      }
    },
  )
}

function getImportRoute(app: App, services: Services): void {
  app.get(
    '/v1/imports/:id',
    {
      config: { roles: READERS, reads: 'import.read', readsOf: 'imports' },
      schema: {
        operationId: 'getImport',
        tags: ['imports'],
        summary: 'One import and its report',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        querystring: z.strictObject({}),
        response: { 200: Import, ...problems('unauthenticated', 'not-found') },
      },
    },
    async (request) => {
      return toImport(await readRow(services, request.principal, imports, request.params.id, 'import'))
    },
  )
}

function getImportRejectsRoute(app: App, services: Services): void {
  const { database } = services
  app.get(
    '/v1/imports/:id/rejects',
    {
      config: { roles: READERS, reads: 'import.rejects.read', readsOf: 'imports' },
      schema: {
        operationId: 'getImportRejects',
        tags: ['imports'],
        summary: 'The rows that were not taken, with what is wrong, as CSV to correct and send again',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        querystring: z.strictObject({}),
        produces: ['text/csv'],
        response: {
          200: z.string().meta({ description: 'the original columns and one more, `error`' }),
          ...problems('unauthenticated', 'not-found'),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const scope = readScope(request.principal)
      const row = await readRow(services, request.principal, imports, id, 'import')
      const { header } = row.report as { header: string[] }
      const rejected = rejectedRows(
        (work) => database.acrossJurisdictions(scope, work),
        row.jurisdictionId,
        id,
      )
      reply.header('content-disposition', `attachment; filename="rejects-${id}.csv"`)
      const csv = rejectsCsv(header, eachInLane('batches', rejected))
      return sendAs(reply, 'text/csv; charset=utf-8', Readable.from(csv, { objectMode: false }))
    },
  )
}

function formatOf(contentType: string | undefined): 'csv' | 'ndjson' | undefined {
  const type = contentType?.split(';')[0]?.trim().toLowerCase()
  return type === 'application/x-ndjson' || type === 'application/ndjson' ? 'ndjson' : undefined
}

function charsetOf(contentType: string | undefined): string | undefined {
  return /charset="?([\w.:-]+)"?/i.exec(contentType ?? '')?.[1]
}

function refused(report: ImportReport): DomainError {
  const errors: FieldProblem[] = report.rejected.flatMap(({ row, errors: issues }) =>
    issues.map(({ column, code, message }) => ({
      pointer: `/rows/${row}${column === null ? '' : `/${column.replaceAll('~', '~0').replaceAll('/', '~1')}`}`,
      code,
      message,
    })),
  )
  const { rejected } = report.counts
  const listed = rejected > report.rejected.length ? ` The first ${report.rejected.length} are named.` : ''
  return new DomainError('import-refused', `${rejected} rows have errors; nothing was kept.${listed}`, {
    errors,
  })
}

function asProblem(error: unknown): unknown {
  if (!(error instanceof IntakeError)) return error
  const { code, message, places } = error
  const errors =
    places.length > 0
      ? places.map((place) => ({ ...place, code }))
      : [{ pointer: '', code, message: `${message}${details(error.details)}` }]
  return new DomainError('unreadable-file', message, { errors, cause: error })
}

function details(values: Readonly<Record<string, unknown>>): string {
  const text = JSON.stringify(values)
  return text === '{}' ? '' : ` ${text.slice(0, 2000)}`
}
