/** A scenario in words, for a terminal: what is hit, what stops when, what it takes, and what is not known. Pure. */
import { chanceWords, counted, dollars } from '../../planning/outputs/model/labels.ts'
import type { BudgetAnswer, RolloutAnswer, ScenarioDocument } from '../schemas.ts'

export function inWords(scenario: ScenarioDocument): string {
  const blocks: readonly (readonly [string, readonly string[]])[] = [
    ['What is hit', hitLines(scenario)],
    ['What changes (without the scenario -> from its day -> after its licenses)', activityLines(scenario)],
    ['Firmware updates', updateLines(scenario)],
    ['Licenses that would be needed', licenseLines(scenario)],
    ['Dates', dateLines(scenario)],
    ['Money', scenario.budget === null ? [] : moneyLines(scenario.budget)],
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
  const where =
    cities.length === 1 ? cities[0]!.name : counted(cities.length, 'city').replace('citys', 'cities')
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
      ({ cutOffOn, saveBy, devices, withoutImage }) =>
        `${counted(devices, 'device')}: none without a license from ${cutOffOn}. Fetch and hash images by ${saveBy}; ${withoutImage} have none kept.`,
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

function dateLines({ cities, surge, reviewer }: ScenarioDocument): string[] {
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
  return [
    `${counted(slow.length, 'city').replace('citys', 'cities')} cannot finish in time${slow.length === 0 ? '' : `: ${slow.slice(0, NAMED_MOST).join(', ')}${slow.length > NAMED_MOST ? ', ...' : ''}`}`,
    `${reviewer.unpatchableDeviceDays.toLocaleString('en-US')} device-days without patches`,
  ]
}

function crewLines(rollout: RolloutAnswer): string[] {
  const { ratePerDay, completeOn, deadline, shortfall, latestOrderOn, orderLateByDays, devices } = rollout
  const late = shortfall === 0 ? 'in time' : `${counted(shortfall, 'device')} of ${devices} late`
  if (completeOn === null)
    return [
      `Crews at ${ratePerDay} a day need decades for ${counted(devices, 'device')}; the last day is ${deadline}.`,
    ]
  const order =
    (orderLateByDays ?? 0) > 0
      ? `the order was due by ${latestOrderOn}, ${counted(orderLateByDays ?? 0, 'day')} before the listing`
      : `order by ${latestOrderOn} at the latest`
  return [
    `Crews at ${ratePerDay} a day are done on ${completeOn}; the last day is ${deadline}: ${late}; ${order}.`,
  ]
}

function moneyLines(budget: BudgetAnswer): string[] {
  const years = budget.years.filter(({ needCents }) => needCents > 0)
  return [
    budget.percentiles
      .filter(({ percent: chance }) => chance === 50 || chance === 80)
      .map(({ percent: chance, cents }) => `${chanceWords(chance)} that ${dollars(cents)} suffices`)
      .join('; '),
    ...years.map(
      ({ fiscalYear, needCents, paidCents, gapCents }) =>
        `FY${fiscalYear}: ${dollars(needCents)} needed, ${dollars(paidCents)} has a payer, ${dollars(gapCents)} has none`,
    ),
    ...(budget.unplaced.length === 0
      ? []
      : [
          `In no year, and in none of these sums: ${budget.unplaced.map(({ site, devices }) => `${site} (${devices})`).join(', ')}`,
        ]),
    `Done by money and crews on ${budget.finishOn ?? 'no day: some sites fit in no year'}; written off: ${dollars(budget.writeOffCents)}, which is no cash`,
  ]
}
