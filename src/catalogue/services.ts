/** What routes that show the catalog are given. */
import type { JobServices } from '../jobs/services.ts'
import type { ReferenceData } from './reference-data.ts'

export interface CatalogueServices extends JobServices {
  /** What is in force; read it once at the start of a piece of work. */
  readonly knowledge: () => { readonly reference: ReferenceData }
}
