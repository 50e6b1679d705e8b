/**
 * Files of the API for whoever has signed in: `/console/v1/…` is `/v1/…`, read only and passed on as it comes, since the
 * API itself takes no cookie. `as=` asks for a form that a link cannot ask for by a header.
 */
import type { FastifyInstance } from 'fastify'
import { DomainError } from '../http/problems.ts'
import { WORKBOOK_TYPE } from '../http/workbook/write.ts'
import { apiOf, type Frame, mustBeSignedIn } from './frame.tsx'

const FORMS: Readonly<Record<string, string>> = {
  csv: 'text/csv',
  ndjson: 'application/x-ndjson',
  xlsx: WORKBOOK_TYPE,
  json: 'application/json',
}

/** Passed on from the answer. The policy too: what a city uploaded runs nothing. */
const PASSED = ['content-type', 'content-disposition', 'content-security-policy', 'etag', 'last-modified']

export function registerFiles(scope: FastifyInstance, frame: Frame): void {
  scope.get('/v1/*', { schema: { hide: true } }, async (request, reply) => {
    const who = await mustBeSignedIn(frame, request, reply)
    if (who === null) return reply
    const [path = '', text = ''] = request.url.slice('/console'.length).split('?')
    const query = new URLSearchParams(text)
    const as = query.get('as')
    query.delete('as')
    if (as !== null && !Object.hasOwn(FORMS, as)) {
      const errors = [
        { pointer: '?as', code: 'unknown', message: `is one of ${Object.keys(FORMS).join(', ')}` },
      ]
      throw new DomainError('invalid-request', 'There is no such form of a file.', { errors })
    }
    const address = query.size === 0 ? path : `${path}?${query}`
    const accept = as === null ? '*/*' : FORMS[as]!
    const { body, status, headers } = await apiOf(frame, request, who).stream(address, { accept })
    for (const name of PASSED) if (headers[name] !== undefined) reply.header(name, headers[name])
    return reply.code(status).header('cache-control', 'no-store').send(body)
  })
}
