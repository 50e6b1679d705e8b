/** A party of an advanced file: its names in every script, where it is, its numbers. Pure. */
import type { ListEntry } from '../../model/entry.ts'
import { childOf, childrenOf, type Node } from '../records.ts'
import { dayOfParts } from './date-parts.ts'
import { below, type References } from './references.ts'

export type Party = Pick<ListEntry, 'name' | 'kind' | 'aliases' | 'countries' | 'identifiers'> & {
  readonly isPerson: boolean
  readonly listedOn: ListEntry['from']
}

interface Name {
  readonly text: string
  readonly isWeak: boolean
  readonly isPrimary: boolean
}

/** null for one without a name. */
export function partyOf(profile: Node, references: References): Party | null {
  const identities = childrenOf(profile, 'Identity').filter(({ attributes }) => attributes.False !== 'true')
  const names = identities.flatMap((identity) => childrenOf(identity, 'Alias').flatMap(namesOf))
  const name = names.find(({ isPrimary }) => isPrimary) ?? names[0]
  if (!name) return null
  const subType = profile.attributes.PartySubTypeID
  const type = references.nameOf('PartyType', references.codeOf('PartySubType', subType))
  const features = childrenOf(profile, 'Feature')
  return {
    name: name.text,
    isPerson: type === 'Individual',
    kind: kindOf(references.nameOf('PartySubType', subType)),
    aliases: names.filter((one) => one !== name).map(({ text, isWeak }) => ({ text, isWeak })),
    countries: countriesOf(features, references),
    identifiers: identities.flatMap(({ attributes }) => references.documentsOf(attributes.ID)),
    listedOn: listedOn(features, references),
  }
}

function kindOf(subType: string | undefined): ListEntry['kind'] {
  if (subType === 'Vessel') return 'vessel'
  return subType === 'Aircraft' ? 'aircraft' : 'entity'
}

/** One alias may be documented in several scripts, each of them a name. */
function namesOf(alias: Node): Name[] {
  return childrenOf(alias, 'DocumentedName').flatMap((documented, i) => {
    const text = below(documented, 'NamePartValue')
      .map((part) => part.text.trim())
      .join(' ')
    const isWeak = alias.attributes.LowQuality === 'true'
    return text === '' ? [] : [{ text, isWeak, isPrimary: alias.attributes.Primary === 'true' && i === 0 }]
  })
}

function countriesOf(features: readonly Node[], references: References): string[] {
  const locations = features.flatMap((feature) => below(feature, 'VersionLocation'))
  const codes = locations.flatMap(({ attributes }) => references.countryOf(attributes.LocationID) ?? [])
  return [...new Set(codes)].toSorted()
}

function listedOn(features: readonly Node[], references: References): ListEntry['from'] {
  const feature = features.find(({ attributes }) =>
    /^Listing Date/.test(references.nameOf('FeatureType', attributes.FeatureTypeID) ?? ''),
  )
  const start = feature && below(feature, 'Start')[0]
  return dayOfParts(childOf(start, 'From'))
}
