/**
 * What the catalog holds: who makes, owns, and relabels cameras, each fact with its source.
 *
 * Brands and legal entities are both rows; relationships tie them. A relationship has a period because
 * the law asks who owned or produced something *on the day it was made or bought*.
 */
import type { PlainDate } from '../lib/calendar.ts'

/** How sure we are of a fact. Only `high` may lead to a verdict; `medium` and `low` lead to review. */
export type Confidence = 'high' | 'medium' | 'low'

type VendorKind = 'maker' | 'brand' | 'subsidiary' | 'holding' | 'seller'

export type NameKind = 'display' | 'legal' | 'alias' | 'native' | 'product-line' | 'former' | 'ticker'

interface VendorName {
  readonly text: string
  readonly kind: NameKind
  /** A weak name (an English word, a short abbreviation) matches only when it is the whole cell. */
  readonly weak?: boolean
}

export interface Vendor {
  /** Slug used in the API, such as `hikvision`, `lts`, `axis`. Never reused, never renamed. */
  readonly id: string
  readonly name: string
  readonly kind: VendorKind
  /** ISO 3166-1 alpha-2, null when unknown. */
  readonly country: string | null
  /**
   * False for a legal entity that is kept for listings and ownership only: the name matcher never answers
   * with it, so that a cell reading "Hikvision USA Inc." stays with `hikvision`. Absent means true.
   */
  readonly matchable?: boolean
  readonly names: readonly VendorName[]
  /**
   * Kinds of product, beside surveillance equipment, that some law lists as a class. Absent means none: the
   * catalog holds makers of surveillance equipment.
   */
  readonly alsoMakes?: readonly ('router' | 'uas' | 'robot' | 'power-inverter')[]
  /** ISO 3166-1 alpha-2: where it is known to produce all it sells; absent when that is not known. */
  readonly producesIn?: readonly string[]
  /** False for a maker that is known to make nothing for households; absent when that is not known. */
  readonly household?: false
  /** Names that look like this vendor and are somebody else. */
  readonly notSameAs: readonly string[]
  readonly notes: string | null
  readonly source: string
  readonly asOf: PlainDate
  readonly confidence: Confidence
}

export type RelationshipKind =
  /** More than half owned or otherwise controlled. */
  | 'subsidiary'
  /** Under common control or with a large stake; covers what the law calls an affiliate. */
  | 'affiliate'
  /** A minority holding that is not affiliation; kept so that nobody mistakes it for one. */
  | 'minority-stake'
  /** A trade name of the parent itself. */
  | 'brand-of'
  /** The child sells goods that the parent produced. */
  | 'relabels'
  /** The child's goods contain parts of the parent. */
  | 'uses-component'

/** How much of the child's range a relabel or component row means. */
type Coverage = 'all' | 'most' | 'many' | 'some'

export interface Relationship {
  readonly id: string
  /** The owned, the brand, the relabeler. */
  readonly child: string
  /** The owner, the brand's maker, the real producer. */
  readonly parent: string
  readonly kind: RelationshipKind
  /** Percent, 0 to 100; null when not known. */
  readonly ownershipPct: number | null
  readonly from: PlainDate | null
  /** First day outside. */
  readonly to: PlainDate | null
  /** For `relabels`: only models that match (JavaScript regular expression, case-insensitive); null for any. */
  readonly modelPattern: string | null
  /** For `brand-of`, `relabels` and `uses-component`: how much of the child's range is meant; absent means `some`. */
  readonly covers?: Coverage
  /** For `relabels`: what part of the child's range is meant, in words. */
  readonly scope: string | null
  readonly confidence: Confidence
  readonly citation: string
  readonly asOf: PlainDate
  readonly notes: string | null
}

type IdentifierKind =
  | 'model-pattern'
  | 'fcc-grantee'
  | 'firmware-hint'
  | 'mac-prefix'
  /** What kind of product a model of the vendor is; says nothing of who built it. */
  | 'product-line'

/** Evidence that points to a maker without anybody's name on it. */
export interface Identifier {
  readonly id: string
  readonly kind: IdentifierKind
  readonly vendor: string
  /**
   * `model-pattern`, `product-line` and `firmware-hint`: JavaScript regular expression, case-insensitive.
   * `fcc-grantee`: the grantee code. `mac-prefix`: 6, 7 or 9 upper-case hex digits.
   */
  readonly value: string
  /** True when it points to who made a part, such as the chip, and not to who built the device. */
  readonly component?: boolean
  /** For `product-line`. */
  readonly deviceClass?: string
  readonly scope: string | null
  readonly confidence: Confidence
  readonly citation: string
  readonly asOf: PlainDate
  readonly notes: string | null
}

export interface Catalogue {
  readonly vendors: readonly Vendor[]
  readonly relationships: readonly Relationship[]
  readonly identifiers: readonly Identifier[]
}

/** A product of a vendor, named as its maker names it. */
export interface CatalogueModel {
  readonly id: string
  /** Vendor id. */
  readonly manufacturer: string
  readonly model: string
  readonly partNumber: string | null
  readonly deviceClass: string
  readonly source: string
}
