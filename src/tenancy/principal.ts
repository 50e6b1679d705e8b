/** Whom a key stands for. */
import type { Scope } from '../db/database.ts'

export const ROLES = [
  'admin',
  'city-admin',
  'city-editor',
  'city-budget',
  'city-viewer',
  'federal-reviewer',
] as const
export type Role = (typeof ROLES)[number]

export interface Principal {
  readonly keyId: string
  readonly label: string
  /** Who signed in with it, as they said; nobody checks it. */
  readonly statedName?: string | null
  readonly role: Role
  /** The one jurisdiction of a city role; null for admin and reviewer. */
  readonly jurisdictionId: string | null
  readonly scope: Scope
  /** Milliseconds since 1970; null for never. */
  readonly expiresAt: number | null
}
