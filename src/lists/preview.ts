/**
 * Whom other listings would flag and clear: the register as it is, judged today without and with them. Nothing is
 * written. The same groups of equal devices are judged that a scenario judges.
 */
import type { Activity } from '../catalogue/outcomes.ts'
import { isFinding } from '../catalogue/outcomes.ts'
import type { Listing, Regime, Rule } from '../catalogue/rules.ts'
import type { Database } from '../db/database.ts'
import { dayIn } from '../lib/calendar.ts'
import { pacer } from '../lib/pacing.ts'
import { type FactGroup, loadTouched } from '../scenarios/load.ts'
import { concernedBy } from '../scenarios/model/hypothesis.ts'
import { loadJurisdiction, loadJurisdictions } from '../screening/context.ts'
import { type Knowledge, underLaw } from '../screening/knowledge.ts'
import { type LocalLaw, underLocalLaw } from '../screening/local-law.ts'
import { type Determining, determineIn } from '../screening/screen.ts'

interface Moved {
  /** Devices with a finding then and not now. */
  flagged: number
  /** Devices with a finding now and not then. */
  cleared: number
  /** Devices of which a finding says something else then. */
  changed: number
}

export interface Preview {
  readonly devices: Moved
  readonly byCity: readonly (Moved & { readonly jurisdictionId: string; readonly name: string })[]
  readonly byMaker: readonly (Moved & { readonly maker: string | null })[]
  readonly byActivity: readonly (Moved & { readonly regime: string; readonly activity: Activity })[]
}

export interface Supposed {
  readonly listings: readonly Listing[]
  readonly regimes: readonly Regime[]
  readonly rules: readonly Rule[]
  /** Makers whose listings differ; null when every device may be concerned. */
  readonly makers: readonly string[] | null
}

/** Over the cities that are given. */
export async function preview(
  database: Database,
  cities: readonly { readonly id: string; readonly name: string }[],
  current: Knowledge,
  supposed: Supposed,
  { now, signal }: { readonly now: Date; readonly signal: AbortSignal },
): Promise<Preview> {
  const ids = cities.map(({ id }) => id)
  const after = underLaw(current, supposed)
  const { makers } = supposed
  const concerned = makers === null ? null : concernedBy(makers, current.reference.relationships)
  const { groups, contexts } = await database.acrossJurisdictions(
    ids,
    async (tx) => {
      const places = await loadJurisdictions(tx, ids)
      const { groups } = await loadTouched(tx, ids, { current, after, concerned, places }, true)
      return { groups, contexts: places }
    },
    { lane: 'batches', timeLimitMillis: 120_000, signal },
  )
  const tally = new Tally()
  const pause = pacer()
  for (const group of groups) {
    const city = contexts.get(group.jurisdictionId)!
    const day = dayIn(now, city.timezone)
    tally.add(group, determineIn(city, group.facts, current, day), determineIn(city, group.facts, after, day))
    signal.throwIfAborted()
    await pause()
  }
  return tally.result(cities)
}

/** Whom other laws of a place would flag and clear, city by city; `supposed` gives the laws as they would be. */
export async function previewLocal(
  database: Database,
  cities: readonly { readonly id: string; readonly name: string }[],
  knowledge: Knowledge,
  supposed: (laws: readonly LocalLaw[]) => readonly LocalLaw[],
  { now, signal }: { readonly now: Date; readonly signal: AbortSignal },
): Promise<Preview> {
  const tally = new Tally()
  const pause = pacer()
  for (const { id } of cities) {
    const { groups, city, changed } = await database.acrossJurisdictions(
      [id],
      async (tx) => {
        const loaded = await loadJurisdiction(tx, id)
        const supposing = { ...loaded, localLaws: supposed(loaded.localLaws) }
        const laws = {
          current: underLocalLaw(knowledge, loaded),
          after: underLocalLaw(knowledge, supposing),
          concerned: null,
          places: new Map([[id, supposing]]),
          areOfCity: true as const,
        }
        return { groups: (await loadTouched(tx, [id], laws, true)).groups, city: loaded, changed: supposing }
      },
      { lane: 'batches', timeLimitMillis: 120_000, signal },
    )
    const day = dayIn(now, city.timezone)
    for (const group of groups) {
      tally.add(
        group,
        determineIn(city, group.facts, knowledge, day),
        determineIn(changed, group.facts, knowledge, day),
      )
      signal.throwIfAborted()
      await pause()
    }
  }
  return tally.result(cities)
}

class Tally {
  private readonly devices = nothing()
  private readonly cities = new Map<string, Moved>()
  private readonly makers = new Map<string | null, Moved>()
  private readonly activities = new Map<string, Moved & { regime: string; activity: Activity }>()

  add({ jurisdictionId, devices }: FactGroup, before: Determining, after: Determining): void {
    const known = new Map(before.determinations.map((one) => [`${one.regime} ${one.activity}`, one.outcome]))
    const moves = new Set<keyof Moved>()
    for (const { regime, activity, outcome } of after.determinations) {
      const key = `${regime} ${activity}`
      const move = moveOf(known.get(key), outcome)
      if (move === null) continue
      moves.add(move)
      of(this.activities, key, () => ({ regime, activity, ...nothing() }))[move] += devices
    }
    for (const move of moves) {
      this.devices[move] += devices
      of(this.cities, jurisdictionId, nothing)[move] += devices
      of(this.makers, after.identification.maker, nothing)[move] += devices
    }
  }

  result(cities: readonly { readonly id: string; readonly name: string }[]): Preview {
    return {
      devices: this.devices,
      byCity: cities.flatMap(({ id, name }) => {
        const moved = this.cities.get(id)
        return moved ? [{ jurisdictionId: id, name, ...moved }] : []
      }),
      byMaker: [...this.makers].toSorted(byKey).map(([maker, moved]) => ({ maker, ...moved })),
      byActivity: [...this.activities].toSorted(byKey).map(([, moved]) => moved),
    }
  }
}

const byKey = ([a]: readonly [string | null, unknown], [b]: readonly [string | null, unknown]) =>
  (a ?? '') < (b ?? '') ? -1 : 1

const nothing = (): Moved => ({ flagged: 0, cleared: 0, changed: 0 })

function of<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const there = map.get(key) ?? make()
  map.set(key, there)
  return there
}

type Outcome = Parameters<typeof isFinding>[0]

function moveOf(before: Outcome | undefined, after: Outcome): keyof Moved | null {
  const [was, is] = [before !== undefined && isFinding(before), isFinding(after)]
  if (was !== is) return is ? 'flagged' : 'cleared'
  return is && before !== after ? 'changed' : null
}
