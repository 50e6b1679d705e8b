/** What routes about keys and jurisdictions are given. */
import type { HttpServices } from '../http/services.ts'
import type { KeyRing } from './auth.ts'

export interface TenancyServices extends HttpServices {
  readonly keyRing: KeyRing
}
