/** Companies that a vendor is not, however alike their names are. */

import { type Hit, MAX_WINDOW_WORDS } from './hits.ts'
import type { Index, Veto } from './name-index.ts'
import type { Token } from './tokens.ts'

interface VetoWindow extends Veto {
  readonly from: number
  readonly to: number
}

export function findVetoes(tokens: readonly Token[], index: Index): VetoWindow[] {
  const found: VetoWindow[] = []
  for (let from = 0; from < tokens.length; from++) {
    let folded = ''
    for (let to = from + 1; to <= Math.min(tokens.length, from + MAX_WINDOW_WORDS); to++) {
      folded += tokens[to - 1]?.folded ?? ''
      for (const veto of index.vetoes.get(folded) ?? []) found.push({ ...veto, from, to })
    }
  }
  return found
}

export function applyVetoes(hits: readonly Hit[], vetoes: readonly VetoWindow[]): Hit[] {
  const out: Hit[] = []
  for (const hit of hits) {
    const against = vetoes.filter(
      (veto) => veto.vendor === hit.alias.vendor && hit.from >= veto.from && hit.to <= veto.to,
    )
    if (against.some((veto) => veto.isSure)) continue
    out.push(against.length > 0 ? { ...hit, isHeldBack: true } : hit)
  }
  return out
}
