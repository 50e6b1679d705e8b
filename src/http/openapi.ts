/** The OpenAPI 3.1 document, made from the routes: their zod schemas, roles, limits and problem codes. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import swagger from '@fastify/swagger'
import type { FastifyInstance, FastifySchema } from 'fastify'
import { createJsonSchemaTransform, createJsonSchemaTransformObject } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { ABOUT, HEADINGS } from './openapi/about.ts'
import { ANSWER_HEADERS, HEADER_PARAMETERS, OPERATOR_PARAMETERS } from './openapi/headers.ts'
import {
  completeOperation,
  type DescribedAnswer,
  type DescribedOperation,
  type Example,
  problemResponses,
  type RouteFacts,
  versionedPaths,
} from './openapi/operation.ts'
import { type Document, flagsOf, hasOperators, withoutOperators, withUsedSchemas } from './openapi/schemas.ts'
import { CODES, type ProblemCode, problems } from './problems.ts'

type Transformed = Parameters<ReturnType<typeof createJsonSchemaTransform>>[0]

/**
 * What any operation of its kind can answer beside what the route declares: refusals that come before its handler, and
 * failures behind it.
 */
function commonCodes({ schema, route }: Pick<Transformed, 'schema' | 'route'>): ProblemCode[] {
  const { roles, reads } = route.config ?? {}
  const codes: ProblemCode[] = ['too-many-requests', 'internal-error', 'not-ready', 'malformed-request']
  if (roles) codes.push('invalid-request', 'unauthenticated', 'forbidden')
  if (hasBody(route))
    codes.push('malformed-body', 'body-too-slow', 'payload-too-large', 'unsupported-media-type')
  if ((schema?.produces?.length ?? 0) > 1 && reads) codes.push('not-acceptable')
  return codes
}

const hasBody = (route: Transformed['route']) => !['GET', 'HEAD'].includes(String(route.method))

function completed(
  { schema, route }: Pick<Transformed, 'schema' | 'route'>,
  codes: ProblemCode[],
): FastifySchema {
  const own = (schema?.response ?? {}) as Record<string, unknown>
  const response = { ...problems(...codes), ...own }
  const unchanged = z.null()
  const isShared = route.config?.reads === 'shared' && !hasBody(route)
  return { ...schema, response: isShared ? { 304: unchanged, ...response } : response }
}

export async function registerOpenApi(app: FastifyInstance, version: string): Promise<void> {
  const zodToJsonConfig = { override: withoutOperators }
  const describe = createJsonSchemaTransform({ zodToJsonConfig })
  const transformObject = createJsonSchemaTransformObject({ zodToJsonConfig })
  const routes = new Map<string, RouteFacts>()
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
      tags: HEADINGS.map(({ name, description }) => ({ name, description })),
      components: {
        securitySchemes: {
          apiKey: { type: 'http', scheme: 'bearer', description: 'An API key of this service' },
          apiKeyHeader: {
            type: 'apiKey',
            in: 'header',
            name: 'X-Api-Key',
            description: 'The same key, for clients that cannot send a bearer token',
          },
        },
      },
    },
    transform: (input) => {
      const own = input.schema?.response as { [CODES]?: readonly ProblemCode[] } | undefined
      const codes = [...commonCodes(input), ...(own?.[CODES] ?? [])]
      const path = input.url.replaceAll(/:(\w+)/g, '{$1}')
      for (const method of [input.route.method].flat()) {
        routes.set(`${method.toLowerCase()} ${path}`, {
          method,
          path,
          config: input.route.config,
          bodyLimit: input.route.bodyLimit,
          codes,
          flags: flagsOf(input.schema?.querystring),
          takesOperators: hasOperators(input.schema?.querystring),
        })
      }
      return describe({ ...input, schema: completed(input, codes) } as typeof input)
    },
    transformObject: (input) =>
      complete(transformObject(input) as Document, routes) as ReturnType<typeof transformObject>,
  })
}

/** By operation; `tools/examples.mjs` writes the file from answers that tests got. */
function readExamples(): Readonly<Record<string, Example>> {
  const path = fileURLToPath(import.meta.resolve('#root/openapi/examples.json'))
  return JSON.parse(readFileSync(path, 'utf8'))
}

function complete(document: Document, routes: ReadonlyMap<string, RouteFacts>): Document {
  const examples = readExamples()
  const described: RouteFacts[] = []
  const paths = document.paths as Record<string, Record<string, DescribedOperation>>
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      described.push(routes.get(`${method} ${path}`)!)
      describeRows(operation.responses)
    }
  }
  const versioned = versionedPaths(described)
  for (const facts of described) {
    const operation = paths[facts.path]![facts.method.toLowerCase()]!
    completeOperation(operation, facts, { versioned, example: examples[operation.operationId ?? ''] })
  }
  const components = {
    ...document.components,
    parameters: { ...HEADER_PARAMETERS, ...OPERATOR_PARAMETERS },
    headers: ANSWER_HEADERS,
    responses: problemResponses(described),
  }
  return withUsedSchemas({ ...document, components })
}

/** Rows as text have no JSON schema. */
function describeRows(responses: Record<string, DescribedAnswer>): void {
  for (const { content = {} } of Object.values(responses)) {
    for (const type of ['text/csv', 'application/x-ndjson']) {
      if (content[type]) content[type] = { schema: { type: 'string' } }
    }
  }
}
