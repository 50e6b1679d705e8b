/** `/v1/imports`: a spreadsheet in, a report and the refused rows out. */

import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Tx } from '../../db/database.ts'
import { eachInLane } from '../../db/lanes.ts'
import { imports } from '../../db/schema/index.ts'
import { sendAs } from '../../http/exports.ts'
import { goneForGood } from '../../http/gone.ts'
import { type Answer, send } from '../../http/idempotency.ts'
import { DomainError, type FieldProblem, problems } from '../../http/problems.ts'
import { Id, pageOf, repeatable, someText } from '../../http/schemas.ts'
import type { App } from '../../http/services.ts'
import { openTable } from '../../intake/open-table.ts'
import { rejectsCsv } from '../../intake/rejects.ts'
import { loadProfiles } from '../../intake/shipped-profiles.ts'
import { answerWithJob, contextOf, wantsJob } from '../../jobs/answer.ts'
import type { Operation, WorkContext } from '../../jobs/operation.ts'
import { Job } from '../../jobs/shapes.ts'
import type { Services } from '../../screening/services.ts'
import { EDITORS, READERS, readScope, writeJurisdiction } from '../../tenancy/auth.ts'
import { listInScope } from '../../tenancy/list-in-scope.ts'
import { readRow } from '../../tenancy/stored-rows.ts'
import { heldCustomFields } from '../custom-fields/store.ts'
import { asProblem, ImportQuery, type Readers, readOptions, withSaved, withType } from './asked.ts'
import { DryRun } from './dry-run.ts'
import { IMPORT_LIMIT_BYTES, MEDIA_TYPES, takingFiles } from './files.ts'
import { importPage } from './list.ts'
import { rejectedRows } from './rejects.ts'
import type { ImportReport } from './report.ts'
import { type ImportResult, importTable, sealImport } from './run.ts'
import { Import, ListedImport, toImport, toListed } from './schemas.ts'
import { addUndoRoute } from './undo-route.ts'
import { uploadRoutes } from './upload-routes.ts'
import { fileOf, findUpload, refuseBody } from './uploads.ts'
import { importLocks, type RunImport } from './waiting.ts'

export function importRoutes(app: App, services: Services): void {
  const underImportLock = importLocks(services.database)
  takingFiles(app, (scope) => {
    importRoutesIn(scope, services, underImportLock)
    uploadRoutes(scope, services)
  })
  // It takes no file: a body of one would have no digest for its `Idempotency-Key`.
  addUndoRoute(app, services, underImportLock)
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
  known: Omit<Readers, 'custom'>,
): Promise<ImportResult> {
  const file = context.file!
  const { now, actor, signal, onProgress } = context
  const { jurisdictionId, source, blanks } = asked
  // Held until the import ends, so that no field goes while its values come.
  const custom = await heldCustomFields(tx, jurisdictionId)
  const reading = await withSaved(tx, jurisdictionId, asked)
  const table = await openTable(file.path, { ...readOptions(reading, { ...known, custom }), signal })
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

function importRoutesIn(app: App, services: Services, underImportLock: RunImport): void {
  const { jobs } = services
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
          'Take a spreadsheet (CSV, XLSX) or an export (JSON, NDJSON, GeoJSON, nmap XML, Frigate YAML) into the register',
        description:
          'Columns are mapped by a known layout, by their headers, or as you assign them. The whole file is one transaction: after a crash none of it is there, nor when you close the connection before the answer, unless the request has an `Idempotency-Key`: then it is done, and asked again gives its answer. Rows are recognized by asset tag, then serial number, MAC address and what they say. OpenDocument, Numbers and other documents are refused with 422, which says how to save them.',
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
      if (query.uploadId !== undefined)
        return importUpload(services, request, reply, operation, { jurisdictionId, uploadId: query.uploadId })
      const input = withType({ ...query, jurisdictionId }, request.headers['content-type'])
      const file = await spool.take(request.body, { mostBytes: IMPORT_LIMIT_BYTES, owner: jurisdictionId })
      if (wantsJob(request)) {
        return answerWithJob(services, request, reply, operation, { jurisdictionId, input, file })
      }
      try {
        const signal = goneForGood(request, reply)
        return send(reply, await operation.run(input, contextOf(request, now(), { file, signal })))
      } finally {
        await file.remove()
      }
    },
  )
}

/** The file was sent before. */
async function importUpload(
  services: Services,
  request: FastifyRequest<{ Querystring: z.output<typeof ImportQuery> }>,
  reply: FastifyReply,
  operation: Operation<Asked>,
  { jurisdictionId, uploadId }: { readonly jurisdictionId: string; readonly uploadId: string },
): Promise<FastifyReply> {
  refuseBody(request)
  const upload = await findUpload(services, request.principal, uploadId, jurisdictionId)
  const fileName = request.query.fileName ?? upload.fileName ?? undefined
  const input = withType({ ...request.query, jurisdictionId, fileName }, upload.mediaType)
  if (wantsJob(request))
    return answerWithJob(services, request, reply, operation, { jurisdictionId, input, upload })
  const file = await fileOf(services, upload)
  const signal = goneForGood(request, reply)
  return send(reply, await operation.run(input, contextOf(request, services.now(), { file, signal })))
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
