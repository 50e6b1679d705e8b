/** Fields that a city adds to its devices, as they are sent and answered. */
import { z } from 'zod'
import type { customFields } from '../../db/schema/index.ts'
import { CUSTOM_TYPES, CustomName } from '../../device/custom.ts'
import { Id, Instant, nameText, pageOf, someText, toInstant } from '../../http/schemas.ts'

const Choices = z
  .array(nameText(100))
  .min(1)
  .max(100)
  .refine((all) => new Set(all.map((one) => one.toLowerCase())).size === all.length, 'must differ')
  .refine(
    (all) => !all.some((one) => one.toLowerCase() === 'unknown'),
    'unknown is no choice: leave it blank',
  )
  .meta({ description: 'what may be chosen; of the type `choice` alone' })

export const CustomFieldWrite = z
  .strictObject({
    jurisdictionId: Id.optional().meta({ description: 'operator keys only; other keys write to their own' }),
    name: CustomName.meta({
      description: 'in addresses, filters and columns (`custom.phase`); never changed',
      examples: ['phase'],
    }),
    label: nameText(100).meta({ description: 'what people and spreadsheets call it', examples: ['Phase'] }),
    type: z.enum(CUSTOM_TYPES).meta({ description: 'never changed' }),
    choices: Choices.optional(),
    description: someText(500).nullable().optional(),
  })
  .refine(({ type, choices }) => (type === 'choice') === (choices !== undefined), {
    message: 'are needed for a choice, and have no place in another type',
    path: ['choices'],
  })
  .meta({ id: 'NewCustomField' })
export type CustomFieldWrite = z.output<typeof CustomFieldWrite>

export const CustomFieldChange = z
  .strictObject({
    label: nameText(100).optional(),
    choices: Choices.optional(),
    description: someText(500).nullable().optional(),
  })
  .meta({ id: 'CustomFieldChange', description: 'Name and type stay: add another field and move the values' })
export type CustomFieldChange = z.output<typeof CustomFieldChange>

export const CustomFieldShape = z
  .object({
    id: z.string(),
    jurisdictionId: z.string(),
    name: z.string(),
    label: z.string(),
    type: z.enum(CUSTOM_TYPES),
    choices: z.array(z.string()),
    description: z.string().nullable(),
    version: z.int(),
    createdAt: Instant,
    updatedAt: Instant,
  })
  .meta({ id: 'CustomField', description: 'A field that a city adds to its devices' })

export const CustomFieldPage = pageOf('CustomFieldPage', CustomFieldShape)

export function toCustomField(row: typeof customFields.$inferSelect): z.output<typeof CustomFieldShape> {
  const { removedAt: _, ...shown } = row
  return {
    ...shown,
    type: row.type as (typeof CUSTOM_TYPES)[number],
    createdAt: toInstant(row.createdAt),
    updatedAt: toInstant(row.updatedAt),
  }
}
