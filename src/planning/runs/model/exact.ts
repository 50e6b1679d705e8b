/** Amounts that are still exact when they are written as JSON. Pure. */
import { refuse } from '../../model/errors.ts'

/**
 * Throws InvalidInput when the document of an estimate or a schedule holds an amount of 90 trillion or more: beyond
 * 2^53 cents a number loses cents, and readers of JSON other than this one lose them without a word.
 */
export function refuseInexact(document: unknown): void {
  const pointer = findInexact(document, '', false)
  if (pointer === null) return
  refuse([
    {
      pointer,
      detail:
        'comes to more than 90 trillion, beyond which cents are not exact; look for a quote that is far too high',
    },
  ])
}

function findInexact(value: unknown, pointer: string, isCents: boolean): string | null {
  if (typeof value === 'number') return isCents && !Number.isSafeInteger(value) ? pointer : null
  if (typeof value !== 'object' || value === null) return null
  for (const [key, part] of Object.entries(value)) {
    const found = findInexact(
      part,
      `${pointer}/${key}`,
      /cents$/i.test(key) || (Array.isArray(value) && isCents),
    )
    if (found !== null) return found
  }
  return null
}
