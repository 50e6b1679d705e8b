/** From what was loaded to the answer and its devices, ready to be kept. */

import type { WorkContext } from '../jobs/operation.ts'
import { withPauses } from '../lib/pacing.ts'
import type { Knowledge } from '../screening/knowledge.ts'
import { dataVersions } from '../screening/routes.ts'
import { budgetOf } from './budget.ts'
import { type HitMember, hitMembers, storing } from './devices.ts'
import { evaluateGroups } from './evaluate-groups.ts'
import type { Loaded } from './gather.ts'
import type { Member } from './load.ts'
import { type AnswerTerms, answering, type Hit, isOpen, total } from './model/answer.ts'
import { coverEnds, licenseRecords } from './model/hypothesis.ts'
import { notKnown, type Unknowns } from './model/not-known.ts'
import { wayFinder } from './model/ways.ts'
import type { BudgetAnswer, ScenarioDocument, ScenarioWrite } from './schemas.ts'
import type { ScenarioParts } from './services.ts'
import type { NewScenario } from './store.ts'

const NOTICE =
  'Hypothetical. Nothing in the register was changed, and nothing of what is supposed here is known to have happened.'

export interface Computing {
  readonly id: string
  readonly digest: string
  readonly context: WorkContext
}

/** Throws `invalid-request` for what cannot be planned. */
export async function compute(
  services: ScenarioParts,
  body: ScenarioWrite,
  loaded: Loaded,
  { id, digest, context }: Computing,
): Promise<NewScenario> {
  const { asked, cities } = loaded
  const { effectiveOn } = asked.hypothesis
  const endsOn = coverEnds(asked.hypothesis)
  const hits = await evaluate(services, loaded, context)
  const terms: AnswerTerms = {
    ...{ cities, effectiveOn, endsOn, regime: asked.regime },
    windDownLastDay: asked.windDownLastDay,
    vendorName: services.knowledge().vendorName,
    surge: body.surge ?? null,
  }
  const lines = { scenario: asked.name, ...terms }
  const members = loaded.members === null ? null : membersOf(loaded, loaded.members, hits)
  const budget = members === null ? null : await budgetFor(services, body, loaded, { members, context })
  const counted = await withPauses(answering(hits, terms))
  const neverDone = counted.cities.filter(
    ({ unpatchableDeviceDays }) => unpatchableDeviceDays === null,
  ).length
  const document: ScenarioDocument = {
    id,
    ...headOf(services, loaded, digest),
    totals: totalsOf(loaded, hits),
    ...counted,
    budget,
    notKnown: unknownsOf(services, loaded, {
      hits,
      budget,
      neverDone,
      inPlans: inPlans(loaded, members ?? []),
    }),
  }
  return {
    id,
    name: asked.name,
    inputsDigest: digest,
    regimeId: asked.regime.id,
    effectiveOn,
    devicesHit: document.totals.hit,
    document: JSON.stringify(document),
    devices: await withPauses(storing(hits, members, lines)),
  }
}

/** In the days of each city's zone, as a license is read there. */
function evaluate(services: ScenarioParts, loaded: Loaded, context: WorkContext): Promise<Hit[]> {
  const { asked, asOf, overlay, laws } = loaded
  const { hypothesis, regime } = asked
  const { firmware } = laws.after
  const zones = new Map<string, Knowledge>()
  const after = (timezone: string) => {
    const licenses = licenseRecords(hypothesis, overlay, { authority: regime.authority, timezone })
    const known = zones.get(timezone) ?? {
      ...laws.after,
      firmware:
        licenses.length === 0 ? firmware : { ...firmware, licenses: [...firmware.licenses, ...licenses] },
    }
    zones.set(timezone, known)
    return known
  }
  const { effectiveOn } = hypothesis
  const listings = new Set(overlay.listings.map(({ id }) => id))
  return evaluateGroups(
    loaded.touched.groups,
    new Map(loaded.cities.map(({ id, context }) => [id, context])),
    {
      terms: {
        ...{ asOf, effectiveOn, before: laws.before, regime: regime.id },
        endsOn: coverEnds(hypothesis),
        wayOf: wayFinder(laws.after.regimes, regime.id, listings, effectiveOn),
      },
      after,
      shared: services.knowledge().firmware.licenses,
      signal: context.signal,
      onProgress: (done) =>
        context.onProgress({ done: done / 2, total: 1, phase: 'distinct devices are evaluated' }),
    },
  )
}

