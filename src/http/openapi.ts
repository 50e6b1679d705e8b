/** The OpenAPI 3.1 document, made from the zod schemas of the routes. */
import swagger from '@fastify/swagger'
import type { FastifyInstance, FastifySchema } from 'fastify'
import { createJsonSchemaTransform, createJsonSchemaTransformObject } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { type ProblemCode, problems } from './problems.ts'

const ABOUT = `
Register a city's surveillance cameras, find out who really made them, and see what each law still allows you to do with them. Send an API key as \`Authorization: Bearer <key>\` (or \`X-Api-Key\`).

**Errors** are \`application/problem+json\` (RFC 9457) and name every wrong field at once. What belongs to another jurisdiction answers exactly like what does not exist: 404.

**Collections** answer JSON pages (\`limit\`, \`cursor\`), and every matching row as CSV or NDJSON by \`Accept\`. Items of a list may be shorter than the thing on its own: \`include=\` adds what is left out, \`fields=\` shows only what it names.

**Unknown** query parameters and body fields are refused, so a typing error never widens an answer.

**Long work** is answered when it is done, or at once with 202 and the address of a job (\`/v1/jobs/{id}\`) when the request says \`Prefer: respond-async\`.

**Writes** honour \`Idempotency-Key\` on POST and \`If-Match\` on PATCH and DELETE.

This is not legal advice: every answer carries the date of the list data behind it, and the citation.
`.trim()

interface Document {
  components?: { schemas?: Record<string, unknown> }
  paths?: unknown
  [key: string]: unknown
}

type Transformed = Parameters<ReturnType<typeof createJsonSchemaTransform>>[0]

/**
 * What any operation of its kind can answer beside what the route declares: refusals that come before its handler, and
 * failures behind it.
 */
function completed({ schema, route }: Pick<Transformed, 'schema' | 'route'>): FastifySchema {
  const { roles, reads } = route.config ?? {}
  const codes: ProblemCode[] = ['too-many-requests', 'internal-error', 'not-ready']
  if (roles) codes.push('invalid-request', 'unauthenticated', 'forbidden')
  const hasBody = !['GET', 'HEAD'].includes(String(route.method))
  if (hasBody) codes.push('malformed-body', 'body-too-slow', 'payload-too-large', 'unsupported-media-type')
  if ((schema?.produces?.length ?? 0) > 1 && reads) codes.push('not-acceptable')
  const own = (schema?.response ?? {}) as Record<string, unknown>
  const response = { ...problems(...codes), ...own }
  const unchanged = z.null().meta({ description: 'it is as `If-None-Match` has it' })
  return { ...schema, response: reads === 'shared' && !hasBody ? { 304: unchanged, ...response } : response }
}

export async function registerOpenApi(app: FastifyInstance, version: string): Promise<void> {
  const describe = createJsonSchemaTransform({})
  const transformObject = createJsonSchemaTransformObject({})
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'camledger',
        version,
        description: ABOUT,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: '/' }],
      tags: [
        { name: 'register', description: 'Sites and devices' },
        { name: 'imports', description: 'Spreadsheets in, rejected rows out' },
        { name: 'screening', description: 'Identify and determine without storing anything' },
        { name: 'summary', description: 'Totals' },
        { name: 'catalogue', description: 'Who makes, owns and relabels what' },
        { name: 'law', description: 'Regimes, listings and rules as data' },
        { name: 'replacement', description: 'What replacing devices costs, when, and from whose money' },
        { name: 'jobs', description: 'Long work that goes on after its request was answered' },
        { name: 'administration', description: 'Jurisdictions, keys, audit' },
        { name: 'operations', description: 'Health and reference' },
      ],
      components: {
        securitySchemes: {
          apiKey: { type: 'http', scheme: 'bearer', description: 'An API key of this service' },
        },
      },
    },
    transform: (input) => describe({ ...input, schema: completed(input) } as typeof input),
    transformObject: (input) =>
      tidy(transformObject(input) as Document) as ReturnType<typeof transformObject>,
  })
}

interface Answers {
  responses?: Record<string, { content?: Record<string, { schema: unknown }> }>
}

/** Problems have their own media type, and rows as text have no JSON schema. */
function describeContent(document: Document): void {
  for (const methods of Object.values((document.paths ?? {}) as Record<string, Record<string, Answers>>)) {
    for (const { responses } of Object.values(methods)) {
      for (const [status, response] of Object.entries(responses ?? {})) {
        const { content } = response
        if (!content) continue
        if (Number(status) >= 400) {
          response.content = { 'application/problem+json': Object.values(content)[0]! }
          continue
        }
        for (const type of ['text/csv', 'application/x-ndjson']) {
          if (content[type]) content[type] = { schema: { type: 'string' } }
        }
      }
    }
  }
}

/** Keep the components that are used, and drop the suffix that tells input from output where only one is. */
function tidy(document: Document): Document {
  const schemas = document.components?.schemas ?? {}
  const used = new Set<string>()
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) {
      for (const item of node) visit(item)
      return
    }
    if (typeof node !== 'object' || node === null) return
    for (const [key, value] of Object.entries(node)) {
      if (key === '$ref' && typeof value === 'string') {
        const name = value.replace('#/components/schemas/', '')
        if (!used.has(name)) {
          used.add(name)
          visit(schemas[name])
        }
      } else visit(value)
    }
  }
  describeContent(document)
  visit(document.paths)
  const rename = new Map<string, string>()
  for (const name of used) {
    const stem = name.replace(/Input$/, '')
    if (stem !== name && !used.has(stem)) rename.set(name, stem)
  }
  const rewrite = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(rewrite)
    if (typeof node !== 'object' || node === null) return node
    return Object.fromEntries(
      Object.entries(node).map(([key, value]) => {
        if (key !== '$ref' || typeof value !== 'string') return [key, rewrite(value)]
        const name = value.replace('#/components/schemas/', '')
        return [key, `#/components/schemas/${rename.get(name) ?? name}`]
      }),
    )
  }
  const kept = [...used]
    .map((name) => [rename.get(name) ?? name, rewrite(schemas[name])] as const)
    .sort(([a], [b]) => a.localeCompare(b))
  return {
    ...document,
    paths: rewrite(document.paths),
    components: { ...document.components, schemas: Object.fromEntries(kept) },
  }
}
