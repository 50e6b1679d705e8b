/** Names inside runs of Chinese characters, which have no spaces. */

import { HAN_CUES, peelings } from './han-runs.ts'
import type { Hit } from './hits.ts'
import type { Index } from './name-index.ts'
import type { Token } from './tokens.ts'

/** Chinese runs without spaces: peel forms, places and words of the trade off both ends. */
export function findNative(tokens: readonly Token[], index: Index): Hit[] {
  const hits: Hit[] = []
  for (const [at, token] of tokens.entries()) {
    if (token.word.script !== 'han' || token.class !== 'core' || index.exact.has(token.text)) continue
    const cuts = peelings(token.text)
    const hit = cuts.flatMap(({ from, to }) => index.exact.get(token.text.slice(from, to)) ?? [])[0]
    const base = {
      from: at,
      to: at + 1,
      method: 'native' as const,
      spelled: null,
      repairs: [],
      isHeldBack: false,
    }
    if (hit) {
      hits.push({ ...base, alias: hit, similarity: 1, inside: 0 })
      continue
    }
    const last = cuts.at(-1)
    if (!last) continue
    const core = token.text.slice(last.from, last.to)
    const alias = index.hanInside.find((candidate) =>
      candidate.key.length >= 3 ? core.includes(candidate.key) : core.startsWith(candidate.key),
    )
    if (!alias) continue
    const isOther = HAN_CUES.some((cue) => token.text.includes(cue))
    const inside = isOther ? 0.7 : alias.key.length >= 3 ? 0.1 : 0.2
    hits.push({ ...base, alias, similarity: 1, inside })
  }
  return hits
}