function membersOf(loaded: Loaded, members: readonly Member[], hits: readonly Hit[]): HitMember[] {
  return hitMembers(members, new Map(hits.map((hit) => [hit.id, hit])), loaded.touched)
}

async function budgetFor(
  { planning, knowledge, compute: inWorker }: ScenarioParts,
  body: ScenarioWrite,
  loaded: Loaded,
  { members, context }: { readonly members: readonly HitMember[]; readonly context: WorkContext },
): Promise<BudgetAnswer | null> {
  const [city] = loaded.cities
  if (loaded.money === null || city === undefined) return null
  const certain = members.filter(({ hit }) => !isOpen(hit))
  return budgetOf(
    certain.map(({ member, hit: { effect } }) => ({ member, effect })),
    loaded.money,
    {
      settings: city.settings,
      asOf: loaded.asOf,
      catalogVersion: planning.costs.version,
      knowledgeVersion: knowledge().version,
      solverSeconds: body.solverSeconds,
      compute: inWorker,
      signal: context.signal,
      onProgress: (done) =>
        context.onProgress({ done: 0.5 + done / 2, total: 1, phase: 'costs and funds are computed' }),
    },
  )
}

function headOf(services: ScenarioParts, loaded: Loaded, digest: string) {
  const { asked, asOf, overlay, cities, members } = loaded
  const { hypothesis, regime, name, windDownLastDay } = asked
  const { vendorName } = services.knowledge()
  return {
    hypothetical: true as const,
    ...{ notice: NOTICE, name },
    jurisdictionId: members === null ? null : cities[0]!.id,
    inputsDigest: digest,
    program: services.version,
    dataVersions: dataVersions(services.knowledge()),
    asOf,
    supposed: {
      makers: hypothesis.makers.map((id) => ({ id, name: vendorName(id) })),
      reach: hypothesis.reach,
      regime: regime.id,
      regimeTitle: regime.title,
      program: hypothesis.program,
      effectiveOn: hypothesis.effectiveOn,
      windDownLastDay,
      licenses: hypothesis.licenses.map((license) => ({ ...license, activities: [...license.activities] })),
      listings: overlay.listings.map(({ id, vendor, name }) => ({ id, vendor: vendor!, name })),
      replaced: overlay.replaced.map(({ id }) => id),
    },
  }
}

function totalsOf({ cities, unknownMakers }: Loaded, hits: readonly Hit[]): ScenarioDocument['totals'] {
  const [hit, open] = [total(hits), total(hits.filter(isOpen))]
  return { cities: cities.length, devices: total(cities), hit, certain: hit - open, open, unknownMakers }
}

const pricedOf = ({ devices, unpriced }: BudgetAnswer) =>
  devices - unpriced.reduce((sum, one) => sum + one.devices, 0)

/** How many of the devices are in each plan of the city already. */
function inPlans({ money }: Loaded, members: readonly HitMember[]): Unknowns['inPlans'] {
  const ids = new Set(members.map(({ member }) => member.id))
  return (money?.plans ?? [])
    .map(({ name, deviceIds }) => ({ name, devices: deviceIds.filter((id) => ids.has(id)).length }))
    .filter(({ devices }) => devices > 0)
}

function unknownsOf(
  { knowledge }: ScenarioParts,
  { asked, asOf, overlay, unknownMakers, touched }: Loaded,
  {
    hits,
    budget,
    neverDone,
    inPlans,
  }: Pick<Unknowns, 'hits' | 'neverDone' | 'inPlans'> & { readonly budget: BudgetAnswer | null },
): string[] {
  const { hypothesis, regime, windDownLastDay } = asked
  const { vendorName } = knowledge()
  return notKnown({
    ...{ hypothesis, asOf, windDownLastDay, unknownMakers, hits, neverDone, inPlans },
    hasBudget: budget !== null,
    withoutCost: budget === null ? 0 : total(hits.filter((hit) => !isOpen(hit))) - pricedOf(budget),
    regimeTitle: regime.title,
    makers: hypothesis.makers.map((id) => vendorName(id)),
    replaced: overlay.replaced,
    readsTexts: touched.readsTexts,
  })
}
