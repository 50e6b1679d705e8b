/** OFAC's `SDN.XML` and `CONSOLIDATED.XML`. Pure. */

import { BLANK_ENTRY, type EntryReader, type Findings, type ListEntry } from '../../model/entry.ts'
import { countryOfList } from '../countries.ts'
import { readDay } from '../days.ts'
import { childOf, childrenOf, type Node, textIn, xmlRecords } from '../records.ts'
import { readRemarks } from './remarks.ts'

/** Since 2024-05-07; before that day it was another one, and files of those days are still about. */
const NAMESPACES = [
  'https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports/XML',
  'http://tempuri.org/sdnList.xsd',
]

export function openXml(findings: Findings): EntryReader {
  return xmlRecords({
    root: 'sdnList',
    namespaces: NAMESPACES,
    records: new Set(['publshInformation', 'sdnEntry']),
    onRecord: (node) => {
      if (node.name === 'sdnEntry') take(node, findings)
      else {
        findings.head({
          publishedOn: readDay(textIn(node, 'Publish_Date') ?? ''),
          declared: wholeNumber(textIn(node, 'Record_Count')),
        })
      }
    },
  })
}

const wholeNumber = (text: string | null) => (text !== null && /^\d+$/.test(text) ? Number(text) : null)

function take(node: Node, findings: Findings): void {
  const key = textIn(node, 'uid')
  const type = textIn(node, 'sdnType')?.toLowerCase()
  const name = textIn(node, 'lastName')
  if (type === 'individual') findings.person(key)
  else if (key !== null && name !== null) findings.entry(entryOf(key, name, type, node))
  else
    findings.problem({ place: `entry ${key ?? name ?? 'without an id'}`, message: 'has no uid or no name' })
}

function entryOf(key: string, name: string, type: string | undefined, node: Node): ListEntry {
  const said = readRemarks(textIn(node, 'remarks') ?? '')
  const ids = childrenOf(childOf(node, 'idList'), 'id')
  const listed = ids.find((id) => /^Listing Date/.test(textIn(id, 'idType') ?? ''))
  return {
    ...BLANK_ENTRY,
    ...{ key, name },
    kind: type === 'vessel' || type === 'aircraft' ? type : 'entity',
    programs: childrenOf(childOf(node, 'programList'), 'program').map(({ text }) => text.trim()),
    aliases: [
      ...childrenOf(childOf(node, 'akaList'), 'aka').flatMap((aka) => {
        const text = textIn(aka, 'lastName')
        return text === null ? [] : [{ text, isWeak: textIn(aka, 'category') === 'weak' }]
      }),
      ...said.aliases,
    ],
    countries: countriesOf(childrenOf(childOf(node, 'addressList'), 'address')),
    identifiers: [
      ...ids.flatMap((id) => {
        const [idType, value] = [textIn(id, 'idType'), textIn(id, 'idNumber')]
        return idType === null || value === null ? [] : [{ type: idType, value }]
      }),
      ...said.identifiers,
    ],
    from: (listed && readDay(textIn(listed, 'idNumber') ?? textIn(listed, 'issueDate') ?? '')) ?? said.from,
    owners: said.owners,
  }
}

function countriesOf(addresses: readonly Node[]): string[] {
  const codes = addresses.flatMap((address) => countryOfList(textIn(address, 'country') ?? '') ?? [])
  return [...new Set(codes)].toSorted()
}
