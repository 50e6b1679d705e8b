/** What a request says on how its file is to be read and taken in, and what stops a whole file. */
import { z } from 'zod'
import type { Tx } from '../../db/database.ts'
import type { CustomField } from '../../device/custom.ts'
import { DomainError } from '../../http/problems.ts'
import { Id, repeatable, someText } from '../../http/schemas.ts'
import { IntakeError } from '../../intake/problem.ts'
import type { ReadOptions } from '../../intake/rows.ts'
import type { loadProfiles } from '../../intake/shipped-profiles.ts'
import type { Knowledge } from '../../screening/knowledge.ts'
import { mappingNamed } from '../mappings/store.ts'
import { namesIn } from './names-in.ts'

const json = <T extends z.ZodType>(shape: T, what: string) =>
  z
    .string()
    .max(20_000)
    .transform((text, context): z.output<T> => {
      let value: unknown
      try {
        value = JSON.parse(text)
      } catch {
        context.addIssue({ code: 'custom', message: `must be JSON: ${what}` })
        return z.NEVER
      }
      const result = shape.safeParse(value)
      if (result.success) return result.data
      context.addIssue({ code: 'custom', message: `must be ${what}` })
      return z.NEVER
    })

/** How a file is read. */
export const READING = {
  format: z.enum(['csv', 'ndjson']).optional().meta({ description: 'found out when absent' }),
  profile: someText(100).optional().meta({ description: 'id of a known file layout, or `none`' }),
  mapping: z
    .union([
      z
        .string()
        .max(100)
        .regex(/^\s*[^{\s]/),
      json(
        z.record(z.string(), z.union([z.string(), z.int(), z.null()])),
        'an object of field to column header or position (from 0), or the name of a saved mapping',
      ),
    ])
    .optional()
    .meta({
      description:
        'JSON object: device field to column header, or to its position from 0; or the name of a saved mapping (`/v1/import-mappings`)',
    }),
  defaults: json(z.record(z.string(), z.string()), 'an object of field to text')
    .optional()
    .meta({ description: 'JSON object: device field to the value of blank or absent cells' }),
  values: json(
    z.record(z.string(), z.record(z.string(), z.string())),
    "an object of field to an object of the file's words to values of the API",
  )
    .optional()
    .meta({
      description:
        'JSON object: what the file\'s own words mean, such as `{"fundingSource": {"CIP": "local"}}`; holds for all rows',
    }),
  sheet: repeatable(someText(200)).meta({
    description:
      'sheets of a workbook to read, hidden ones too; all visible ones that hold devices when absent',
  }),
  dateOrder: z
    .enum(['mdy', 'dmy'])
    .optional()
    .meta({ description: 'how 03/04/2024 is read; found out or mdy' }),
  delimiter: z.enum([',', ';', '\t', '|', 'comma', 'semicolon', 'tab', 'pipe']).optional(),
  encoding: someText(40).optional().meta({ description: 'found out when absent' }),
  header: z.stringbool().optional().meta({ description: 'false when the first row is data already' }),
}

export const ImportQuery = z.strictObject({
  jurisdictionId: Id.optional().meta({ description: 'operator keys only' }),
  uploadId: Id.optional().meta({ description: 'a file of `POST /v1/uploads`, instead of a body' }),
  ...READING,
  dryRun: z.stringbool().default(false).meta({ description: 'do everything, report it, and keep nothing' }),
  atomic: z
    .stringbool()
    .default(false)
    .meta({ description: 'keep nothing when any row has an error; otherwise good rows are kept' }),
  source: someText(100).default('default').meta({
    description: 'name of the feed; devices of an earlier file of it that are not in this one have vanished',
  }),
  blanks: z
    .enum(['keep', 'clear'])
    .default('keep')
    .meta({ description: 'whether a blank cell keeps what is known or makes it unknown' }),
  fileName: someText(255).optional(),
})

const DELIMITERS: Readonly<Record<string, ReadOptions['delimiter']>> = {
  ',': ',',
  ';': ';',
  '\t': '\t',
  '|': '|',
  comma: ',',
  semicolon: ';',
  tab: '\t',
  pipe: '|',
}

type Reading = z.output<z.ZodObject<typeof READING>>

export interface Readers {
  readonly profiles: ReturnType<typeof loadProfiles>
  readonly knowledge: Knowledge
  /** The city's own fields. */
  readonly custom: readonly CustomField[]
}

export function readOptions(asked: Reading, { profiles, knowledge, custom }: Readers): ReadOptions {
  return {
    profiles,
    custom,
    format: asked.format,
    encoding: asked.encoding,
    delimiter: asked.delimiter === undefined ? undefined : DELIMITERS[asked.delimiter],
    hasHeader: asked.header,
    profile: asked.profile === 'none' ? null : asked.profile,
    mapping: asked.mapping as Exclude<Reading['mapping'], string> as ReadOptions['mapping'],
    defaults: asked.defaults as ReadOptions['defaults'],
    dateOrder: asked.dateOrder,
    sheets: asked.sheet,
    words: asked.values as ReadOptions['words'],
    namesIn: namesIn(knowledge),
  }
}

/** What was asked with the saved mapping that it names; what it states itself wins. Throws `invalid-request`. */
export async function withSaved<T extends Reading>(tx: Tx, jurisdictionId: string, asked: T): Promise<T> {
  if (typeof asked.mapping !== 'string') return asked
  const { mapping, words, dateOrder } = await mappingNamed(tx, jurisdictionId, asked.mapping.trim())
  return {
    ...asked,
    mapping,
    values: { ...words, ...asked.values },
    dateOrder: asked.dateOrder ?? dateOrder ?? undefined,
  }
}

/** What the type of a file adds to what was asked. */
export function withType<T extends Reading>(asked: T, contentType: string | null | undefined): T {
  return {
    ...asked,
    format: asked.format ?? formatOf(contentType),
    encoding: asked.encoding ?? charsetOf(contentType),
  }
}

function formatOf(contentType: string | null | undefined): 'csv' | 'ndjson' | undefined {
  const type = contentType?.split(';')[0]?.trim().toLowerCase()
  return type === 'application/x-ndjson' || type === 'application/ndjson' ? 'ndjson' : undefined
}

function charsetOf(contentType: string | null | undefined): string | undefined {
  return /charset="?([\w.:-]+)"?/i.exec(contentType ?? '')?.[1]
}

export function asProblem(error: unknown): unknown {
  if (!(error instanceof IntakeError)) return error
  const { code, message, places } = error
  const errors =
    places.length > 0
      ? places.map((place) => ({ ...place, code }))
      : [{ pointer: '', code, message: `${message}${choices(error.details)}` }]
  return new DomainError('unreadable-file', message, { errors, cause: error })
}

const MOST_NAMED = 100

/** What to choose from, for who has the file before them. */
function choices({ headers, known, fields }: Readonly<Record<string, unknown>>): string {
  if (Array.isArray(headers)) return ` Its columns are ${named(headers)}.`
  const others = known ?? fields
  return Array.isArray(others) && others.length > 0 ? ` There are ${named(others)}.` : ''
}

function named(all: readonly unknown[]): string {
  const names = all.slice(0, MOST_NAMED).map((name) => `"${String(name).slice(0, 100)}"`)
  const more = all.length - names.length
  return names.join(', ') + (more > 0 ? ` and ${more} more` : '')
}
