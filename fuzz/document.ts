/** The OpenAPI document as a list of operations, and whether an answer fits it. */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { parse } from 'yaml'

export type Schema = Readonly<Record<string, unknown>>

interface Parameter {
  readonly name: string
  readonly in: 'query' | 'path' | 'header'
  readonly required: boolean
  readonly schema: Schema
}

export interface Operation {
  readonly id: string
  readonly method: string
  /** With `{name}` where a parameter stands. */
  readonly path: string
  readonly needsKey: boolean
  readonly parameters: readonly Parameter[]
  /** Media type -> schema of the body; empty when there is none. */
  readonly bodies: ReadonlyMap<string, Schema>
  /** Status -> media type -> schema; no media type where the answer has no body. */
  readonly answers: ReadonlyMap<number, ReadonlyMap<string, Schema>>
}

export interface ApiDocument {
  readonly operations: readonly Operation[]
  /** The schema that a `$ref` names. */
  resolve(schema: Schema): Schema
  /** Null when the value fits, else what does not. */
  misfit(schema: Schema, value: unknown): string | null
}

interface Raw {
  paths: Record<string, Record<string, RawOperation>>
  components: { schemas: Record<string, Schema>; responses: Record<string, RawAnswer> }
}
interface RawAnswer {
  $ref?: string
  content?: Record<string, { schema: Schema }>
}
interface RawOperation {
  operationId: string
  security?: unknown[]
  /** Headers are components; the oddities of headers are drawn for every operation alike. */
  parameters?: (Parameter | { $ref: string })[]
  requestBody?: { content: Record<string, { schema: Schema }> }
  responses: Record<string, RawAnswer>
}

export function readDocument(text: string): ApiDocument {
  const raw = parse(text) as Raw
  const { schemas, responses } = raw.components
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: false })
  ajv.addSchema({ $id: 'api', components: { schemas } })
  const compiled = new Map<Schema, ValidateFunction>()
  const operations = Object.entries(raw.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => operationOf(path, method, operation, responses)),
  )
  return {
    operations,
    resolve: (schema) => {
      const { $ref } = schema as { $ref?: string }
      return $ref === undefined ? schema : schemas[$ref.slice($ref.lastIndexOf('/') + 1)]!
    },
    misfit: (schema, value) => {
      let validate = compiled.get(schema)
      if (!validate) {
        validate = ajv.compile(withinDocument(schema) as Schema)
        compiled.set(schema, validate)
      }
      if (validate(value)) return null
      const [error] = validate.errors ?? []
      return `${error?.instancePath || '/'} ${error?.message} ${JSON.stringify(error?.params)}`
    },
  }
}

function operationOf(
  path: string,
  method: string,
  raw: RawOperation,
  shared: Record<string, RawAnswer>,
): Operation {
  const contentOf = ({ $ref, content }: RawAnswer) =>
    $ref === undefined ? content : shared[$ref.slice($ref.lastIndexOf('/') + 1)]!.content
  const contents = (content: Record<string, { schema: Schema }> = {}) =>
    new Map(Object.entries(content).map(([type, { schema }]) => [type, schema]))
  return {
    id: raw.operationId,
    method: method.toUpperCase(),
    path,
    needsKey: raw.security !== undefined,
    parameters: (raw.parameters ?? []).filter((one): one is Parameter => 'name' in one),
    bodies: contents(raw.requestBody?.content),
    answers: new Map(
      Object.entries(raw.responses).map(([status, answer]) => [Number(status), contents(contentOf(answer))]),
    ),
  }
}

/** References as seen from a schema of its own. */
function withinDocument(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withinDocument)
  if (typeof node !== 'object' || node === null) return node
  return Object.fromEntries(
    Object.entries(node).map(([key, value]) => [
      key,
      key === '$ref' ? `api${value as string}` : withinDocument(value),
    ]),
  )
}
