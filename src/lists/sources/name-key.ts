/** A lasting key of an entry for lists that have no ids: equal for spellings that differ in case, marks and spaces. Pure. */
import { createHash } from 'node:crypto'

export function nameKey(...parts: readonly string[]): string {
  const folded = parts.map((part) =>
    part
      .normalize('NFKC')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
      .trim(),
  )
  return createHash('sha256').update(JSON.stringify(folded)).digest('hex').slice(0, 32)
}
