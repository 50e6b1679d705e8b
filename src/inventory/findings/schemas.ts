/** Findings and decisions on them, as they are sent and shown. */
import { z } from 'zod'
import { Day, Id, Instant, nameText, pageOf, repeatable, someText } from '../../http/schemas.ts'
import { Activity, Outcome } from '../../screening/schemas.ts'
import { DeviceFilterBody, DeviceFilterQuery } from '../queries/device-filter.ts'
import { DECISION_STATES } from './model/standing.ts'

/** So many findings are decided on at once. */
export const MOST_FINDINGS = 20_000

const STATES = ['open', ...DECISION_STATES] as const
const Triage = z.enum(STATES).meta({
  description:
    '`open`: nobody decided, or the decision no longer counts. `planned`: something is to be done. `accepted`: a waiver, which two persons gave. `disputed`: somebody holds that the answer is wrong. `mitigated`: something else protects. `gone`: the device is no longer there. None of them changes the answer',
})
const Person = nameText(200).meta({
  description: 'name of the person; the label of the key is kept beside it',
})

const { regime: _r, activity: _a, outcome: _o, ...devices } = DeviceFilterQuery

const OF_FINDING = {
  deviceId: repeatable(Id),
  regime: repeatable(someText(100)),
  activity: repeatable(Activity),
  outcome: repeatable(Outcome).meta({ description: 'of the finding itself' }),
  rule: repeatable(someText(200)).meta({ description: 'by id of the rule' }),
  triage: repeatable(Triage),
}

export const FindingsQuery = { ...devices, ...OF_FINDING }
export type FindingsQuery = Readonly<z.output<z.ZodObject<typeof FindingsQuery>>>

const Decision = z.object({
  id: z.string(),
  state: z.enum(DECISION_STATES),
  reason: z.string(),
  documentIds: z.array(z.string()),
  until: z.string().nullable().meta({ description: 'last day on which it counts' }),
  by: z.string(),
  keyLabel: z.string(),
  at: Instant,
  confirmed: z.object({ by: z.string(), keyLabel: z.string(), at: Instant }).nullable(),
})

export const Finding = z
  .object({
    jurisdictionId: z.string(),
    jurisdiction: z.string(),
    deviceId: z.string(),
    assetTag: z.string().nullable(),
    name: z.string().nullable(),
    siteId: z.string().nullable(),
    manufacturer: z.string().nullable(),
    model: z.string().nullable(),
    maker: z.string().nullable(),
    acquiredOn: z.string().nullable(),
    fundingSource: z.string().nullable(),
    acquisitionCostCents: z.int().nullable(),
    currency: z.string().nullable(),
    regime: z.string(),
    activity: Activity,
    outcome: Outcome,
    certainty: z.string(),
    ruleId: z.string(),
    because: z.string(),
    missingFacts: z.array(z.string()),
    citation: z.string(),
    waitsFor: z.enum(['city', 'person']).nullable(),
    listsReadOn: z.string(),
    triage: Triage,
    reopened: z.string().nullable().meta({ description: 'why a decision no longer counts' }),
    needsSecondPerson: z
      .boolean()
      .meta({ description: 'accepted by one person; it counts when another confirms' }),
    decision: Decision.nullable().meta({ description: 'the last one, whether it counts or not' }),
  })
  .meta({ id: 'Finding' })
export type Finding = z.infer<typeof Finding>
export const FindingPage = pageOf('FindingPage', Finding)

export const RuleGroup = z
  .object({
    ruleId: z.string(),
    regime: z.string(),
    activity: Activity,
    outcome: Outcome,
    because: z.string().meta({ description: 'of one of the devices' }),
    citation: z.string(),
    devices: z.int(),
    acquisitionCostCents: z
      .record(z.string(), z.int())
      .meta({ description: 'what the devices cost, by currency; those without a cost are not among it' }),
    devicesWithoutCost: z.int(),
  })
  .meta({ id: 'FindingsOfRule' })
export type RuleGroup = z.infer<typeof RuleGroup>
export const RuleGroups = z.object({ items: z.array(RuleGroup) }).meta({ id: 'FindingsByRule' })

const Named = z.strictObject({ deviceId: Id, regime: someText(100), activity: Activity })

export const FindingFilter = DeviceFilterBody.omit({ regime: true, activity: true, outcome: true }).extend(
  OF_FINDING,
)
export type FindingFilter = z.output<typeof FindingFilter>

export const DecisionWrite = z
  .strictObject({
    jurisdictionId: Id.optional().meta({ description: 'operator keys only; other keys write to their own' }),
    findings: z.array(Named).min(1).max(MOST_FINDINGS).optional(),
    filter: FindingFilter.optional().meta({
      description: 'the filters of `GET /v1/findings`; `{}` is every finding of the city',
    }),
    state: z.enum(DECISION_STATES),
    reason: someText(2000),
    by: Person,
    until: Day.optional().meta({
      description:
        'last day on which it counts; required to accept and to plan. The day after, the finding is open again',
    }),
    documentIds: z.array(Id).max(50).default([]).meta({ description: 'documents of the city that show it' }),
    expected: z
      .strictObject({ count: z.int().min(0) })
      .optional()
      .meta({ description: 'what the dry run counted; required with `filter` unless it is one' }),
    dryRun: z.boolean().default(false),
  })
  .refine(({ findings, filter }) => (findings === undefined) !== (filter === undefined), {
    message: 'is needed, or else filter',
    path: ['findings'],
  })
  .refine(({ filter, expected, dryRun }) => filter === undefined || dryRun || expected !== undefined, {
    message: 'is required: try it with dryRun first, and send its count',
    path: ['expected'],
  })
  .refine(({ state, until }) => (state !== 'accepted' && state !== 'planned') || until !== undefined, {
    message: 'is required to accept a finding and to plan what is done about it',
    path: ['until'],
  })
  .meta({ id: 'NewFindingDecision' })
export type DecisionWrite = z.output<typeof DecisionWrite>

export const Confirmation = z.strictObject({ by: Person }).meta({ id: 'FindingDecisionConfirmation' })
export const Withdrawal = z
  .strictObject({ by: Person, reason: someText(2000) })
  .meta({ id: 'FindingDecisionWithdrawal' })

export const FindingDecision = Decision.extend({
  jurisdictionId: z.string(),
  findings: z.int().meta({ description: 'findings that it was made of' }),
  standing: z.int().meta({ description: 'those of which no later decision was made' }),
  withdrawn: z.object({ by: z.string(), reason: z.string(), at: Instant }).nullable(),
  version: z.int(),
}).meta({ id: 'FindingDecision' })
export type FindingDecision = z.infer<typeof FindingDecision>

export const DecisionTried = z
  .object({ dryRun: z.literal(true), count: z.int() })
  .meta({ id: 'FindingDecisionTried' })
