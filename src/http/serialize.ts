/**
 * Requests are parsed by zod; responses are written by fast-json-stringify compiled from the same schema's
 * JSON Schema. It drops fields that the schema does not name, and is twice as fast as encoding with zod.
 */
import { createRequire } from 'node:module'
import type fastJsonStringify from 'fast-json-stringify'
import { z } from 'zod'
import { memoryOf } from '../lib/memory.ts'

const require = createRequire(import.meta.url)

export type Stringify = (value: unknown) => string

/**
 * A function that writes values of the schema as JSON text. Compiled once per schema, when it first writes:
 * a start should not wait for the writers of all routes.
 */
export function stringifier(schema: z.ZodType): Stringify {
  let write: Stringify | undefined
  return (value) => {
    write ??= compiledFor(schema)
    return write(value)
  }
}

const compiledFor = memoryOf((schema: z.ZodType): Stringify => {
  // require, because it must be there at once; here, because it brings a hundred files along
  const fastJson = require('fast-json-stringify') as typeof fastJsonStringify
  const jsonSchema = z.toJSONSchema(schema, { io: 'output', target: 'draft-7', reused: 'inline' })
  return fastJson(slim(jsonSchema) as fastJsonStringify.Schema) as Stringify
})

/** Keywords that only check: the writer must not spend time on them, and formats confuse it. */
const CHECKS = new Set([
  'format',
  'pattern',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'minItems',
  'maxItems',
  'description',
  'examples',
  'default',
  'id',
  '$schema',
  'propertyNames',
])

function slim(node: unknown, insideProperties = false): unknown {
  if (Array.isArray(node)) return node.map((item) => slim(item))
  if (typeof node !== 'object' || node === null) return node
  const result: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(node)) {
    if (!insideProperties && CHECKS.has(key)) continue
    result[key] = slim(value, !insideProperties && (key === 'properties' || key === 'definitions'))
  }
  return insideProperties ? result : flattenNullable(result)
}

/** `anyOf: [X, null]` becomes `type: [X, 'null']`, which the writer handles without trying each branch. */
function flattenNullable(node: Record<string, unknown>): Record<string, unknown> {
  const branches = node.anyOf as Record<string, unknown>[] | undefined
  if (branches?.length !== 2) return node
  const other = branches.find((branch) => branch.type !== 'null')
  if (!other || branches.every((branch) => branch.type !== 'null')) return node
  const { anyOf: _, ...rest } = node
  if (typeof other.type === 'string') return { ...rest, ...other, type: [other.type, 'null'], nullable: true }
  return node
}
