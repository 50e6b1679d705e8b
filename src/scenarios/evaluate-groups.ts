/** Evaluates distinct facts, each once for all cities of which rules read the same; others have turns meanwhile. */
import { type FirmwareHoldings, NO_HOLDINGS } from '../firmware-risk/holdings.ts'
import type { License } from '../firmware-risk/licenses/license.ts'
import { pacer } from '../lib/pacing.ts'
import type { JurisdictionContext } from '../screening/context.ts'
import type { Knowledge } from '../screening/knowledge.ts'
import type { FactGroup } from './load.ts'
import type { Hit } from './model/answer.ts'
import { type CityTerms, type Effect, effectOn, type Terms } from './model/evaluate.ts'

export interface Evaluation {
  readonly terms: Omit<Terms, 'after'>
  /** Under the supposed law, with its licenses in the days of a zone. */
  readonly after: (timezone: string) => Knowledge
  readonly shared: readonly License[]
  readonly signal: AbortSignal
  readonly onProgress: (done: number) => void
}

interface KnownCity {
  readonly key: string
  readonly city: CityTerms
  readonly after: Knowledge
}

/** The groups that the scenario does something to. */
export async function evaluateGroups(
  groups: readonly FactGroup[],
  contexts: ReadonlyMap<string, JurisdictionContext>,
  evaluation: Evaluation,
): Promise<Hit[]> {
  const cities = citiesOf(contexts, evaluation)
  const known = new Map<string, Effect | null>()
  const hits: Hit[] = []
  const pause = pacer()
  for (const [i, { jurisdictionId, id, facts, devices }] of groups.entries()) {
    const { key, city, after } = cities.get(jurisdictionId)!
    const question = `${id} ${key}`
    let effect = known.get(question)
    if (effect === undefined) {
      effect = effectOn(facts, city, { ...evaluation.terms, after })
      known.set(question, effect)
    }
    if (effect !== null) hits.push({ id, jurisdictionId, devices, facts, effect })
    evaluation.signal.throwIfAborted()
    if (i % PROGRESS_EVERY === 0) evaluation.onProgress(i / groups.length)
    await pause()
  }
  return hits
}

const PROGRESS_EVERY = 200

/** Cities of which rules read the same, and that hold nothing of their own, are one. */
function citiesOf(
  contexts: ReadonlyMap<string, JurisdictionContext>,
  { after, shared }: Evaluation,
): ReadonlyMap<string, KnownCity> {
  const holders = new Set(shared.flatMap(({ holder }) => (holder.kind === 'party' ? [holder.id] : [])))
  const empty = new Map<string, FirmwareHoldings>()
  const common = (timezone: string) => {
    const known = empty.get(timezone) ?? { ...NO_HOLDINGS, timezone }
    empty.set(timezone, known)
    return known
  }
  return new Map(
    [...contexts.values()].map(({ id, facts, firmware, timezone, localLaws }): [string, KnownCity] => {
      const { licenses, applications, images, weights } = firmware
      const holdsNothing =
        licenses.length + applications.length + images.length === 0 && weights === null && !holders.has(id)
      return [
        id,
        {
          key: JSON.stringify([facts, timezone, holdsNothing ? null : id, localLaws]),
          city: { facts, firmware: holdsNothing ? common(timezone) : firmware, localLaws },
          after: after(timezone),
        },
      ]
    }),
  )
}
