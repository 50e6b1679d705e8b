/**
 * OFAC's delta file: what came and went since the publication before it. An entity with an action carries all of itself;
 * one without has it on its changed children. Elements of the enhanced file. Pure.
 */

import {
  BLANK_ENTRY,
  type EntryPieces,
  type EntryReader,
  type Findings,
  type ListEntry,
} from '../../model/entry.ts'
import { countryOfList } from '../countries.ts'
import { readDay } from '../days.ts'
import { childOf, childrenOf, type Node, textIn, xmlRecords } from '../records.ts'
import { below } from './references.ts'

const NAMESPACES = ['https://www.treasury.gov/ofac/DeltaFile/1.0']
const SDN = 'SDN List'

/** A delta speaks of all lists of OFAC; `isOurs` picks the one that is read. */
const openDelta =
  (isOurs: (list: string) => boolean) =>
  (findings: Findings): EntryReader =>
    xmlRecords({
      root: 'sanctionsData',
      namespaces: NAMESPACES,
      records: new Set(['publicationInfo', 'entity']),
      onRecord: (node) => {
        if (node.name === 'entity') take(node, isOurs, findings)
        else {
          findings.head({ publishedOn: readDay(textIn(node, 'datePublished') ?? '') })
          findings.isDelta()
        }
      },
    })

export const openSdnDelta = openDelta((list) => list === SDN)
export const openConsolidatedDelta = openDelta((list) => list !== SDN)

function take(node: Node, isOurs: (list: string) => boolean, findings: Findings): void {
  const { id, action } = node.attributes
  const lists = childrenOf(childOf(node, 'sanctionsLists'), 'sanctionsList')
  const [ours] = lists.filter(({ text }) => isOurs(text.trim()))
  const place = `entity ${id ?? 'without an id'}`
  if (id === undefined) findings.problem({ place, message: 'has no id' })
  else if (action !== undefined && !['add', 'remove'].includes(action))
    findings.problem({ place, message: `has the action "${action}", which the files of OFAC do not know` })
  else if (action !== undefined) {
    if (ours) takeWhole(node, id, ours, findings)
  } else if (ours?.attributes.action === 'remove')
    findings.change({ kind: 'remove', key: id, isPerson: false })
  else if (ours?.attributes.action === 'add')
    findings.problem({
      place,
      message: 'came onto the list, and the file has only what changed of it; load the whole list',
    })
  else
    findings.change({ kind: 'modify', key: id, put: piecesOf(node, 'add'), gone: piecesOf(node, 'remove') })
}

function takeWhole(node: Node, id: string, list: Node, findings: Findings): void {
  const isPerson = /^individual$/i.test(textIn(childOf(node, 'generalInfo'), 'entityType') ?? '')
  if (node.attributes.action === 'remove') findings.change({ kind: 'remove', key: id, isPerson })
  else if (isPerson) findings.person(id)
  else {
    const entry = entryOf(node, id, list)
    if (entry === null) findings.problem({ place: `entity ${id}`, message: 'has no name' })
    else findings.change({ kind: 'add', entry })
  }
}

function entryOf(node: Node, key: string, list: Node): ListEntry | null {
  const names = childrenOf(childOf(node, 'names'), 'name')
  const primary = names.find((name) => textIn(name, 'isPrimary') === 'true') ?? names[0]
  const [name, ...scripts] = primary ? namesOf(primary) : []
  if (name === undefined) return null
  const type = textIn(childOf(node, 'generalInfo'), 'entityType')?.toLowerCase()
  const { programs, countries, identifiers } = piecesOf(node, null)
  return {
    ...BLANK_ENTRY,
    key,
    name: name.text,
    part: list.text.trim(),
    kind: type === 'vessel' || type === 'aircraft' ? type : 'entity',
    aliases: [...scripts, ...names.filter((one) => one !== primary).flatMap(namesOf)],
    programs,
    countries,
    identifiers,
    from: readDay(list.attributes.datePublished ?? ''),
    owners: childrenOf(childOf(node, 'relationships'), 'relationship').flatMap((relationship) =>
      /owned or controlled by/i.test(textIn(relationship, 'type') ?? '')
        ? (childOf(relationship, 'relatedEntity')?.attributes.entityId ?? [])
        : [],
    ),
  }
}

/** One name may be written in several scripts. */
function namesOf(name: Node): ListEntry['aliases'][number][] {
  const isWeak = textIn(name, 'isLowQuality') === 'true'
  return below(name, 'translation').flatMap((translation) => {
    const text = textIn(translation, 'formattedFullName') ?? textIn(translation, 'formattedLastName')
    return text === null ? [] : [{ text, isWeak }]
  })
}

/** Children with this action; null for all of an entity that comes or goes as a whole. */
function piecesOf(node: Node, action: 'add' | 'remove' | null): EntryPieces {
  const having = (list: string, name: string) =>
    childrenOf(childOf(node, list), name).filter((one) => action === null || one.attributes.action === action)
  return {
    aliases: having('names', 'name').flatMap(namesOf),
    programs: having('sanctionsPrograms', 'sanctionsProgram').map(({ text }) => text.trim()),
    countries: having('addresses', 'address').flatMap(
      (address) => countryOfList(textIn(address, 'country') ?? '') ?? [],
    ),
    identifiers: having('features', 'feature').flatMap((feature) => {
      const [type, value] = [textIn(feature, 'type'), textIn(feature, 'value')]
      return type === null || value === null ? [] : [{ type, value }]
    }),
  }
}
