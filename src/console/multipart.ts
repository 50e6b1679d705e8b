/**
 * A form with a file, as a browser sends it without script: what stands before the file, and the file as it comes.
 * Nothing of the file is kept here; whoever reads it sets the pace.
 */
import type { IncomingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'
import { DomainError } from '../http/problems.ts'

export interface SentFile {
  readonly name: string
  readonly mediaType: string
  readonly stream: Readable
}

export interface FormWithFile {
  /** Fields that stand before the file. */
  readonly fields: URLSearchParams
  /** Null when none was chosen. */
  readonly file: SentFile | null
}

const LIMITS = { fieldNameSize: 100, fieldSize: 64 * 1024, fields: 50, files: 2, headerPairs: 50 }

/** Resolves when the file begins, or at the end of a form without one. */
export async function readForm(body: Readable, headers: IncomingHttpHeaders): Promise<FormWithFile> {
  // Loaded with the first file and not with the service.
  const { Busboy } = await import('@fastify/busboy')
  const fields = new URLSearchParams()
  return new Promise((resolve, reject) => {
    const broken = () => reject(new DomainError('malformed-body', 'The form did not come as a whole.'))
    const parser = new Busboy({
      headers: { ...headers, 'content-type': headers['content-type'] ?? '' },
      limits: LIMITS,
    })
    parser.on('field', (name: string, value: string) => fields.append(name, value))
    parser.on(
      'file',
      (_field: string, stream: Readable, name: string, _encoding: string, mediaType: string) => {
        // A field in which no file was chosen comes as a file without a name.
        if (name === '' || name === undefined) {
          stream.resume()
          return
        }
        body.once('close', () => {
          if (!body.readableEnded) stream.destroy(new Error('The sender went away.'))
        })
        resolve({ fields, file: { name, mediaType, stream } })
      },
    )
    parser.on('finish', () => resolve({ fields, file: null }))
    parser.on('error', broken)
    body.once('error', broken).once('close', () => {
      if (!body.readableEnded) broken()
    })
    body.pipe(parser)
  })
}
