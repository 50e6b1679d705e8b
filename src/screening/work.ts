/** The context of a use case that screens what it changes. */
import type { Work as TenancyWork } from '../tenancy/work.ts'
import type { Knowledge } from './knowledge.ts'

export interface Work extends TenancyWork {
  readonly knowledge: Knowledge
}
