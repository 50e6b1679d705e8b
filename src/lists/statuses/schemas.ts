/** What routes of statuses are asked and answer. */
import { z } from 'zod'
import { Day, Instant, someText } from '../../http/schemas.ts'
import { PreviewShape } from '../schemas.ts'

/** An unknown status is what there is without a confirmation. */
const STATUSES = ['in-force', 'challenged', 'stayed', 'not-issued'] as const
/** Under these a law forbids nothing: nobody may forget to look again. */
export const MILDER: readonly string[] = ['stayed', 'not-issued']

export const StatusWrite = z
  .strictObject({
    status: z.enum(STATUSES),
    from: Day,
    to: Day.nullable().default(null).meta({
      description:
        'first day of which the evidence says nothing; needed for `stayed` and `not-issued`. From then on counts what was there before, `unknown` as if it were in force',
    }),
    evidence: someText(2000).meta({ description: 'where it was read' }),
  })
  .meta({ id: 'RegimeStatusWrite' })
export type StatusWrite = z.output<typeof StatusWrite>

export const ConfirmedStatus = z
  .object({
    regime: z.string(),
    status: z.string(),
    from: z.string(),
    to: z.string().nullable(),
    evidence: z.string(),
    recordedAt: Instant,
    recordedBy: z.string().meta({ description: 'id of the key' }),
  })
  .meta({ id: 'RegimeStatus', description: 'Whether a body of law is in force, as an operator confirmed it' })

export const StatusConfirmed = z
  .object({
    regime: z.string(),
    dryRun: z.boolean(),
    periods: z.array(
      z.object({
        status: z.string(),
        from: z.string().nullable(),
        to: z.string().nullable(),
        note: z.string().nullable(),
      }),
    ),
    knowledgeVersion: z.int().nullable().meta({ description: 'null with `dryRun`' }),
    preview: PreviewShape.nullable().meta({ description: 'with `dryRun`' }),
  })
  .meta({ id: 'RegimeStatusConfirmed' })
