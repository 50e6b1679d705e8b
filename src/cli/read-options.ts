/** How a table is read, as its reader takes it. */
import type { ReadOptions } from '../intake/rows.ts'
import { loadProfiles } from '../intake/shipped-profiles.ts'
import { namesIn } from '../inventory/imports/names-in.ts'
import type { Knowledge } from '../screening/knowledge.ts'
import type { TableOptions } from './table-options.ts'

export function readOptions(options: TableOptions, knowledge: Knowledge): ReadOptions {
  return {
    profiles: loadProfiles(),
    profile: options.profile === 'none' ? null : options.profile,
    mapping: options.map,
    defaults: options.default,
    words: options.value,
    sheets: options.sheet,
    dateOrder: options.dateOrder,
    namesIn: namesIn(knowledge),
  }
}
