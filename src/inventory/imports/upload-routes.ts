/** `/v1/uploads`: a file that is looked at before it is imported. */
import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { goneSignal } from '../../http/gone.ts'
import { DomainError, problems } from '../../http/problems.ts'
import { Id, someText } from '../../http/schemas.ts'
import type { App } from '../../http/services.ts'
import type { Spooled } from '../../http/spool.ts'
import { COLUMN_FIELDS } from '../../intake/fields.ts'
import { openTable } from '../../intake/open-table.ts'
import type { IntakeError } from '../../intake/problem.ts'
import { loadProfiles } from '../../intake/shipped-profiles.ts'
import { uuidv7 } from '../../lib/ids.ts'
import type { Services } from '../../screening/services.ts'
import { EDITORS, writeJurisdiction } from '../../tenancy/auth.ts'
import { answerOnce, inWork, removed, type Work } from '../../tenancy/work.ts'
import { customFieldsOf } from '../custom-fields/store.ts'
import { toMapping } from '../mappings/schemas.ts'
import { mappingsFor } from '../mappings/store.ts'
import { asProblem, READING, type Readers, readOptions, withSaved, withType } from './asked.ts'
import { IMPORT_LIMIT_BYTES, MEDIA_TYPES } from './files.ts'
import { toUpload, Upload, UploadColumns } from './upload-schemas.ts'
import { addUpload, fileOf, findUpload, forgetUpload, type UploadRow } from './uploads.ts'

export function uploadRoutes(app: App, services: Services): void {
  createRoute(app, services)
  getRoute(app, services)
  columnsRoute(app, services)
  removeRoute(app, services)
}

function createRoute(app: App, services: Services): void {
  app.post(
    '/v1/uploads',
    {
      config: { roles: EDITORS, takesBody: true },
      bodyLimit: IMPORT_LIMIT_BYTES,
      schema: {
        operationId: 'createUpload',
        tags: ['imports'],
        summary:
          'Keep a file for a day, to look at its columns, try it and import it without sending it again',
        description:
          'Only the keys that may import for its city reach it. Of a city the 20 newest are kept. `POST /v1/imports?uploadId=` takes it in.',
        security: [{ apiKey: [] }],
        consumes: MEDIA_TYPES,
        querystring: z.strictObject({
          jurisdictionId: Id.optional().meta({ description: 'operator keys only' }),
          fileName: someText(255).optional(),
        }),
        body: z.any().meta({ type: 'string', format: 'binary', description: 'the file' }),
        response: {
          201: Upload,
          ...problems(
            'unauthenticated',
            'forbidden',
            'not-found',
            'malformed-body',
            'body-too-slow',
            'payload-too-large',
            'unsupported-media-type',
            'idempotency-key-reused',
            'not-ready',
          ),
        },
      },
    },
    async (request, reply) => {
      const jurisdictionId = writeJurisdiction(request.principal, request.query.jurisdictionId)
      const { body } = request
      if (!(body instanceof Readable)) throw new DomainError('malformed-body', 'Send the file itself.')
      const file = await services.spool.take(body, {
        mostBytes: IMPORT_LIMIT_BYTES,
        owner: jurisdictionId,
      })
      return keep(services, request, reply, {
        jurisdictionId,
        file,
        fileName: request.query.fileName ?? null,
      })
    },
  )
}

interface Sent {
  readonly jurisdictionId: string
  readonly file: Spooled
  readonly fileName: string | null
}

/** The file is the upload's from now on, unless the request was answered before or is refused. */
async function keep(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
  { jurisdictionId, file, fileName }: Sent,
): Promise<FastifyReply> {
  const { files } = services.jobs
  const id = uuidv7(services.now().getTime())
  const { sha256, bytes } = file
  const mediaType = request.headers['content-type']?.slice(0, 200) ?? null
  let gone: readonly string[] = [id]
  try {
    const place = await files.keep(id, file)
    let gaveWay = gone
    const add = async (work: Work) => {
      const added = await addUpload(work, { id, place, fileName, mediaType, bytes, sha256 })
      gaveWay = added.gaveWay
      return { status: 201, location: `/v1/uploads/${id}`, body: toUpload(added.row) }
    }
    const answer = await answerOnce(services, request, reply, jurisdictionId, add, { sha256 })
    gone = gaveWay
    return answer
  } finally {
    for (const one of gone) await files.remove(one)
    if (gone.includes(id)) await file.remove()
  }
}

