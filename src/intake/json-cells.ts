/** An object of JSON as cells: nested values become columns of their own, `site.name` is the column `site`. Pure. */
import { scopesIn } from './scopes.ts'

/** How deep nested values become columns; what lies deeper stays JSON text. */
const COLUMN_DEPTH = 4
/** Of these an object has one that counts, the first that is there. */
const NAMES = ['name', 'label', 'value', 'display', 'display_name', 'displayName', 'text']
/** Names that add nothing to that of the object they are in. */
const GENERIC = new Set([...NAMES.map((name) => name.toLowerCase()), 'properties'])
/** Names that mean something else in a nested object than in the record. */
const OF_ANYTHING = new Set([
  'id',
  'url',
  'slug',
  'type',
  'status',
  'number',
  'count',
  'title',
  'description',
  'version',
])

export type Json = Readonly<Record<string, unknown>>

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A nested value has the last of its names that says something, unless another column has it. */
export function columnName(path: readonly string[], header: readonly string[]): string {
  const specific = path.filter((name, i) => i === 0 || !GENERIC.has(name.toLowerCase()))
  const last = specific.at(-1)!
  const isOwn = path.length === 1 || !OF_ANYTHING.has(last.toLowerCase())
  return isOwn && !header.includes(last) ? last : path.join('.')
}

export function* cellsOf(value: Json): Generator<[path: string[], cell: string]> {
  const { type, properties, geometry, id } = value
  if (type === 'Feature' && isObject(properties)) {
    yield* nested(properties, [], 0)
    const point = positionOf(geometry)
    if (point !== null) yield [['coordinates'], point]
    // Often no more than the place in the file, so that it is named, and taken for a tag only when someone says so.
    if (id !== undefined) yield [['id of the feature'], textOf(id)]
    return
  }
  yield* nested(value, [], 0)
}

function* nested(value: Json, path: string[], depth: number): Generator<[path: string[], cell: string]> {
  const name = depth === 0 ? undefined : NAMES.find((one) => typeof value[one] === 'string')
  for (const [key, part] of Object.entries(value)) {
    if (name !== undefined && key !== name && NAMES.includes(key)) continue
    const scopes = scopesIn(part)
    if (scopes !== null) for (const [name, text] of scopes) yield [[name], text]
    if (isObject(part) && depth < COLUMN_DEPTH) yield* nested(part, [...path, key], depth + 1)
    else yield [[...path, key], textOf(part)]
  }
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'string') return value.replace(/\p{Surrogate}/gu, '\uFFFD')
  if (Array.isArray(value) && value.every((part) => typeof part !== 'object')) return textOf(value.join('; '))
  return textOf(typeof value === 'object' ? JSON.stringify(value) : String(value))
}

/** Of an area or several points, as much as names it where it cannot be read. */
const POSITION_LENGTH = 200

/** GeoJSON writes longitude first. Source: RFC 7946, section 3.1.1. */
function positionOf(geometry: unknown): string | null {
  if (!isObject(geometry)) return null
  const { type, coordinates } = geometry
  if (!Array.isArray(coordinates)) return typeof type === 'string' ? type.slice(0, POSITION_LENGTH) : null
  // Several points of which there is one are a point.
  const isOne = type === 'MultiPoint' && coordinates.length === 1 && Array.isArray(coordinates[0])
  const [longitude, latitude] = (isOne ? coordinates[0] : coordinates) as unknown[]
  return (isOne || type === 'Point') && typeof longitude === 'number' && typeof latitude === 'number'
    ? `POINT (${longitude} ${latitude})`
    : `${type} ${JSON.stringify(coordinates)}`.slice(0, POSITION_LENGTH)
}
