/** Saved mappings, as they are sent and answered. */
import { z } from 'zod'
import type { importMappings } from '../../db/schema/index.ts'
import { Id, Instant, nameText, pageOf, someText, text, toInstant } from '../../http/schemas.ts'

const Mapping = z.record(z.string().max(100), z.union([someText(255), z.int().min(0), z.null()])).meta({
  description: 'device field to column header, or to its position from 0; null leaves the field out',
})

const Values = z
  .record(z.string().max(100), z.record(text(200), text(200)))
  .meta({ description: 'what the words of the list mean, by field' })

export const MappingWrite = z
  .strictObject({
    jurisdictionId: Id.optional().meta({ description: 'operator keys only; other keys write to their own' }),
    name: nameText(100).refine((name) => !name.startsWith('{'), 'must not begin with {'),
    source: someText(100)
      .nullable()
      .optional()
      .meta({ description: 'the feed it is for; absent for every one' }),
    mapping: Mapping,
    values: Values.nullable().optional(),
    dateOrder: z.enum(['mdy', 'dmy']).nullable().optional(),
    headers: z.array(text(255)).max(1000).nullable().optional().meta({
      description:
        'headers of the file it is made for: it is offered for files with these; absent: for files that have the columns it names',
    }),
  })
  .meta({ id: 'NewImportMapping' })
export type MappingWrite = z.output<typeof MappingWrite>

const { jurisdictionId: _, ...changeable } = MappingWrite.shape
/** What is left out stays as it is. */
export const MappingChange = z
  .strictObject({
    ...changeable,
    name: changeable.name.optional(),
    mapping: changeable.mapping.optional(),
  })
  .meta({ id: 'ImportMappingChange' })
export type MappingChange = z.output<typeof MappingChange>

export const MappingShape = z
  .object({
    id: z.string(),
    jurisdictionId: z.string(),
    name: z.string(),
    source: z.string().nullable(),
    mapping: Mapping,
    values: Values.nullable(),
    dateOrder: z.enum(['mdy', 'dmy']).nullable(),
    headers: z.array(z.string()).nullable(),
    version: z.int(),
    createdAt: Instant,
    updatedAt: Instant,
  })
  .meta({ id: 'ImportMapping', description: 'How the columns and words of a list that comes again are read' })

export const MappingPage = pageOf('ImportMappingPage', MappingShape)

export function toMapping({
  words,
  ...row
}: typeof importMappings.$inferSelect): z.output<typeof MappingShape> {
  return {
    ...row,
    values: words,
    createdAt: toInstant(row.createdAt),
    updatedAt: toInstant(row.updatedAt),
  }
}
