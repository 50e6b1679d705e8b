/** Everything that a scenario follows from: what is supposed, and the registers as they are. */
import { inArray } from 'drizzle-orm'
import type { Database, Tx } from '../db/database.ts'
import { jurisdictions } from '../db/schema/index.ts'
import { DomainError, type FieldProblem } from '../http/problems.ts'
import { earlier, type PlainDate } from '../lib/calendar.ts'
import { OPERATOR_ID } from '../lib/ids.ts'
import { type City, loadCity } from '../planning/context.ts'
import { fiscalYearOf } from '../planning/model/fiscal-year.ts'
import { checkSettings, settingsWith } from '../planning/plans/plans.ts'
import { defaultSettings, type PlanSettings } from '../planning/settings.ts'
import { type JurisdictionContext, loadJurisdictions } from '../screening/context.ts'
import { type Knowledge, underLaw } from '../screening/knowledge.ts'
import { cityDays } from '../tenancy/city-days.ts'
import { loadMoney, type Money } from './budget.ts'
import {
  countUnknownMakers,
  fleetSizes,
  loadMembers,
  loadTouched,
  type Member,
  type Touched,
} from './load.ts'
import type { AskedCity } from './model/answer.ts'
import { concernedBy, type Overlay, overlayOf, regimeOf } from './model/hypothesis.ts'
import type { ScenarioWrite } from './schemas.ts'
import type { ScenarioParts } from './services.ts'
import { type Asked, largestMaker, readHypothesis } from './terms.ts'
import type { ScenarioScope } from './whose.ts'

export interface Loaded {
  readonly asked: Asked
  readonly asOf: PlainDate
  readonly overlay: Overlay
  /** Without and with what is supposed. */
  readonly laws: { readonly before: Knowledge; readonly after: Knowledge }
  readonly cities: readonly (AskedCity & { readonly context: JurisdictionContext })[]
  readonly unknownMakers: number
  readonly touched: Touched & { readonly readsTexts: boolean }
  /** Of the one city that owns the scenario; null of others, where no device is named. */
  readonly members: readonly Member[] | null
  readonly money: Money | null
  readonly wantsBudget: boolean
}

/** Throws `invalid-request`, `currency-mismatch`. */
export async function load(
  services: ScenarioParts,
  body: ScenarioWrite,
  { owner, cities }: ScenarioScope,
  now: Date,
): Promise<Loaded> {
  const { database, knowledge } = services
  const current = knowledge()
  const asOf = body.asOf ?? (await cityDays(database, cities)).earliest(now)
  const largest = body.largestMaker === true ? await largestOf(database, cities, body, current) : null
  const asked = readHypothesis(body, current, largest)
  const { hypothesis } = asked
  const overlay = overlayOf(hypothesis, current.reference, current.asOf)
  const laws = {
    before: overlay.replaced.length === 0 ? current : underLaw(current, overlay.before),
    after: underLaw(current, overlay.after, overlay.updates),
  }
  const isOwn = owner !== OPERATOR_ID
  const wantsBudget = isOwn && (body.budget ?? true) && hypothesis.effectiveOn >= asOf
  const concerned = concernedBy(
    overlay.listings.map(({ vendor }) => vendor!),
    current.reference.relationships,
  )
  return database.acrossJurisdictions(
    cities,
    async (tx) => {
      const asking = await citiesOf(tx, cities, body, { asOf, hypothesis })
      if (isOwn)
        await checkSettings({ tx, costs: services.planning.costs }, asking[0]!, asking[0]!.settings, '/plan')
      const places = new Map(asking.map(({ id, context }) => [id, context]))
      const touched = await loadTouched(tx, cities, { current, after: laws.after, concerned, places }, isOwn)
      return {
        ...{ asked, asOf, overlay, laws, wantsBudget },
        cities: asking,
        unknownMakers: await countUnknownMakers(tx, cities),
        touched: { ...touched, readsTexts: isOwn },
        members: isOwn ? await loadMembers(tx, owner, touched) : null,
        money: wantsBudget ? await moneyOf(tx, services, asking[0]!, asOf) : null,
      }
    },
    { lane: 'batches', timeLimitMillis: 120_000 },
  )
}

async function largestOf(
  database: Database,
  cities: readonly string[],
  { regime = 'ofac-sdn' }: ScenarioWrite,
  current: Knowledge,
): Promise<string | null> {
  const found = regimeOf(regime, current.reference)
  if ('fault' in found) return null
  return database.acrossJurisdictions(cities, (tx) => largestMaker(tx, cities, found.regime.id, current))
}

async function moneyOf(
  tx: Tx,
  { planning }: ScenarioParts,
  { id, settings }: AskedCity,
  today: PlainDate,
): Promise<Money> {
  const city: City = await loadCity(tx, id)
  return loadMoney(tx, city, settings, { costs: planning.costs, today })
}

async function citiesOf(
  tx: Tx,
  ids: readonly string[],
  body: ScenarioWrite,
  { asOf, hypothesis }: Pick<Loaded, 'asOf'> & Pick<Asked, 'hypothesis'>,
): Promise<Loaded['cities']> {
  if (ids.length !== 1) refuseOwn(body)
  const sizes = await fleetSizes(tx, ids)
  const contexts = await loadJurisdictions(tx, ids)
  const rows = await tx
    .select({
      id: jurisdictions.id,
      name: jurisdictions.name,
      state: jurisdictions.state,
      fiscalYearStartMonth: jurisdictions.fiscalYearStartMonth,
    })
    .from(jurisdictions)
    .where(inArray(jurisdictions.id, [...ids]))
    .orderBy(jurisdictions.name, jurisdictions.id)
  return rows.map((row) => ({
    ...row,
    devices: sizes.get(row.id) ?? 0,
    settings: settingsOf(
      body,
      fiscalYearOf(earlier(asOf, hypothesis.effectiveOn), row.fiscalYearStartMonth),
      hypothesis,
    ),
    context: contexts.get(row.id)!,
  }))
}

/** The order is placed on the day of the listing, as far as nothing else is said. */
function settingsOf(
  { plan = {} }: ScenarioWrite,
  fiscalYear: number,
  { effectiveOn }: Asked['hypothesis'],
): PlanSettings {
  const settings = settingsWith(defaultSettings(fiscalYear), plan)
  return { ...settings, orderOn: settings.orderOn ?? effectiveOn }
}

/** What is a city's own cannot be meant for several. */
function refuseOwn({ plan, budget }: ScenarioWrite): void {
  const errors: FieldProblem[] = []
  const wrong = (pointer: string) =>
    errors.push({ pointer, code: 'not-allowed', message: 'is for the scenario of one city' })
  if (plan?.fundingSources) wrong('/plan/fundingSources')
  if (plan?.sites && plan.sites.length > 0) wrong('/plan/sites')
  if (budget === true) wrong('/budget')
  if (errors.length > 0)
    throw new DomainError('invalid-request', 'Funds and sites are those of one city.', { errors })
}
