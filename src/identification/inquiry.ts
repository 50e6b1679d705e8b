import type { Period } from '../lib/calendar.ts'
import { type DeclaredFacts, isModelNumber, tidy } from './declared.ts'
import type { Component, Evidence, EvidenceKind } from './identification.ts'
import type { IdentifyKnowledge, NameSuggestion } from './knowledge.ts'
import type { FreeText } from './mentions.ts'
import { type Production, productionOf, whenProduced } from './production.ts'

/** How much a piece counts, by its kind and the confidence of the fact behind it. */
export const WEIGHTS = {
  'own-name': 0.9,
  'trade-name': 0.95,
  'uncertain-name': 0.4,
  'relabel-decisive': 0.85,
  'relabel-date-assumed': 0.7,
  'ownership-and-relabel': 0.75,
  relabel: { high: 0.5, medium: 0.35, low: 0.2 },
  'mac-prefix': { high: 0.75, medium: 0.6, low: 0.2 },
  'fcc-grantee': { high: 0.75, medium: 0.4, low: 0.2 },
  'model-pattern': { high: 0.6, medium: 0.3, low: 0.05 },
  'firmware-string': { high: 0.6, medium: 0.3, low: 0.05 },
} as const

export type SignKind = 'model-pattern' | 'mac-prefix' | 'fcc-grantee' | 'firmware-string'

/**
 * How a relabel record bears on a device, strongest first.
 * `decisive`: high confidence, in its period, and the model fits or the whole range is meant.
 * `fits`: the model fits, but the confidence or the period does not allow a verdict.
 * `open-high`, `open`: it may apply and nothing excludes it. `excluded` otherwise.
 */
export type Bearing = 'decisive' | 'fits' | 'open-high' | 'open'

export const BEARINGS: readonly Bearing[] = ['decisive', 'fits', 'open-high', 'open']

/** Everything that speaks for one maker. */
export interface Claim {
  readonly maker: string
  /** The heaviest piece of each kind: two of a kind are not independent. */
  readonly weights: Map<EvidenceKind, number>
  /** Kinds of high-confidence signs found on the device itself. */
  readonly signs: Set<SignKind>
  bearing: Bearing | null
  /** The label's owner on the day of production, with a high-confidence record of relabeling beside it. */
  ownedThen: boolean
  /** A model pattern of medium confidence fits. */
  hasStyle: boolean
  /** To be listed as somebody who may have produced it. */
  listed: boolean
  readonly reasons: { readonly weight: number; readonly text: string }[]
}

export type Label =
  | { readonly kind: 'blank' | 'unknown'; readonly brand: null }
  /** The vendor builds what it sells, or the name is a trade name of the maker. */
  | { readonly kind: 'own'; readonly brand: string; readonly maker: string }
  /** The vendor is known to sell what others build. */
  | { readonly kind: 'brand'; readonly brand: string }

/** One identification while it is being worked out; nothing of it outlives the call. */
export class Inquiry {
  readonly declared: DeclaredFacts
  readonly knowledge: IdentifyKnowledge
  readonly production: Production
  /** Only the model field can exclude a record: a misspelt name with a digit in it is no model. */
  readonly hasModelNumber: boolean
  readonly evidence: Evidence[] = []
  readonly claims = new Map<string, Claim>()
  suggestions: readonly NameSuggestion[] = []
  /** For each sign that names a seller: everybody who may have supplied that seller. */
  readonly suppliersOfSigns: (readonly string[])[] = []
  /** The MAC block belongs to the maker on the label. */
  hasOwnMac = false
  /** The name was taken from the model cell, or that cell holds all there is. */
  isLabeledInModel = false
  /** The city put a question mark behind the name. */
  isDoubted = false
  /** The name was found by repairing its spelling, and no other word of it agrees. */
  isRepaired = false
  /** What the cell says beside the name that may make the device somebody else's; null when it says nothing such. */
  besideName: 'imitation' | 'word' | null = null
  /** Fields of free text that name somebody else. */
  readonly mentionedIn = new Set<FreeText | 'firmwareVersion'>()
  readonly components = new Map<string | null, Component>()
  /** Makers of parts to whom something on the device itself points. */
  readonly signedParts = new Set<string>()
  assumesDate = false
  dateMatters = false
  modelMatters = false

  constructor(declared: DeclaredFacts, knowledge: IdentifyKnowledge) {
    this.declared = declared
    this.knowledge = knowledge
    this.production = productionOf(declared)
    this.hasModelNumber = tidy(declared.model).split(' ').some(isModelNumber)
  }

  claim(maker: string, kind: EvidenceKind, weight: number, text: string): Claim {
    let claim = this.claims.get(maker)
    if (claim === undefined) {
      claim = {
        maker,
        weights: new Map(),
        signs: new Set(),
        bearing: null,
        ownedThen: false,
        hasStyle: false,
        listed: false,
        reasons: [],
      }
      this.claims.set(maker, claim)
    }
    claim.weights.set(kind, Math.max(weight, claim.weights.get(kind) ?? 0))
    claim.reasons.push({ weight, text })
    return claim
  }

  addEvidence(
    kind: EvidenceKind,
    value: string,
    pointsTo: string | null,
    weight: number,
    source: string,
    note: string,
  ): void {
    this.evidence.push({ kind, value, pointsTo, weight, source, note })
  }

  name(vendor: string): string {
    return this.knowledge.vendors.get(vendor)?.name ?? vendor
  }

  makerOf(supplier: string): string {
    return this.knowledge.makers.get(supplier) ?? supplier
  }

  /** The maker behind a name; for a seller everybody on record as its supplier in the period. */
  makersBehind(vendor: string): string[] {
    const maker = this.knowledge.makers.get(vendor)
    if (maker !== undefined) return [maker]
    const suppliers = (this.knowledge.records.get(vendor) ?? [])
      .filter((record) => this.whenProduced(record) !== 'no')
      .map((record) => this.makerOf(record.parent))
    return [...new Set(suppliers)]
  }

  areRelated(a: string, b: string): boolean {
    const { ancestors } = this.knowledge
    return a === b || ancestors.get(a)?.has(b) === true || ancestors.get(b)?.has(a) === true
  }

  whenProduced(period: Period): 'yes' | 'no' | 'maybe' | 'unknown' {
    return whenProduced(this.production, period)
  }
}

export const DECLARED = 'declared by the city'

export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
