/** Why a device is in a plan: the rules that speak against keeping it, and where each is written. Pure. */
import { type Outcome, severity } from '../../catalogue/outcomes.ts'
import type { Determination } from '../../determination/determination.ts'
import { BEARING } from './risk-points.ts'

/** One rule that speaks against keeping a device. */
export type GroundRule = Pick<Determination, 'regime' | 'activity' | 'outcome' | 'ruleId' | 'citation'>

/**
 * Of findings as JSON those that made the restriction. Beside a bar what only asks for a person is no ground; a device
 * that waits for a person is there for what it waits for.
 */
export function groundsOf(findings: string, restriction: string): readonly GroundRule[] {
  const worst = severity(restriction as Outcome)
  const isBar = worst < severity('review')
  return (JSON.parse(findings) as Determination[])
    .filter(({ activity, outcome }) => {
      if (!BEARING.includes(activity)) return false
      return isBar ? severity(outcome) < severity('review') : outcome === restriction
    })
    .map(({ regime, activity, outcome, ruleId, citation }) => ({
      ...{ regime, activity, outcome, ruleId, citation },
    }))
}

/** Rules once each, and which of them reach which devices of a plan. */
export interface Grounds {
  /** The day whose law it is, and when the lists behind it were last read. */
  readonly lawAsOf: string
  readonly listsReadOn: string
  readonly rules: (GroundRule & { readonly law: string; readonly devices: number })[]
  readonly places: {
    /** '' for devices that stand at no site. */
    readonly siteId: string
    readonly vendor: string
    readonly restriction: string
    readonly devices: number
    /** Positions in `rules`. */
    readonly rules: number[]
  }[]
}

interface Grounded {
  readonly siteId: string | null
  readonly vendor: string
  readonly restriction: string
  readonly count: number
  readonly findings: string
}

export function gatherGrounds(
  groups: readonly Grounded[],
  law: Pick<Grounds, 'lawAsOf' | 'listsReadOn'> & { readonly titleOf: (regime: string) => string },
): Grounds {
  const rules = new Map<string, { at: number; rule: GroundRule; devices: number }>()
  const places = new Map<
    string,
    { place: Omit<Grounds['places'][number], 'devices' | 'rules'>; devices: number; at: Set<number> }
  >()
  for (const { siteId, vendor, restriction, count, findings } of groups) {
    const own = groundsOf(findings, restriction)
    if (own.length === 0) continue
    const key = JSON.stringify([siteId, vendor, restriction])
    const known = places.get(key) ?? {
      place: { siteId: siteId ?? '', vendor, restriction },
      devices: 0,
      at: new Set<number>(),
    }
    places.set(key, known)
    known.devices += count
    for (const rule of own) {
      const ruleKey = JSON.stringify([rule.ruleId, rule.activity, rule.outcome])
      const found = rules.get(ruleKey) ?? { at: rules.size, rule, devices: 0 }
      rules.set(ruleKey, found)
      found.devices += count
      known.at.add(found.at)
    }
  }
  return {
    lawAsOf: law.lawAsOf,
    listsReadOn: law.listsReadOn,
    rules: [...rules.values()].map(({ rule, devices }) => ({
      ...rule,
      law: law.titleOf(rule.regime),
      devices,
    })),
    places: [...places.values()].map(({ place, devices, at }) => ({
      ...place,
      devices,
      rules: [...at].sort((a, b) => a - b),
    })),
  }
}
