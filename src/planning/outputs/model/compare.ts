/** Plans and versions of plans side by side: figures, settings, prices and sites. Pure. */
import type { EstimateDocument, ScheduleDocument } from '../../documents.ts'
import { isDoneInTime } from './labels.ts'
import { requestOf } from './request.ts'

export interface Version {
  readonly label: string
  readonly estimate: EstimateDocument
  /** null before there is one. */
  readonly schedule: ScheduleDocument | null
}

export type ComparedValue = string | number | boolean | null

export interface ComparedRow {
  readonly part: 'figure' | 'setting' | 'price' | 'site'
  readonly name: string
  readonly unit: 'cents' | 'count' | 'day' | 'text'
  /** One for each version. */
  readonly values: readonly ComparedValue[]
  readonly isSame: boolean
}

/** Every figure, and of settings, prices and sites those that differ. */
export function compareVersions(versions: readonly Version[]): readonly ComparedRow[] {
  return [
    ...figures(versions),
    ...settings(versions).filter(differs),
    ...prices(versions).filter(differs),
    ...sites(versions).filter(differs),
  ]
}

const differs = ({ isSame }: ComparedRow) => !isSame

function row(
  part: ComparedRow['part'],
  name: string,
  unit: ComparedRow['unit'],
  values: readonly ComparedValue[],
): ComparedRow {
  return { part, name, unit, values, isSame: values.every((value) => value === values[0]) }
}

function figures(versions: readonly Version[]): ComparedRow[] {
  const of = (name: string, unit: ComparedRow['unit'], value: (version: Version) => ComparedValue) =>
    row('figure', name, unit, versions.map(value))
  const years = [
    ...new Set(
      versions.flatMap(({ schedule }) => schedule?.outcome.years.map((one) => one.fiscalYear) ?? []),
    ),
  ].sort()
  return [
    of('Request', 'cents', ({ estimate, schedule }) => requestOf(estimate, schedule).cents),
    of('Expected costs added up', 'cents', ({ estimate }) => estimate.pointCents),
    of('Contingency', 'cents', ({ estimate }) => estimate.contingencyCents),
    of('Budget at the chosen confidence', 'cents', ({ estimate }) => estimate.atConfidenceCents),
    of('Confidence, in 100', 'count', ({ estimate }) => estimate.confidence),
    of('Devices', 'count', ({ estimate }) => estimate.devices),
    of('Devices without a price', 'count', ({ estimate }) =>
      estimate.unpriced.reduce((total, { devices }) => total + devices, 0),
    ),
    ...years.map((year) => of(`Spending in FY${year}`, 'cents', ({ schedule }) => spentIn(schedule, year))),
    of('Everything fits', 'text', ({ schedule }) => schedule?.isFeasible ?? null),
    of('Sites that do not fit', 'count', ({ schedule }) => schedule?.doesNotFit.length ?? null),
    of('Not funded', 'cents', ({ schedule }) => schedule?.funding.gapCents ?? null),
    of('Done in time', 'text', ({ schedule }) => schedule && isDoneInTime(schedule)),
    of('Last day of work', 'day', ({ schedule }) => lastDayOf(schedule)),
    of('First order', 'day', ({ schedule }) => firstOrderOf(schedule)),
    of('Risk-point-years', 'count', ({ schedule }) => schedule?.outcome.riskPointYears ?? null),
    of('Present value', 'cents', ({ schedule }) => schedule?.outcome.presentValueCents ?? null),
    of(
      'Every year afterwards',
      'cents',
      ({ schedule }) => schedule?.capitalPage.operatingImpactCents ?? null,
    ),
  ]
}

function spentIn(schedule: ScheduleDocument | null, year: number): number | null {
  if (schedule === null) return null
  return schedule.outcome.years.find(({ fiscalYear }) => fiscalYear === year)?.spendCents ?? 0
}

function lastDayOf(schedule: ScheduleDocument | null): string | null {
  return (
    schedule?.sites
      .flatMap(({ lastDay }) => lastDay ?? [])
      .sort()
      .at(-1) ?? null
  )
}

function firstOrderOf(schedule: ScheduleDocument | null): string | null {
  return schedule?.sites.flatMap(({ orderBy }) => orderBy ?? []).sort()[0] ?? null
}

function settings(versions: readonly Version[]): ComparedRow[] {
  const all = versions.map(({ estimate, schedule }) =>
    flat((schedule ?? estimate).settings as Readonly<Record<string, unknown>>),
  )
  const names = [...new Set(all.flatMap((one) => [...one.keys()]))]
  return names.map((name) =>
    row(
      'setting',
      name,
      'text',
      all.map((one) => one.get(name) ?? null),
    ),
  )
}

/** `correlation.withinClass` -> 0.5; lists as JSON. */
function flat(value: Readonly<Record<string, unknown>>, before = ''): Map<string, ComparedValue> {
  return new Map(
    Object.entries(value).flatMap(([name, one]): [string, ComparedValue][] =>
      one !== null && typeof one === 'object' && !Array.isArray(one)
        ? [...flat(one as Readonly<Record<string, unknown>>, `${before}${name}.`)]
        : [[`${before}${name}`, Array.isArray(one) ? JSON.stringify(one) : ((one ?? null) as ComparedValue)]],
    ),
  )
}

function prices(versions: readonly Version[]): ComparedRow[] {
  const known = versions.map(({ estimate }) => new Map(estimate.prices.map((price) => [price.code, price])))
  const codes = [...new Set(known.flatMap((one) => [...one.keys()]))].sort()
  return codes.map((code) => {
    const found = known.map((one) => one.get(code))
    const first = found.find((price) => price !== undefined)!
    return row(
      'price',
      `${code} ${first.description}`,
      first.measure === 'cents' ? 'cents' : 'count',
      found.map((price) => price?.expected ?? null),
    )
  })
}

function sites(versions: readonly Version[]): ComparedRow[] {
  const known = versions.map(
    ({ schedule }) => new Map(schedule?.sites.map((site) => [site.siteId, site]) ?? []),
  )
  const ids = [...new Set(known.flatMap((one) => [...one.keys()]))]
  return ids
    .map((id) => {
      const found = known.map((one) => one.get(id))
      const name = found.find((site) => site !== undefined)!.site
      return row(
        'site',
        name,
        'text',
        found.map((site) =>
          site === undefined ? null : site.fiscalYear === null ? 'does not fit' : `FY${site.fiscalYear}`,
        ),
      )
    })
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
}
