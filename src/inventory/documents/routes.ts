/** `/v1/documents`: photos of labels, letters, certificates, kept with what they show. */
import { readFile } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { z } from 'zod'
import { documents } from '../../db/schema/index.ts'
import { sendAs } from '../../http/exports.ts'
import { DomainError, problems } from '../../http/problems.ts'
import { Id, repeatable } from '../../http/schemas.ts'
import type { App } from '../../http/services.ts'
import type { Services } from '../../screening/services.ts'
import { EDITORS, type Principal, READERS, readScope, writeJurisdiction } from '../../tenancy/auth.ts'
import { listInScope } from '../../tenancy/list-in-scope.ts'
import { ownerOf, readRow } from '../../tenancy/stored-rows.ts'
import { answerOnce, inWork } from '../../tenancy/work.ts'
import { attachment, DOCUMENT_TYPES, documentTypeOf } from './content.ts'
import {
  cityOf,
  documentContent,
  documentPage,
  keepDocument,
  type Owner,
  ownerNamed,
  removeDocument,
} from './documents.ts'
import { Document, DocumentFilter, DocumentPage, RemoveQuery, toDocument, UploadQuery } from './schemas.ts'

const DOCUMENT_BYTES = 10 * 1024 * 1024
const WRITERS = [...EDITORS, 'city-budget'] as const

export interface DocumentLimits {
  /** What the documents of one city may hold together. */
  readonly cityBytes: number
}

export function documentRoutes(app: App, services: Services, limits: DocumentLimits): void {
  listInScope(app, services, {
    url: '/v1/documents',
    operationId: 'listDocuments',
    tag: 'register',
    summary: 'Documents, of one thing or of all, without their content',
    config: { roles: READERS, reads: 'documents.read' },
    query: { jurisdictionId: repeatable(Id), ...DocumentFilter },
    response: DocumentPage,
    page: (tx, { scope, question: { jurisdictionId: _, ...question } }, page) =>
      documentPage(tx, scope, question, page),
  })
  uploadRoute(app, services, limits)
  getRoute(app, services)
  contentRoute(app, services)
  removeRoute(app, services)
}

type TakenIn = (error: null, body: unknown) => void

const UPLOADED = [...DOCUMENT_TYPES, 'application/octet-stream']

/** In a scope of its own: only here such a file is a body. */
function uploadRoute(app: App, services: Services, limits: DocumentLimits): void {
  app.register(async (scope) => {
    scope.addContentTypeParser(UPLOADED, (_request: unknown, payload: unknown, done: TakenIn) =>
      done(null, payload),
    )
    uploadRouteIn(scope as unknown as App, services, limits)
  })
}

function uploadRouteIn(app: App, services: Services, { cityBytes }: DocumentLimits): void {
  app.post(
    '/v1/documents',
    {
      config: { roles: WRITERS, takesBody: true },
      bodyLimit: DOCUMENT_BYTES,
      schema: {
        operationId: 'createDocument',
        tags: ['register'],
        summary: 'Keep a PDF, PNG or JPEG with a device, site, disposal, license or statement',
        description:
          'The body is the file as it is. What it is, is told by its bytes. A key of `city-budget` keeps documents of disposals.',
        security: [{ apiKey: [] }],
        consumes: UPLOADED,
        querystring: UploadQuery,
        body: z.any().meta({ type: 'string', format: 'binary', description: 'the file' }),
        response: {
          201: Document,
          ...problems(
            'unauthenticated',
            'forbidden',
            'not-found',
            'malformed-body',
            'body-too-slow',
            'payload-too-large',
            'unsupported-media-type',
            'document-refused',
            'document-limit',
            'idempotency-key-reused',
          ),
        },
      },
    },
    async (request, reply) => {
      const { name, note = null, ...named } = request.query
      const owner = ownerNamed(named)
      const jurisdictionId = await cityFor(services, request.principal, owner)
      if (!(request.body instanceof Readable)) {
        throw new DomainError(
          'unsupported-media-type',
          `Send the file itself, as ${DOCUMENT_TYPES.join(', ')}.`,
        )
      }
      const file = await services.spool.take(request.body, {
        mostBytes: DOCUMENT_BYTES,
        owner: jurisdictionId,
      })
      const content = await readFile(file.path).finally(() => file.remove())
      const wish = { owner, name, note, mediaType: typeOf(content), content, sha256: file.sha256 }
      return answerOnce(
        services,
        request,
        reply,
        jurisdictionId,
        async (work) => {
          const document = await keepDocument(work, wish, cityBytes)
          return { status: 201, location: `/v1/documents/${document.id}`, body: document }
        },
        { sha256: file.sha256 },
      )
    },
  )
}

function typeOf(content: Buffer) {
  const mediaType = documentTypeOf(content)
  if (mediaType !== null) return mediaType
  throw new DomainError(
    'document-refused',
    'It is no whole PDF, PNG or JPEG by its content. Save or photograph it as one of these.',
  )
}

/** Throws `not-found`, `forbidden`. */
async function cityFor({ database }: Services, principal: Principal, owner: Owner): Promise<string> {
  if (principal.role === 'city-budget' && owner.kind !== 'disposal') {
    throw new DomainError('forbidden', 'A key with the role city-budget keeps documents of disposals alone.')
  }
  const city = await database.acrossJurisdictions(readScope(principal), (tx) => cityOf(tx, owner))
  return writeJurisdiction(principal, city)
}

function getRoute(app: App, services: Services): void {
  app.get(
    '/v1/documents/:id',
    {
      config: { roles: READERS, reads: 'document.read', readsOf: 'documents' },
      schema: {
        operationId: 'getDocument',
        tags: ['register'],
        summary: 'One document without its content',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        querystring: z.strictObject({}),
        response: { 200: Document, ...problems('unauthenticated', 'not-found') },
      },
    },
    async (request) =>
      toDocument(await readRow(services, request.principal, documents, request.params.id, 'document')),
  )
}

function contentRoute(app: App, { database }: Services): void {
  app.get(
    '/v1/documents/:id/content',
    {
      config: { roles: READERS, reads: 'document.content.read', readsOf: 'documents' },
      schema: {
        operationId: 'getDocumentContent',
        tags: ['register'],
        summary: 'The file, to be saved: no browser shows it in place',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        querystring: z.strictObject({}),
        produces: [...DOCUMENT_TYPES],
        response: {
          200: z.string().meta({ description: 'the bytes as they came' }),
          ...problems('unauthenticated', 'not-found'),
        },
      },
    },
    async (request, reply) => {
      const { document, content } = await database.acrossJurisdictions(readScope(request.principal), (tx) =>
        documentContent(tx, request.params.id),
      )
      reply.header('content-disposition', attachment(document.name))
      return sendAs(reply, document.mediaType, content)
    },
  )
}

function removeRoute(app: App, services: Services): void {
  app.delete(
    '/v1/documents/:id',
    {
      config: { roles: EDITORS },
      schema: {
        operationId: 'removeDocument',
        tags: ['register'],
        summary: 'Take the content of a document away; name, hash and reason stay',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        querystring: RemoveQuery,
        response: { 200: Document, ...problems('unauthenticated', 'forbidden', 'not-found') },
      },
    },
    async (request) => {
      const { id } = request.params
      const owner = await ownerOf(services, request.principal, documents, id, 'document')
      return inWork(services, request, owner, (work) => removeDocument(work, id, request.query.reason))
    },
  )
}
