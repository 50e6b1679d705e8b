/** What all routes from here up are given. */
import type { CatalogueServices } from '../catalogue/services.ts'
import type { Knowledge } from './knowledge.ts'

export interface Services extends CatalogueServices {
  /** The knowledge in force; read it once at the start of a piece of work. */
  readonly knowledge: () => Knowledge
  /** Read what is known of firmware again, after it was changed here. */
  readonly refreshFirmware: () => Promise<number>
}
