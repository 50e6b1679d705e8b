/** Who may plan replacements in the console: the operator's key belongs to no city, and a plan does. */
import { PLANNERS } from '../planning/context.ts'
import type { Role } from '../tenancy/principal.ts'

export const CITY_PLANNERS: readonly Role[] = PLANNERS.filter((role) => role !== 'admin')

export const mayPlan = (role: Role): boolean => CITY_PLANNERS.includes(role)
