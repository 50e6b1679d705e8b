/** The file layouts that come with the program; apart from `profiles.ts` because it reads a file. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Profile } from './profiles.ts'

/** The profiles that come with the program. Reads `data/import-profiles.json`; call once, at start. */
export function loadProfiles(): readonly Profile[] {
  const path = fileURLToPath(import.meta.resolve('#root/data/import-profiles.json'))
  return (JSON.parse(readFileSync(path, 'utf8')) as { profiles: Profile[] }).profiles
}
