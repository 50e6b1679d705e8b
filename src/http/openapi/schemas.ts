/** What of the zod schemas JSON Schema does not show, and which of them the document needs. */
import type { z } from 'zod'

interface Definition {
  readonly type?: string
  readonly innerType?: ZodLike
  readonly in?: ZodLike
  readonly out?: ZodLike
  readonly options?: readonly ZodLike[]
  readonly shape?: Readonly<Record<string, ZodLike>>
}
interface ZodLike {
  readonly def?: Definition
}

/** Query parameters that are read as true or false: JSON Schema sees the text that they are sent as. */
export function flagsOf(querystring: unknown): string[] {
  const { shape = {} } = withinPipes(querystring as ZodLike | undefined)
  return Object.entries(shape).flatMap(([name, schema]) => (isFlag(schema) ? [name] : []))
}

/** Names of filters that hold an operator: `name__contains`. */
const OPERATOR = /__/

export function hasOperators(querystring: unknown): boolean {
  const { shape = {} } = withinPipes(querystring as ZodLike | undefined)
  return Object.keys(shape).some((name) => OPERATOR.test(name))
}

/** Says by one pattern which filters with an operator an object takes. */
export function withoutOperators({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  const { properties } = jsonSchema
  const names = Object.keys(properties ?? {}).filter((name) => OPERATOR.test(name))
  if (properties === undefined || names.length === 0) return
  for (const name of names) delete properties[name]
  const operators = [...new Set(names.map((name) => name.split('__')[1]!))].sort()
  jsonSchema.patternProperties = { [`^[a-zA-Z]+__(${operators.join('|')})$`]: {} }
}

function withinPipes(schema: ZodLike | undefined): Definition {
  const def = schema?.def ?? {}
  return def.type === 'pipe' ? withinPipes(def.in) : def
}

function isFlag({ def = {} }: ZodLike): boolean {
  if (def.innerType) return isFlag(def.innerType)
  // Also true or false as JSON, for bodies.
  if (def.options) return def.options.length === 2 && def.options.some(isFlag) && def.options.some(isBoolean)
  return def.type === 'pipe' && def.in?.def?.type === 'string' && def.out?.def?.type === 'boolean'
}

const isBoolean = ({ def = {} }: ZodLike) => def.type === 'boolean'

export interface Document {
  components?: { schemas?: Record<string, unknown>; [kind: string]: unknown }
  paths?: unknown
  [key: string]: unknown
}

const PLACE = '#/components/schemas/'

/** Keep the schemas that are used, and drop the suffix that tells input from output where the two are the same. */
export function withUsedSchemas(document: Document): Document {
  const schemas = document.components?.schemas ?? {}
  const used = reachable(document, schemas)
  const rename = new Map<string, string>()
  for (const name of used) {
    const stem = name.replace(/Input$/, '')
    if (stem !== name && (!used.has(stem) || same(schemas[name], schemas[stem]))) rename.set(name, stem)
  }
  const rewrite = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(rewrite)
    if (typeof node !== 'object' || node === null) return node
    return Object.fromEntries(
      Object.entries(node).map(([key, value]) => {
        if (key !== '$ref' || typeof value !== 'string' || !value.startsWith(PLACE))
          return [key, rewrite(value)]
        const name = value.slice(PLACE.length)
        return [key, `${PLACE}${rename.get(name) ?? name}`]
      }),
    )
  }
  const kept = [...used]
    .filter((name) => !(rename.has(name) && used.has(rename.get(name)!)))
    .map((name) => [rename.get(name) ?? name, rewrite(schemas[name])] as const)
    .sort(([a], [b]) => a.localeCompare(b))
  return {
    ...(rewrite({ ...document, components: { ...document.components, schemas: {} } }) as Document),
    components: {
      ...(rewrite({ ...document.components, schemas: {} }) as object),
      schemas: Object.fromEntries(kept),
    },
  }
}

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)

function reachable(document: Document, schemas: Readonly<Record<string, unknown>>): Set<string> {
  const used = new Set<string>()
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) {
      for (const item of node) visit(item)
      return
    }
    if (typeof node !== 'object' || node === null) return
    for (const [key, value] of Object.entries(node)) {
      if (key !== '$ref' || typeof value !== 'string' || !value.startsWith(PLACE)) visit(value)
      else if (!used.has(value.slice(PLACE.length))) {
        used.add(value.slice(PLACE.length))
        visit(schemas[value.slice(PLACE.length)])
      }
    }
  }
  visit(document.paths)
  visit(document.components?.responses)
  return used
}
