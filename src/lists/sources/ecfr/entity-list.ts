/**
 * The Entity List as it stands in the eCFR: tables of Supplement No. 4 to part 744, whose cells are prose. Further
 * supplements of the same part are other lists. Pure.
 */
import { createHash } from 'node:crypto'
import { BLANK_ENTRY, type EntryReader, type Findings, Unreadable } from '../../model/entry.ts'
import { countryOfList } from '../countries.ts'
import { readDay } from '../days.ts'
import { childrenOf, type Node, xmlRecords } from '../records.ts'
import { namesInCell } from './entity-cell.ts'

const SUPPLEMENT = /^Supplement No\. 4 to Part 744$/i

export function openEntityList(findings: Findings): EntryReader {
  let isWanted = false
  let hasTable = false
  let country = ''
  const reader = xmlRecords({
    root: ['DIV5', 'ECFR', 'DLPSTEXTCLASS', 'DIV1', 'DIV3'],
    namespaces: null,
    records: new Set(['TR']),
    prose: new Set(['TD', 'TH']),
    onOpen: ({ name, attributes }) => {
      if (name === 'DIV9') isWanted = SUPPLEMENT.test(attributes.N ?? '')
    },
    onRecord: (row) => {
      const cells = childrenOf(row, 'TD')
      if (!isWanted || cells.length < 5) return
      hasTable = true
      // A blank cell means the country of the row above.
      country = clean(cells[0]!.text) || country
      take(cells, country, findings)
    },
  })
  return {
    write: reader.write,
    end: () => {
      reader.end()
      if (!hasTable)
        throw new Unreadable('wrong-format', 'The file has no table of Supplement No. 4 to part 744 in it.')
    },
  }
}

const clean = (text: string) => text.replaceAll(/\s+/g, ' ').trim()

function take(cells: readonly Node[], country: string, findings: Findings): void {
  const prose = cells[1]!.text
  if (clean(prose) === '' || /^\[reserved\]$/i.test(clean(prose))) return
  const { name, aliases } = namesInCell(prose)
  const citation = clean(cells[4]!.text)
  const code = countryOfList(country)
  findings.entry({
    ...BLANK_ENTRY,
    key: createHash('sha256').update(`${country}\n${name}`).digest('hex').slice(0, 32),
    name,
    aliases,
    countries: code === null ? [] : [code],
    // The first citation is the one that listed it.
    from: readDay(/\b(\d{1,2}\/\d{1,2}\/\d{2,4})\b/.exec(citation)?.[1] ?? ''),
    citation: citation === '' ? null : citation,
  })
}
