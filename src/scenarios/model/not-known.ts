/** What an answer does not know or count, in sentences. Pure. */
import type { Listing } from '../../catalogue/rules.ts'
import type { PlainDate } from '../../lib/calendar.ts'
import { type Hit, isOpen, total } from './answer.ts'
import type { Hypothesis } from './hypothesis.ts'

export interface Unknowns {
  readonly hypothesis: Hypothesis
  readonly regimeTitle: string
  readonly makers: readonly string[]
  readonly asOf: PlainDate
  readonly windDownLastDay: PlainDate | null
  readonly unknownMakers: number
  readonly hits: readonly Hit[]
  readonly replaced: readonly Listing[]
  readonly readsTexts: boolean
  readonly hasBudget: boolean
  /** Certain hits that are in no cost: nothing prices them, or they are not in service. */
  readonly withoutCost: number
  /** Cities whose crews would need decades. */
  readonly neverDone: number
  /** Plans of the city that hold some of the devices hit already. */
  readonly inPlans: readonly { readonly name: string; readonly devices: number }[]
}

const MISSING_MOST = 10

export function notKnown(of: Unknowns): string[] {
  const { hypothesis, asOf, unknownMakers, hits } = of
  const open = total(hits.filter(isOpen))
  const missing = [...new Set(hits.flatMap(({ effect }) => effect.way.missing))].toSorted()
  return [
    ...listedBy(of),
    `The registers are those of ${asOf}: what is bought, moved or removed later is not in the figures.`,
    ...(hypothesis.effectiveOn < asOf
      ? [`The day is past: the law of ${hypothesis.effectiveOn} is laid over the registers of ${asOf}.`]
      : []),
    ...(unknownMakers > 0
      ? [
          `${unknownMakers} ${devices(unknownMakers)} no known maker and may belong to the listed company: they are neither counted as hit nor as spared.`,
        ]
      : []),
    ...(open > 0
      ? [
          `Of ${open} of the devices hit a person has to find out who made them, what they hold or who owns the maker; they are in no cost and no finish date.`,
        ]
      : []),
    ...(missing.length > 0
      ? [
          `Facts that would settle some of them: ${missing.slice(0, MISSING_MOST).join(', ')}${missing.length > MISSING_MOST ? ', ...' : ''}.`,
        ]
      : []),
    ...unrecorded(of),
    ...licenseSentences(of),
    ...(of.readsTexts
      ? []
      : [
          'Names and notes of devices that another maker’s label stands on were not searched for the listed company.',
        ]),
    ...(of.hasBudget ? [] : ['Costs and funds were not computed.']),
    ...(of.withoutCost > 0
      ? [
          `${of.withoutCost} of the devices hit are in no cost: nothing prices them, or they are not in service yet.`,
        ]
      : []),
    ...of.inPlans.map(
      ({ name, devices }) =>
        `${devices} of the devices hit ${devices === 1 ? 'is' : 'are'} in the plan ${name} already; their cost is counted here as if they were not, and what that plan has ordered, paid or scheduled is not free for them here (\`otherPlans\`: \`ignore\` in the settings frees what is only scheduled).`,
    ),
    ...(of.neverDone > 0
      ? [
          `In ${of.neverDone} of the cities crews at this rate need decades: their days without patches are in no sum.`,
        ]
      : []),
    'Whether suppliers and installers are short because other cities order at the same time is not counted.',
  ]
}

/** Facts of devices; those of makers and their owners have a sentence of their own. */
function unrecorded({ hits }: Unknowns): string[] {
  const counts = new Map<string, number>()
  for (const { effect, devices } of hits) {
    for (const fact of effect.missingFacts)
      if (!fact.includes(':')) counts.set(fact, (counts.get(fact) ?? 0) + devices)
  }
  return [...counts]
    .toSorted(([, a], [, b]) => b - a)
    .map(
      ([fact, count]) =>
        `\`${fact}\` is not recorded of ${count} of the devices hit: the stricter answer was taken.`,
    )
}

function devices(count: number): string {
  return count === 1 ? 'device has' : 'devices have'
}

function listedBy({ hypothesis, makers, regimeTitle, replaced }: Unknowns): string[] {
  const names = makers.join(', ')
  if (replaced.length === 0)
    return [`This is hypothetical: no authority is known to have put ${names} on the list of ${regimeTitle}.`]
  return [
    `This is hypothetical: ${replaced.map(({ name, from }) => `${name} (listed since ${from ?? 'an unknown day'})`).join(', ')} is taken off the list of ${regimeTitle} and put on it again from ${hypothesis.effectiveOn}, to show what the listing does.`,
  ]
}

function licenseSentences({ hypothesis, windDownLastDay }: Unknowns): string[] {
  if (hypothesis.licenses.length === 0)
    return ['No license is supposed; an authority may grant one, and on what terms cannot be known.']
  const end = windDownLastDay === null ? '' : `, to the end of ${windDownLastDay} in the city’s own time`
  return [
    `The supposed licenses are taken to cover every device of the listed companies without further terms${end}; real ones have terms and hours of their own.`,
  ]
}
