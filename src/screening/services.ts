/** What all routes from here up are given. */
import type { CatalogueServices } from '../catalogue/services.ts'
import type { Knowledge } from './knowledge.ts'

export interface Services extends CatalogueServices {
  /** The knowledge in force; read it once at the start of a piece of work. */
  readonly knowledge: () => Knowledge
  /** What was in force at an instant; what is in force now without one. Throws `invalid-request` before rows were kept. */
  readonly knowledgeAt: (knownAt: string | undefined) => Promise<Knowledge>
  /** Read again what has become newer in the database, after it was changed here. */
  readonly refreshKnowledge: () => Promise<number>
}
