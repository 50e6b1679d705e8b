/** Many evaluations, one after the other, between which others have turns of the event loop. */
import { pacer } from '../lib/pacing.ts'

/** What one statement carries, in characters of the risks: a device without a model may have thousands of advisories. */
const PART_MOST = 8_000_000

/** What came of each of the items, in their order, in parts that a statement can carry. */
export async function* evaluatingInParts<T, R extends { readonly firmwareRisk: string }>(
  items: readonly T[],
  evaluateOne: (item: T) => R,
): AsyncGenerator<readonly R[]> {
  const pause = pacer()
  let part: R[] = []
  let size = 0
  for (const item of items) {
    await pause()
    const one = evaluateOne(item)
    part.push(one)
    size += one.firmwareRisk.length
    if (size < PART_MOST) continue
    yield part
    part = []
    size = 0
  }
  if (part.length > 0) yield part
}
