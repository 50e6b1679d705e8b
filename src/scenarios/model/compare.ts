/** Scenarios side by side: one row for each figure. Pure. */
import type { ScenarioDocument } from '../schemas.ts'

export interface ComparedFigure {
  readonly figure: string
  readonly unit: 'devices' | 'share' | 'day' | 'cents' | 'device-days' | 'cities' | 'words'
  /** In the order in which the scenarios were named; null where one does not have it. */
  readonly values: readonly (string | number | null)[]
}

type Read = (scenario: ScenarioDocument) => string | number | null

const lastOf = (days: readonly (string | null)[]) =>
  days
    .flatMap((day) => day ?? [])
    .toSorted()
    .at(-1) ?? null
const firstOf = (days: readonly (string | null)[]) => days.flatMap((day) => day ?? []).toSorted()[0] ?? null
const chance =
  (wanted: number): Read =>
  ({ budget }) =>
    budget?.percentiles.find(({ percent }) => percent === wanted)?.cents ?? null
const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0)

const FIGURES: readonly (readonly [string, ComparedFigure['unit'], Read])[] = [
  ['scenario', 'words', ({ name }) => name],
  ['effective day', 'day', ({ supposed }) => supposed.effectiveOn],
  ['last day of the wind-down', 'day', ({ supposed }) => supposed.windDownLastDay],
  ['devices', 'devices', ({ totals }) => totals.devices],
  ['devices hit', 'devices', ({ totals }) => totals.hit],
  ['of those open', 'devices', ({ totals }) => totals.open],
  ['share of the fleet', 'share', ({ reviewer }) => reviewer.share],
  ['updates cut off', 'devices', ({ firmware }) => sum(firmware.cutOffs.map(({ devices }) => devices))],
  [
    'first day without updates',
    'day',
    ({ firmware }) => firstOf(firmware.cutOffs.map(({ cutOffOn }) => cutOffOn)),
  ],
  ['devices that lose a patch', 'devices', ({ firmware }) => firmware.devicesLosingPatches],
  [
    'finish by crews',
    'day',
    ({ cities }) => lastOf(cities.map(({ rollout }) => rollout?.completeOn ?? null)),
  ],
  ['late devices', 'devices', ({ cities }) => sum(cities.map(({ rollout }) => rollout?.shortfall ?? 0))],
  [
    'latest order',
    'day',
    ({ cities }) => firstOf(cities.map(({ rollout }) => rollout?.latestOrderOn ?? null)),
  ],
  ['unpatchable device-days', 'device-days', ({ reviewer }) => reviewer.unpatchableDeviceDays],
  ['cities that cannot finish', 'cities', ({ reviewer }) => reviewer.citiesThatCannotFinish.length],
  ['cost, 50 in 100 chance', 'cents', chance(50)],
  ['cost, 80 in 100 chance', 'cents', chance(80)],
  ['cost that nobody pays', 'cents', ({ budget }) => budget?.gapCents ?? null],
  ['finish by crews and money', 'day', ({ budget }) => budget?.finishOn ?? null],
  ['written off, no cash', 'cents', ({ budget }) => budget?.writeOffCents ?? null],
]

export function compareScenarios(scenarios: readonly ScenarioDocument[]): ComparedFigure[] {
  return FIGURES.map(([figure, unit, read]) => ({ figure, unit, values: scenarios.map(read) }))
}
