/** Values that a schema admits, with words of the field where a name gives them away. */
import type { ApiDocument, Schema } from './document.ts'
import type { Draw } from './draw.ts'
import { type Known, kindOf } from './known.ts'

export interface Source {
  readonly draw: Draw
  readonly document: ApiDocument
  readonly known: Known
  /** Jurisdiction of the key that asks; null for keys of several. */
  readonly city: string | null
  /** A word that stands in texts of this city alone. */
  readonly mark: string
}

/** By the name of a field: what a rule asks for beyond the schema. */
const WORDS: Readonly<Record<string, readonly unknown[]>> = {
  manufacturer: ['Hikvision', 'LTS', 'Axis', 'Honeywell', 'Zorblax', '海康威视', 'Dahua Technology'],
  model: ['DS-2CD2143G2-I', 'P3245-LVE', 'CMIP1042W-28M', 'HQA60B2', 'IPC-HFW1230S'],
  maker: ['hikvision', 'dahua', 'axis', 'lts'],
  brand: ['hikvision', 'lts', 'axis'],
  vendor: ['hikvision', 'axis'],
  regime: ['ofac-sdn', 'ndaa-889-b', 'fcc-covered-list'],
  models: ['DS-2CD2143G2-I', 'DS-2CD*', 'P3245-LVE(A)'],
  mac: ['44:19:b6:01:02:03', '4419.b601.0203'],
  macAddress: ['44:19:b6:01:02:03', '3CEF8C112233'],
  firmwareVersion: ['V5.5.82', '10.12.1', 'V5.5.800 build 210628'],
  timezone: ['America/New_York', 'America/Chicago'],
  state: ['OH', 'TX', 'NY', null],
  country: ['US'],
  currency: ['USD'],
  code: ['CAM-DOME-OUT', 'CAM-BULLET', 'CAM-PTZ'],
  costCode: ['CAM-BULLET', 'CAM-DOME-OUT'],
  groupBy: ['maker', 'site,regime', 'state,outcome', 'purpose'],
  sha256: ['ab'.repeat(32), 'cd'.repeat(32)],
  fields: ['id', 'id,headline'],
  include: ['all', 'report'],
  name: ['Pier', 'Hall', 'Annex'],
}

const DAYS = ['2026-11-01', '2025-03-31', '2019-08-13', '2024-02-29', '2026-11-24']

export function valueFor(source: Source, given: Schema, name = '', depth = 0): unknown {
  const { draw, document } = source
  const schema = document.resolve(given)
  if (schema.const !== undefined) return schema.const
  if (Array.isArray(schema.enum)) return draw.one(schema.enum as unknown[])
  const branches = (schema.anyOf ?? schema.oneOf) as Schema[] | undefined
  if (branches) return valueFor(source, draw.one(branches), name, depth)
  const id = idFor(source, name)
  const word = WORDS[name]
  const type = Array.isArray(schema.type) ? draw.one(schema.type as string[]) : schema.type
  if (type === 'string' && id !== undefined) return id
  if (type === 'string' && word && draw.percent(80)) {
    const drawn = draw.one(word)
    // A list of words is one string here; what has to be unique gets the mark and a number.
    if (drawn !== null) return name === 'name' ? `${source.mark} ${String(drawn)} ${draw.below(1e6)}` : drawn
  }
  switch (type) {
    case 'object':
      return objectOf(source, schema, depth)
    case 'array':
      return arrayOf(source, schema, name, depth)
    case 'string':
      return stringOf(source, schema)
    case 'integer':
    case 'number':
      return numberOf(source, schema, type === 'integer')
    case 'boolean':
      return draw.percent(50)
    case 'null':
      return null
    default:
      return draw.one<unknown>(['x', 1, null, true])
  }
}

function idFor({ draw, known, city }: Source, name: string): string | undefined {
  if (name === 'jurisdictionId' && city !== null) return draw.percent(90) ? city : undefined
  const kind = kindOf(name, '')
  return kind === undefined ? undefined : known.draw(kind, city, draw)
}

function objectOf(source: Source, schema: Schema, depth: number): Record<string, unknown> {
  const { draw } = source
  const required = (schema.required ?? []) as string[]
  const result: Record<string, unknown> = {}
  for (const [key, property] of Object.entries((schema.properties ?? {}) as Record<string, Schema>)) {
    const share = depth > 2 ? 10 : 30
    if (required.includes(key) || draw.percent(share))
      result[key] = valueFor(source, property, key, depth + 1)
  }
  const rest = schema.additionalProperties
  if (typeof rest === 'object' && rest !== null && Object.keys(rest).length > 0) {
    const names = source.document.resolve((schema.propertyNames ?? {}) as Schema).enum as string[] | undefined
    for (let i = draw.below(3); i > 0; i--) {
      result[names ? draw.one(names) : `k${draw.below(9)}`] = valueFor(source, rest as Schema, '', depth + 1)
    }
  }
  return result
}

function arrayOf(source: Source, schema: Schema, name: string, depth: number): unknown[] {
  const least = Number(schema.minItems ?? 0)
  const most = Math.min(Number(schema.maxItems ?? 4), least + 3)
  const length = least + source.draw.below(most - least + 1)
  return Array.from({ length }, () => valueFor(source, (schema.items ?? {}) as Schema, name, depth + 1))
}

const PATTERNED: readonly (readonly [RegExp, readonly string[]])[] = [
  [/0-9a-fA-F\]\{64/, ['ab'.repeat(32), 'F0'.repeat(32)]],
  [/0-9a-fA-F\]\{8/, ['01900000-0000-7000-8000-000000000000']],
  [/CVE/, ['CVE-2021-36260', 'CVE-2026-12345']],
  [/\[A-Z\]\{2\}/, ['US', 'OH']],
  [/\[A-Z\]\{3\}/, ['USD']],
  [/A-Z0-9\]\*\(-/, ['CAM-BULLET', 'CAM-DOME-OUT', 'X-1']],
  [/T\\d\{2\}:/, ['2026-11-01', '2026-11-01T10:00']],
  [/T\(\?:/, ['2026-11-24T12:00:00Z']],
]

function stringOf({ draw, mark }: Source, schema: Schema): string {
  const pattern = schema.pattern as string | undefined
  if (schema.format === 'date') return draw.one(DAYS)
  if (schema.format === 'date-time') return draw.one(['2026-11-24T12:00:00Z', '2027-01-01T00:00:00.000Z'])
  if (schema.format === 'uuid') return '01900000-0000-7000-8000-00000000000f'
  if (pattern !== undefined) {
    const found = PATTERNED.find(([known]) => known.test(pattern))
    if (found) return draw.one(found[1])
  }
  const text = draw.one([mark, `${mark} ${draw.below(1000)}`, 'true', '2026-11-01', '7', 'axis', 'é ü 城'])
  return text.slice(0, Number(schema.maxLength ?? 100)).padEnd(Number(schema.minLength ?? 0), 'x')
}

function numberOf({ draw }: Source, schema: Schema, isWhole: boolean): number {
  const bound = (inclusive: unknown, exclusive: unknown, fallback: number, step: number) =>
    inclusive !== undefined
      ? Number(inclusive)
      : exclusive !== undefined
        ? Number(exclusive) + step
        : fallback
  const least = Math.max(bound(schema.minimum, schema.exclusiveMinimum, 0, 1), -1e6)
  const most = Math.min(bound(schema.maximum, schema.exclusiveMaximum, 1e6, -1), 1e9)
  const at = draw.one([least, most, least + (most - least) / 3, least + draw.below(100)])
  const within = Math.min(Math.max(at, least), most)
  return isWhole ? Math.round(within) : within
}
