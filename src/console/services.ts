/** What the console is given. Beside its sessions it has nothing that a client of the API has not. */
import type { App } from '../http/services.ts'
import type { KeyRing } from '../tenancy/auth.ts'
import type { Sessions } from '../tenancy/sessions.ts'

/** Which list data answers rest on. */
export interface LawInForce {
  readonly asOf: string
  readonly version: number
  readonly digest: string
}

export interface ConsoleServices {
  /** The service itself, whose API is called. */
  readonly api: App
  readonly keyRing: KeyRing
  readonly sessions: Sessions
  readonly now: () => Date
  readonly law: () => LawInForce
  readonly isEmbedded: boolean
  /** Sign-in over plain HTTP from another machine. */
  readonly plainHttp: boolean
  /** Wrong keys are limited, as requests are. */
  readonly isLimited: boolean
}
