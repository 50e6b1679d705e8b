/** What people state on who made a device, as it is kept with the device. */
import { z } from 'zod'

/** What a statement rests on, the strongest first. */
export const STATEMENT_BASES = [
  'teardown',
  'label-photo',
  'vendor-letter',
  'inspection',
  'invoice',
  'other',
] as const
export type StatementBasis = (typeof STATEMENT_BASES)[number]

export const STATEMENT_SCOPES = ['device', 'model'] as const

export const MakerStatement = z
  .object({
    id: z.string(),
    scope: z
      .enum(STATEMENT_SCOPES)
      .meta({ description: '`model`: stated of all devices of the city with this name and model' }),
    maker: z.string().nullable().meta({ description: 'catalog id; null: it cannot be found out' }),
    basis: z.enum(STATEMENT_BASES),
    by: z.string().meta({ description: 'who stated it: a name, and the label of the key' }),
    statedOn: z.string(),
    confirmedBy: z.string().nullable().meta({ description: 'the second person' }),
    spokenFor: z
      .array(z.string())
      .meta({ description: 'makers that other evidence pointed to when it was stated' }),
    fell: z
      .string()
      .nullable()
      .meta({ description: 'why it no longer counts, when facts of the device have changed since' }),
  })
  .meta({ id: 'StatementOnDevice', description: 'What a person states on who made the device' })
export type MakerStatement = z.infer<typeof MakerStatement>

/** Text that is the same for equal statements, however their fields are ordered. */
export function statementsText(statements: readonly MakerStatement[] | null | undefined): string {
  if (statements == null || statements.length === 0) return ''
  const rows = statements.map((one) => [
    one.id,
    one.scope,
    one.maker,
    one.basis,
    one.by,
    one.statedOn,
    one.confirmedBy,
    one.spokenFor.toSorted(),
    one.fell,
  ])
  return JSON.stringify(rows.toSorted((a, b) => (a[0]! < b[0]! ? -1 : 1)))
}
