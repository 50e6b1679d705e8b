/**
 * The IEEE registry of MAC address blocks, from the npm package `oui-data`. Kept apart from `mac.ts` because it
 * is a file of 5 MB: read when the first block is asked for, which takes a quarter of a second and 25 MB.
 */
import { createRequire } from 'node:module'

let registry: Readonly<Record<string, string>> | undefined

/** Name of the registrant of a block, by prefix of 6, 7 or 9 upper-case hex digits; null when nobody's. */
export function registrantOf(prefix: string): string | null {
  const entry = warmRegistrants()[prefix]
  if (entry === undefined) return null
  const endOfName = entry.indexOf('\n')
  return endOfName < 0 ? entry : entry.slice(0, endOfName)
}

/** Read the registry now, so that the first to ask does not wait for it. */
export function warmRegistrants(): Readonly<Record<string, string>> {
  // require, because an import of JSON prints a warning on Node 20
  registry ??= createRequire(import.meta.url)('oui-data') as Readonly<Record<string, string>>
  return registry
}
