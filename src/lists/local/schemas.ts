/** What routes of local laws are asked and answer. */
import { z } from 'zod'
import { ACTIVITIES, isFinding, OUTCOMES } from '../../catalogue/outcomes.ts'
import { Day, Id, Instant, State, someText } from '../../http/schemas.ts'
import { PreviewShape } from '../schemas.ts'

/** A law of a place adds to what others say: it has no word that would clear anything. */
const RESTRICTING = OUTCOMES.filter(isFinding)

const Outcomes = z
  .partialRecord(
    z.enum(ACTIVITIES),
    z.enum(RESTRICTING, { error: `must be one of ${RESTRICTING.join(', ')}: a local law can only restrict` }),
  )
  .refine((given) => Object.keys(given).length > 0, 'must name at least one activity')

const LocalRule = z
  .strictObject({
    when: z.unknown().optional().meta({
      type: 'object',
      description:
        'the condition, in the language of the rules of `GET /v1/regimes/{id}`: `all`, `any`, `not`, `is`, `in`, `onOrAfter`, `before`, `reached`, `affiliated`; when left out, every device of the makers',
    }),
    outcomes: Outcomes.meta({ description: 'what it makes of each activity it speaks of' }),
    because: someText(1000).meta({
      description: 'one sentence for a person; `{maker}`, `{listed}` and `{asOf}` are filled in',
    }),
    citation: someText(500).optional().meta({ description: 'when it is another one than that of the law' }),
  })
  .meta({ id: 'LocalRule' })

const fields = {
  title: someText(200).meta({ description: 'as answers name it' }),
  adoptedBy: someText(200).meta({ description: 'who made it, such as the city council' }),
  citation: someText(500).meta({ description: 'where it is written' }),
  from: Day.nullable().default(null).meta({ description: 'first day; null for any' }),
  to: Day.nullable().default(null).meta({ description: 'first day outside; null while no end is known' }),
  makers: z.array(someText(100)).max(500).default([]).meta({ description: 'vendor ids that the law names' }),
  reach: z
    .enum(['named-only', 'any-affiliate', 'fifty-percent'])
    .default('any-affiliate')
    .meta({ description: 'how far it reaches beyond the makers named' }),
  rules: z.array(LocalRule).min(1).max(50),
}

export const LocalLawWrite = z
  .strictObject({
    jurisdictionId: Id.optional().meta({ description: 'for an operator key: whose law it is' }),
    state: State.optional().meta({
      description: 'for an operator key: a law of this state for all its cities',
    }),
    ...fields,
  })
  .meta({ id: 'LocalLawWrite' })
export type LocalLawWrite = z.infer<typeof LocalLawWrite>

export const DryRun = z.strictObject({
  dryRun: z
    .stringbool()
    .default(false)
    .meta({ description: 'write nothing; say whom it would flag and clear, judged today' }),
})

export const LocalLawShape = z
  .object({
    id: z.string(),
    regime: z.string().meta({ description: 'what answers, filters and totals call it' }),
    jurisdictionId: z.string().nullable().meta({ description: 'null for the law of a state' }),
    state: z.string().nullable(),
    title: z.string(),
    adoptedBy: z.string(),
    citation: z.string(),
    from: z.string().nullable(),
    to: z.string().nullable(),
    makers: z.array(z.string()),
    reach: z.string(),
    rules: z.array(
      z.object({
        when: z.record(z.string(), z.unknown()),
        outcomes: z.record(z.string(), z.string()),
        because: z.string(),
        citation: z.string().optional(),
      }),
    ),
    recordedAt: Instant,
    recordedBy: z.string().meta({ description: 'id of the key' }),
    endsOn: z.string().nullable().meta({ description: 'first day without it, as it was withdrawn' }),
    withdrawnAt: Instant.nullable(),
    withdrawnBy: z.string().nullable(),
    withdrawnBecause: z.string().nullable(),
    version: z.int(),
  })
  .meta({ id: 'LocalLaw' })

export const LocalLawPreview = z
  .object({ dryRun: z.literal(true), regime: z.string(), preview: PreviewShape })
  .meta({ id: 'LocalLawPreview' })

export const Withdrawal = z
  .strictObject({
    because: someText(1000),
    endsOn: Day.optional().meta({
      description: 'first day on which it no longer holds; today unless said, in the zone of the city',
    }),
  })
  .meta({ id: 'LocalLawWithdrawal' })
