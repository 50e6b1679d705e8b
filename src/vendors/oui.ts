/**
 * The IEEE registry of MAC address blocks, from the npm package `oui-data`. Kept apart from `mac.ts` because it
 * reads a file of 5 MB; load it once, when first needed.
 */
import { createRequire } from 'node:module'

/** Name of the registrant of a block, by prefix of 6, 7 or 9 upper-case hex digits; null when nobody's. */
export type RegistrantOf = (prefix: string) => string | null

let loaded: RegistrantOf | null = null

/** The registry; half a second and 25 MB the first time, free afterwards. */
export function loadRegistrants(): RegistrantOf {
  if (loaded === null) {
    // require, because an import of JSON prints a warning on Node 20
    const registry = createRequire(import.meta.url)('oui-data') as Readonly<Record<string, string>>
    loaded = (prefix) => {
      const entry = registry[prefix]
      if (entry === undefined) return null
      const endOfName = entry.indexOf('\n')
      return endOfName < 0 ? entry : entry.slice(0, endOfName)
    }
  }
  return loaded
}
