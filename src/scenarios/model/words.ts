/** A scenario in words, for a terminal: what is hit, what stops when, what it takes, and what is not known. Pure. */

import { daysBetween, type PlainDate } from '../../lib/calendar.ts'
import { counted } from '../../lib/counted.ts'
import { chanceWords, dollars } from '../../planning/outputs/model/labels.ts'
import type { BudgetAnswer, RolloutAnswer, ScenarioDocument } from '../schemas.ts'

export function inWords(scenario: ScenarioDocument): string {
  const blocks: readonly (readonly [string, readonly string[]])[] = [
    ['What is hit', hitLines(scenario)],
    ['What changes (without the scenario -> from its day -> after its licenses)', activityLines(scenario)],
    ['Firmware updates', updateLines(scenario)],
    ['Licenses that would be needed', licenseLines(scenario)],
    ['Dates', dateLines(scenario)],
    ['Money', scenario.budget === null ? [] : moneyLines(scenario.budget, lastDayOf(scenario))],
    ['What this does not know', scenario.notKnown.map((line) => `- ${line}`)],
  ]
  return [
    `HYPOTHETICAL: ${scenario.name}`,
    ...blocks
      .filter(([, lines]) => lines.length > 0)
      .map(([title, lines]) => [title, ...lines.map((line) => `  ${line}`)].join('\n')),
  ].join('\n\n')
}

const percent = (share: number) => `${(share * 100).toFixed(1)} %`

function hitLines({ totals, paths, reviewer, cities }: ScenarioDocument): string[] {
  if (totals.hit === 0) return [`None of ${counted(totals.devices, 'device')}.`]
  const where = cities.length === 1 ? cities[0]!.name : counted(cities.length, 'city', 'cities')
  return [
    `${totals.hit.toLocaleString('en-US')} of ${counted(totals.devices, 'device')} in ${where} (${percent(reviewer.share)})`,
    ...paths.map(
      ({ certain, open, meaning }) => `${certain + open}: ${meaning}${open > 0 ? ` (${open} open)` : ''}`,
    ),
  ]
}

function activityLines({ activities }: ScenarioDocument): string[] {
  return activities
    .filter(({ before, after, ended }) => before !== after || (ended !== null && ended !== before))
    .map(({ activity, before, after, ended, devices }) => {
      const steps = [before, after, ...(ended === null ? [] : [ended])]
      return `${activity}: ${steps.join(' -> ')} (${devices})`
    })
}

const NAMED_MOST = 5

function updateLines({ firmware }: ScenarioDocument): string[] {
  const { cutOffs, unpatchable, devicesLosingPatches } = firmware
  const lost = unpatchable
    .slice(0, NAMED_MOST)
    .map(
      ({ id, isKnownExploited, devices }) => `${id} on ${devices}${isKnownExploited ? ' (exploited)' : ''}`,
    )
  return [
    ...cutOffs.map(
      ({ saveBy, devices, withoutImage }) =>
        `${counted(devices, 'device')}: no updates after ${saveBy} without a license. Download the firmware files and keep a copy by then; of ${withoutImage} none is kept.`,
    ),
    ...(lost.length === 0
      ? []
      : [
          `${counted(devicesLosingPatches, 'device')} can then no longer be patched: ${lost.join(', ')}${unpatchable.length > lost.length ? ', ...' : ''}`,
        ]),
  ]
}

function licenseLines({ applications }: ScenarioDocument): string[] {
  return applications
    .slice(0, NAMED_MOST)
    .map(
      ({ city, authority, activities, devices, from }) =>
        `${city}: from ${from}, ${authority}, for ${activities.join(', ')} of ${counted(devices, 'device')} (draft of the facts: --json)`,
    )
}