function getRoute(app: App, services: Services): void {
  app.get(
    '/v1/uploads/:id',
    {
      config: { roles: EDITORS, reads: 'upload.read', readsOf: 'uploads' },
      schema: {
        operationId: 'getUpload',
        tags: ['imports'],
        summary: 'A file that is kept to be imported',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        querystring: z.strictObject({}),
        response: { 200: Upload, ...problems('unauthenticated', 'forbidden', 'not-found') },
      },
    },
    async ({ principal, params }) => toUpload(await findUpload(services, principal, params.id)),
  )
}

function columnsRoute(app: App, services: Services): void {
  const profiles = loadProfiles()
  app.get(
    '/v1/uploads/:id/columns',
    {
      config: { roles: EDITORS, reads: 'upload.read', readsOf: 'uploads' },
      schema: {
        operationId: 'getUploadColumns',
        tags: ['imports'],
        summary: 'What its columns are read as, with some of their cells',
        description:
          'Only the beginning of the file is read. What could be read two ways is no error here but one of `questions`, to be settled by `mapping`.',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        querystring: z.strictObject(READING),
        response: {
          200: UploadColumns,
          ...problems('unauthenticated', 'forbidden', 'not-found', 'unreadable-file', 'not-ready'),
        },
      },
    },
    async ({ principal, params, query }, reply) => {
      const upload = await findUpload(services, principal, params.id)
      const { jurisdictionId } = upload
      const { custom, asked } = await services.database.acrossJurisdictions([jurisdictionId], async (tx) => ({
        custom: await customFieldsOf(tx, [jurisdictionId]),
        asked: await withSaved(tx, jurisdictionId, query),
      }))
      const known = { profiles, knowledge: services.knowledge(), custom }
      return columnsOf(services, upload, asked, { ...known, signal: goneSignal(reply) })
    },
  )
}

const headersOf = ({ columns }: { readonly columns: readonly { readonly header: string }[] }) =>
  columns.map(({ header }) => header)

async function columnsOf(
  services: Services,
  upload: UploadRow,
  query: Parameters<typeof readOptions>[0],
  { signal, ...known }: Readers & { readonly signal: AbortSignal },
): Promise<z.output<typeof UploadColumns>> {
  const { path } = await fileOf(services, upload)
  const questions: IntakeError[] = []
  const options = readOptions(withType(query, upload.mediaType), known)
  try {
    const table = await openTable(path, {
      ...options,
      signal,
      onQuestion: (question) => questions.push(question),
    })
    await table.close()
    const { format, encoding, delimiter, profile, dateOrder, dateOrderFrom, headerRow, mapping } = table
    const headers = table.sheets.length > 0 ? table.sheets.flatMap(headersOf) : table.header
    const saved = await services.database.acrossJurisdictions([upload.jurisdictionId], (tx) =>
      mappingsFor(
        tx,
        upload.jurisdictionId,
        headers.filter((header) => header !== ''),
      ),
    )
    const filled = new Set<string>([
      ...mapping.fields.map(({ field }) => field),
      ...mapping.custom.map(({ field }) => `custom.${field.name}`),
    ])
    const fields = [...COLUMN_FIELDS, ...known.custom.map(({ name }) => `custom.${name}`)]
    return {
      format,
      encoding,
      delimiter,
      profile: profile?.id ?? null,
      dateOrder,
      dateOrderFrom,
      headerRow,
      columns: [...table.columns],
      sheets: [...table.sheets],
      questions: questions.map(({ code, message }) => ({ code, message })),
      unfilled: fields.filter((field) => !filled.has(field)),
      savedMappings: saved.map(toMapping),
    } as z.output<typeof UploadColumns>
  } catch (error) {
    throw asProblem(error)
  }
}

function removeRoute(app: App, services: Services): void {
  app.delete(
    '/v1/uploads/:id',
    {
      config: { roles: EDITORS },
      schema: {
        operationId: 'removeUpload',
        tags: ['imports'],
        summary: 'Forget a file that was kept to be imported',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        querystring: z.strictObject({}),
        response: { 204: z.null(), ...problems('unauthenticated', 'forbidden', 'not-found') },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const { jurisdictionId } = await findUpload(services, request.principal, id)
      await inWork(services, request, jurisdictionId, (work) => forgetUpload(work, id))
      await services.jobs.files.remove(id)
      return removed(reply)
    },
  )
}
