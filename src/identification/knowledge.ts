/** The catalog, indexed and compiled for `identify`. */

import type { Catalogue, Identifier, NameKind, Relationship, Vendor } from '../catalogue/vendors.ts'
import { buildClassIndex, type ClassIndex } from './classes.ts'
import type { Identification } from './identification.ts'
import { buildMentions, type Mentions } from './mentions.ts'

export type NameSuggestion = Identification['suggestions'][number]

/** What this file needs of a name match. */
export interface ReadName {
  readonly vendor: string | null
  readonly score: number
  readonly band: 'match' | 'review' | 'none'
  readonly suggestions: readonly NameSuggestion[]
  /** Other vendors the same cell names. */
  readonly alsoNamed?: readonly string[]
  /** Why a name that was read is not taken as settled. */
  readonly heldBack?: string | null
  /** Words beside the name that may make the thing somebody else's. */
  readonly strangers?: readonly { readonly text: string; readonly kind: 'imitation' | 'word' }[]
  /** How the name was found. */
  readonly method: string
  /** The catalog name that was found. */
  readonly alias: { readonly kind: NameKind } | null
}

/** What this file needs of a matcher. */
export interface NameReader {
  match(text: string): ReadName
}

/** The catalog, indexed and compiled for `identify`. Made by `buildIdentifyKnowledge`. */
export interface IdentifyKnowledge {
  readonly names: NameReader
  readonly vendors: ReadonlyMap<string, Vendor>
  readonly records: ReadonlyMap<string, readonly RelabelRecord[]>
  /** High-confidence records with a model pattern: how sellers write what others built for them. */
  readonly sellerStyles: readonly RelabelRecord[]
  readonly components: ReadonlyMap<string, readonly Relationship[]>
  readonly owners: ReadonlyMap<string, readonly Relationship[]>
  /** Vendor id to the maker behind the name, for vendors that build or are a trade name of who builds. */
  readonly makers: ReadonlyMap<string, string>
  readonly ancestors: ReadonlyMap<string, ReadonlySet<string>>
  readonly componentMakers: ReadonlySet<string>
  readonly modelPatterns: readonly CompiledIdentifier[]
  readonly firmwareHints: readonly CompiledIdentifier[]
  readonly grantees: ReadonlyMap<string, Identifier>
  readonly macPrefixes: ReadonlyMap<string, Identifier>
  readonly registrantOf: (prefix: string) => Registrant | null
  readonly mentions: Mentions
  /** Makers that some list covers: a corrected spelling may lead to them without more. */
  readonly restricted: ReadonlySet<string>
  readonly classes: ClassIndex
}

export interface RelabelRecord extends Relationship {
  readonly pattern: RegExp | null
}

interface CompiledIdentifier extends Identifier {
  readonly pattern: RegExp
}

interface Registrant {
  readonly name: string
  /** Null when the registrant is not in the catalog. */
  readonly vendor: string | null
}

/**
 * Index and compile the catalog. `registrantOf` answers whose a MAC block is, by prefix of 6, 7 or 9 upper-case
 * hex digits. Throws SyntaxError when a pattern of the catalog is not a regular expression.
 */
export function buildIdentifyKnowledge(
  catalogue: Catalogue,
  names: NameReader,
  registrantOf: (prefix: string) => string | null,
  restricted: ReadonlySet<string> = new Set(),
  classes: ClassIndex = buildClassIndex([], catalogue.identifiers),
): IdentifyKnowledge {
  const { vendors, relationships, identifiers } = catalogue
  const ofKind = (kinds: readonly Relationship['kind'][]) =>
    relationships.filter((relationship) => kinds.includes(relationship.kind))
  const components = ofKind(['uses-component'])
  const records = ofKind(['relabels']).map((record) => ({
    ...record,
    pattern: record.modelPattern === null ? null : new RegExp(record.modelPattern, 'i'),
  }))
  return {
    names,
    vendors: new Map(vendors.map((vendor) => [vendor.id, vendor])),
    records: byChild(records),
    sellerStyles: records.filter(({ confidence, pattern }) => confidence === 'high' && pattern !== null),
    components: byChild(components),
    owners: byChild(ofKind(['subsidiary', 'affiliate', 'brand-of'])),
    makers: makersOf(vendors, ofKind(['brand-of']), ofKind(['subsidiary', 'affiliate', 'minority-stake'])),
    ancestors: ancestorsOf(ofKind(['subsidiary', 'affiliate', 'brand-of'])),
    componentMakers: new Set([
      ...components.map((component) => component.parent),
      ...identifiers.filter(({ component }) => component === true).map(({ vendor }) => vendor),
    ]),
    modelPatterns: compile(identifiers, 'model-pattern'),
    firmwareHints: compile(identifiers, 'firmware-hint'),
    grantees: byValue(identifiers, 'fcc-grantee'),
    macPrefixes: byValue(identifiers, 'mac-prefix'),
    registrantOf: readRegistrants(names, registrantOf),
    mentions: buildMentions(vendors, identifiers, restricted),
    restricted,
    classes,
  }
}