function dateLines({ totals, cities, surge, reviewer, budget }: ScenarioDocument): string[] {
  if (totals.hit === 0) return []
  const [city] = cities
  if (cities.length === 1 && city!.rollout !== null) {
    return [
      ...crewLines(city!.rollout),
      ...(surge === null
        ? []
        : crewLines(surge.rollout).map((line) => `${surge.factor} times the rate: ${line}`)),
    ]
  }
  const slow = reviewer.citiesThatCannotFinish
  const named = `${slow.slice(0, NAMED_MOST).join(', ')}${slow.length > NAMED_MOST ? ', ...' : ''}`
  return [
    `${counted(slow.length, 'city', 'cities')} cannot finish in time by crews alone${budget === null ? ' (money not looked at)' : ''}${slow.length === 0 ? '' : `: ${named}`}`,
    `${reviewer.unpatchableDeviceDays.toLocaleString('en-US')} device-days without patches`,
  ]
}

function crewLines(rollout: RolloutAnswer): string[] {
  const { ratePerDay, completeOn, deadline, shortfall, latestOrderOn, orderLateByDays, devices } = rollout
  const delivery = rollout.leadDays === undefined ? '' : ` ${counted(rollout.leadDays, 'day')} to deliver,`
  const crews = `Crews alone, ordered on ${rollout.orderedOn},${delivery} ${ratePerDay} a day`
  if (completeOn === null)
    return [`${crews}: decades for ${counted(devices, 'device')}; the last day is ${deadline}.`]
  const late = shortfall === 0 ? 'in time' : `${shortfall} of ${counted(devices, 'device')} late`
  const order =
    (orderLateByDays ?? 0) > 0
      ? `the order was due by ${latestOrderOn}, ${counted(orderLateByDays ?? 0, 'day')} earlier`
      : `order by ${latestOrderOn} at the latest`
  return [`${crews}: done on ${completeOn}, ${late}; the last day is ${deadline}; ${order}.`]
}

function moneyLines(budget: BudgetAnswer, lastDay: PlainDate | null): string[] {
  const years = budget.years.filter(({ needCents }) => needCents > 0)
  return [
    budget.percentiles
      .filter(({ percent: chance }) => chance === 50 || chance === 80)
      .map(
        ({ percent: chance, cents }) => `${chanceWords(chance)} that ${dollars(cents)} suffices (P${chance})`,
      )
      .join('; '),
    ...years.map(
      ({ fiscalYear, needCents, paidCents, gapCents }) =>
        `FY${fiscalYear}: ${dollars(needCents)} needed, ${dollars(paidCents)} has a payer, ${dollars(gapCents)} has none`,
    ),
    ...unplacedLines(budget),
    ...budget.warnings.filter(({ code }) => WARNINGS_IN_WORDS.includes(code)).map(({ message }) => message),
    `Without a payer in all: ${dollars(budget.gapCents)}`,
    finishLine(budget, lastDay),
    `Written off: ${dollars(budget.writeOffCents)}, which is no cash`,
  ]
}

const WARNINGS_IN_WORDS: readonly string[] = ['does-not-fit', 'shared-funds', 'unpriced']

function unplacedLines({ unplaced }: BudgetAnswer): string[] {
  if (unplaced.length === 0) return []
  const sites = unplaced.map(({ site, devices }) => `${site} (${devices})`).join(', ')
  return [`No year has room for: ${sites} (in P50 and P80 above, not in the years)`]
}

const lastDayOf = ({ cities }: ScenarioDocument) => cities[0]?.rollout?.deadline ?? null

/** Crews alone may be in time and the money not. */
function finishLine({ finishOn }: BudgetAnswer, lastDay: PlainDate | null): string {
  if (finishOn === null) return 'Done by money and crews on no day: some sites fit in no year'
  const late = lastDay === null ? 0 : daysBetween(lastDay, finishOn)
  const verdict = late > 0 ? `, ${counted(late, 'day')} after the last day ${lastDay}: too late` : ', in time'
  return `Done by money and crews on ${finishOn}${lastDay === null ? '' : verdict}`
}
