/**
 * OFAC's `SDN_ADVANCED.XML` and `CONS_ADVANCED.XML`: everything refers to everything by id. The one file with names in
 * their own script, who owns whom, and the day of each designation. Parties are kept short until the end, where it says
 * on which list they are. Pure.
 */
import { BLANK_ENTRY, type EntryReader, type Findings, type ListEntry } from '../../model/entry.ts'
import { detached } from '../detached.ts'
import { childOf, childrenOf, type Node, textIn, xmlRecords } from '../records.ts'
import { dayOfParts } from './date-parts.ts'
import { type Party, partyOf } from './party.ts'
import { References } from './references.ts'

const NAMESPACES = [
  'https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports/ADVANCED_XML',
  'http://www.un.org/sanctions/1.0',
]

/** Its entries stand on a list of their own as well. */
const GENERIC_LIST = 'Consolidated List'

interface Listed {
  readonly list: string
  readonly programs: readonly string[]
  readonly from: ListEntry['from']
}

export function openAdvanced(findings: Findings): EntryReader {
  const references = new References()
  const parties = new Map<string, Party>()
  const listed = new Map<string, Listed[]>()
  const owners = new Map<string, string[]>()
  const take: Readonly<Record<string, (node: Node) => void>> = {
    DateOfIssue: (node) => findings.head({ publishedOn: dayOfParts(node) }),
    ReferenceValueSets: (node) => references.read(node),
    Location: (node) => references.readLocation(node),
    IDRegDocument: (node) => references.readDocument(node),
    DistinctParty: (node) => {
      for (const profile of childrenOf(node, 'Profile')) {
        const party = partyOf(profile, references)
        if (party) parties.set(detached(profile.attributes.ID!), detached(party))
        else findings.problem({ place: `profile ${profile.attributes.ID}`, message: 'has no name' })
      }
    },
    ProfileRelationship: ({ attributes }) => {
      const type = references.nameOf('RelationType', attributes.RelationTypeID)
      if (attributes.Former !== 'true' && /owned or controlled by/i.test(type ?? ''))
        put(owners, ...detached([attributes['From-ProfileID']!, attributes['To-ProfileID']!] as const))
    },
    SanctionsEntry: (node) =>
      put(listed, ...detached([node.attributes.ProfileID!, listedOf(node, references)] as const)),
  }
  const reader = xmlRecords({
    root: 'Sanctions',
    namespaces: NAMESPACES,
    records: new Set(Object.keys(take)),
    onRecord: (node) => take[node.name]!(node),
  })
  return {
    write: reader.write,
    end: () => {
      reader.end()
      for (const [id, party] of parties) {
        if (party.isPerson) {
          findings.person(id)
          continue
        }
        const lists = (listed.get(id) ?? []).filter(({ list }) => list !== GENERIC_LIST)
        if (lists.length === 0) continue
        findings.entry(entryOf(id, party, lists, owners.get(id) ?? []))
      }
    },
  }
}

function put<V>(map: Map<string, V[]>, key: string, value: V): void {
  const there = map.get(key)
  if (there) there.push(value)
  else map.set(key, [value])
}

function listedOf(node: Node, references: References): Listed {
  const events = childrenOf(node, 'EntryEvent').map((event) => dayOfParts(childOf(event, 'Date')))
  return {
    list: references.nameOf('List', node.attributes.ListID) ?? '',
    programs: childrenOf(node, 'SanctionsMeasure').flatMap((measure) =>
      references.nameOf('SanctionsType', measure.attributes.SanctionsTypeID) === 'Program'
        ? (textIn(measure, 'Comment') ?? [])
        : [],
    ),
    from: events.filter((day) => day !== null).toSorted()[0] ?? null,
  }
}

function entryOf(
  key: string,
  { name, kind, aliases, countries, identifiers, listedOn }: Party,
  lists: readonly Listed[],
  owners: readonly string[],
): ListEntry {
  const days = lists.flatMap(({ from }) => from ?? [])
  return {
    ...BLANK_ENTRY,
    ...{ key, name, kind, aliases, countries, identifiers, owners },
    part: lists[0]!.list,
    programs: [...new Set(lists.flatMap(({ programs }) => programs))],
    from: days.toSorted()[0] ?? listedOn,
  }
}
