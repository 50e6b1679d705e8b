/** Which bodies are read, and how: JSON everywhere; files only where a route takes them in itself. */
import type { FastifyInstance } from 'fastify'
import { assertNamesOnce, jsonText, unreadable } from './json-body.ts'
import { DomainError } from './problems.ts'

export function registerBodies(app: FastifyInstance): void {
  const parseJson = app.getDefaultJsonParser('error', 'ignore')
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    // Many clients name the type of a body that they do not send.
    if (body.length === 0) return done(null, undefined)
    let text: string
    try {
      text = jsonText(body as Buffer, request.headers['content-type'])
    } catch (error) {
      return done(error as Error)
    }
    parseJson(request, text, (error, value) => {
      if (error) return done(unreadable(error))
      try {
        assertNamesOnce(text)
        done(null, value)
      } catch (twice) {
        done(twice as Error)
      }
    })
  })
  // Text is a body for imports alone, which take it in themselves; anywhere else it is 415.
  app.removeContentTypeParser('text/plain')
  app.addHook('preParsing', async (request) => {
    const encoding = request.headers['content-encoding']
    if (encoding === undefined || encoding.trim().toLowerCase() === 'identity') return
    // There is no body to be encoded.
    if (request.method === 'GET' || request.method === 'HEAD') return
    throw new DomainError('unsupported-media-type', 'Send the body as it is, without Content-Encoding.', {
      headers: { 'accept-encoding': 'identity' },
    })
  })
}
