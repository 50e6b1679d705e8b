/** What routes about keys and jurisdictions are given. */
import type { HttpServices } from '../http/services.ts'
import type { KeyRing } from './auth.ts'

export interface TenancyServices extends HttpServices {
  readonly keyRing: KeyRing
  /** Count the days again that rooms above keep of a jurisdiction, after its time zone was changed. */
  readonly zoneChanged: (jurisdictionId: string) => Promise<void>
}
