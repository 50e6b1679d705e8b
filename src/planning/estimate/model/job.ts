/** What an estimate is computed from, and what it is computed to. */
import type { Price } from '../../costs/model/prices.ts'
import type { CandidateUse, EstimateDocument } from '../../documents.ts'
import type { Grounds } from '../../model/grounds.ts'
import type { PlanSettings } from '../../settings.ts'
import type { CostClass, Variable } from './cost-model.ts'
import type { DeviceGroup } from './lines.ts'

export interface EstimateJob {
  readonly id: string
  readonly planId: string
  readonly jurisdictionId: string
  readonly revision: number
  readonly createdAt: string
  readonly asOf: string
  readonly currency: string
  readonly fiscalYearStartMonth: number
  readonly settings: PlanSettings
  readonly catalogVersion: string
  readonly knowledgeVersion: number
  readonly groups: readonly DeviceGroup[]
  /** Why its devices are in the plan. */
  readonly grounds: Grounds
  /** Who made them, most first. */
  readonly makers?: EstimateDocument['makers']
  readonly prices: readonly Price[]
  readonly candidates: readonly CandidateUse[]
  readonly siteNames: Readonly<Record<string, string>>
  readonly missingDevices: number
  /** Plans that are not archived and hold devices of this one too. */
  readonly otherPlans: readonly { readonly name: string; readonly devices: number }[]
}

/** A line as it is stored: what went in, and what came out. */
export interface StoredLine {
  readonly key: string
  readonly label: string
  readonly class: CostClass
  readonly quantity: string
  readonly factors: readonly Variable[]
  /** `n/d`. */
  readonly multiplier: string
  readonly tags: Readonly<Record<string, string>>
  readonly lowCents: number
  readonly pointCents: number
  readonly highCents: number
  readonly meanCents: number
  readonly sdCents: number
}

export interface ComputedEstimate {
  readonly document: EstimateDocument
  readonly lines: readonly StoredLine[]
}
