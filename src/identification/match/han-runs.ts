/** Runs of Chinese characters: the words of the trade that stand at their ends. */
import { KNOWN_WORDS } from '../words.ts'
import { isHan } from './tokens.ts'

const HAN_WORDS = [...KNOWN_WORDS].filter(([text]) => isHan(text)).sort((a, b) => b[0].length - a[0].length)

export const HAN_CUES = HAN_WORDS.filter(([, known]) => known.class === 'cue').map(([text]) => text)

const HAN_FREE = HAN_WORDS.filter(([, known]) => known.class !== 'cue').map(([text]) => text)

/** Ever shorter middles of a Chinese run, longest first, at least one character. */
export function peelings(run: string): { from: number; to: number }[] {
  const starts = [0]
  const ends = [run.length]
  for (let from = 0; ; ) {
    const word = HAN_FREE.find((free) => run.startsWith(free, from) && from + free.length < run.length)
    if (!word) break
    from += word.length
    starts.push(from)
  }
  for (let to = run.length; ; ) {
    const word = HAN_FREE.find((free) => free.length < to && run.endsWith(free, to))
    if (!word) break
    to -= word.length
    ends.push(to)
  }
  const cuts: { from: number; to: number }[] = []
  for (const from of starts) for (const to of ends) if (to > from) cuts.push({ from, to })
  return cuts.sort((a, b) => b.to - b.from - (a.to - a.from))
}