function byChild<R extends Relationship>(relationships: readonly R[]): Map<string, R[]> {
  const index = new Map<string, R[]>()
  for (const relationship of relationships) {
    const rows = index.get(relationship.child)
    if (rows) rows.push(relationship)
    else index.set(relationship.child, [relationship])
  }
  return index
}

function byValue(identifiers: readonly Identifier[], kind: Identifier['kind']): Map<string, Identifier> {
  return new Map(identifiers.filter((row) => row.kind === kind).map((row) => [row.value, row]))
}

function compile(identifiers: readonly Identifier[], kind: Identifier['kind']): CompiledIdentifier[] {
  return identifiers
    .filter((identifier) => identifier.kind === kind)
    .map((identifier) => ({ ...identifier, pattern: new RegExp(identifier.value, 'i') }))
}

/** Who builds under a vendor's name; brands and sellers without a maker of their own are left out. */
function makersOf(
  vendors: readonly Vendor[],
  brands: readonly Relationship[],
  shares: readonly Relationship[],
): Map<string, string> {
  // A brand in which the parent holds shares is a company of its own: it builds, and the shares decide what covers it.
  const isCompany = ({ child, parent }: Relationship) =>
    shares.some((share) => share.child === child && share.parent === parent)
  const companies = new Set(brands.filter(isCompany).map(({ child }) => child))
  const sure = brands.filter((brand) => brand.confidence === 'high' && !companies.has(brand.child))
  const parents = new Map(sure.map((brand) => [brand.child, brand.parent]))
  const makers = new Map<string, string>()
  for (const vendor of vendors) {
    const parent = parents.get(vendor.id)
    if (parent !== undefined) makers.set(vendor.id, parent)
    else if (companies.has(vendor.id) || (vendor.kind !== 'brand' && vendor.kind !== 'seller'))
      makers.set(vendor.id, vendor.id)
  }
  return makers
}

function ancestorsOf(owned: readonly Relationship[]): Map<string, Set<string>> {
  const parents = byChild(owned)
  const ancestors = new Map<string, Set<string>>()
  for (const child of parents.keys()) {
    const above = new Set<string>()
    const queue = [child]
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      for (const { parent } of parents.get(next) ?? []) {
        if (above.has(parent)) continue
        above.add(parent)
        queue.push(parent)
      }
    }
    ancestors.set(child, above)
  }
  return ancestors
}

/** Ways of finding a name that repair nothing. */
export const LITERAL_METHODS: readonly string[] = ['exact', 'joined', 'native']

/**
 * Registrant names are read by the matcher once each. They are legal names that nobody typed in a hurry, so a
 * repaired spelling is another company: Pocketalk is not Packetalk.
 */
function readRegistrants(
  names: NameReader,
  registrantOf: (prefix: string) => string | null,
): (prefix: string) => Registrant | null {
  const known = new Map<string, Registrant>()
  return (prefix) => {
    const name = registrantOf(prefix)
    if (name === null) return null
    let registrant = known.get(name)
    if (registrant === undefined) {
      const { band, method, alias, vendor } = names.match(name)
      const isLiteral = band === 'match' && LITERAL_METHODS.includes(method) && alias?.kind !== 'product-line'
      registrant = { name, vendor: isLiteral ? vendor : null }
      known.set(name, registrant)
    }
    return registrant
  }
}
