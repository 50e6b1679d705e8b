/**
 * The Entity List as it stands in the eCFR: tables of Supplement No. 4 to part 744, whose cells are prose. Further
 * supplements of the same part are other lists. Pure.
 */
import { createHash } from 'node:crypto'
import { countryOfWord } from '../../../intake/words.ts'
import { BLANK_ENTRY, type EntryReader, type Findings, Unreadable } from '../../model/entry.ts'
import { readDay } from '../days.ts'
import { childrenOf, type Node, wholeText, xmlRecords } from '../records.ts'

const SUPPLEMENT = /^Supplement No\. 4 to Part 744$/i

export function openEntityList(findings: Findings): EntryReader {
  let isWanted = false
  let hasTable = false
  let country = ''
  const reader = xmlRecords({
    root: ['DIV5', 'ECFR', 'DLPSTEXTCLASS', 'DIV1', 'DIV3'],
    namespaces: null,
    records: new Set(['TR']),
    onOpen: ({ name, attributes }) => {
      if (name === 'DIV9') isWanted = SUPPLEMENT.test(attributes.N ?? '')
    },
    onRecord: (row) => {
      const cells = childrenOf(row, 'TD')
      if (!isWanted || cells.length < 5) return
      hasTable = true
      // A blank cell means the country of the row above.
      country = clean(wholeText(cells[0]!)) || country
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
  const prose = clean(proseOf(cells[1]!))
  if (prose === '' || /^\[reserved\]$/i.test(prose)) return
  const { name, aliases } = namesIn(prose)
  const citation = clean(wholeText(cells[4]!))
  const code = countryOfWord(country.replace(/,\s*people's republic of$/i, ''))
  findings.entry({
    ...BLANK_ENTRY,
    key: createHash('sha256').update(`${country}\n${name}`).digest('hex').slice(0, 32),
    name,
    aliases: aliases.map((text) => ({ text, isWeak: false })),
    countries: code === null ? [] : [code],
    // The first citation is the one that listed it.
    from: readDay(/\b(\d{1,2}\/\d{1,2}\/\d{2,4})\b/.exec(citation)?.[1] ?? ''),
    citation: citation === '' ? null : citation,
  })
}

/** Text as it reads, each line break a line. */
function proseOf(node: Node): string {
  return wholeText(node)
}

/** `Name, a.k.a., the following two aliases: —One. —Two. No. 555 Qianmo Road, ...` */
function namesIn(prose: string): { readonly name: string; readonly aliases: readonly string[] } {
  const [before, after] = prose.split(
    /,?\s*a\.k\.a\.,?\s*(?:the following\s+[a-z-]+\s+alias(?:es)?)?\s*:?\s*/i,
    2,
  )
  const dashed = [...(after ?? '').matchAll(/[—–]\s*(.+?)[;.]\s*(?=[—–]|$|[A-Z0-9(])/g)].map(([, alias]) =>
    alias!.replace(/[;,]?\s*and$/, '').trim(),
  )
  return { name: withoutAddress(before!), aliases: dashed.filter((alias) => alias !== '') }
}

/** The name ends where its address begins, which is prose too: at a number, a road or a building. */
function withoutAddress(text: string): string {
  const legal =
    /^(.*?\b(?:Co\.,? ?Ltd|Ltd|Inc|LLC|Corp|Corporation|Company|GmbH|Limited|University|Institute|Bureau)\b\.?)(?:,|;|$)/i
  const whole = legal.exec(text)?.[1]
  if (whole) return whole.trim()
  return text
    .split(
      /,\s*(?=(?:No\.|Room|Rm\.|Building|Bldg|Floor|Unit|Block|Suite|P\.?O\.?|[A-Z]?\d|[\w' ]+ (?:Road|Rd\.|Street|St\.|Avenue|Ave\.|Park|District)\b))/,
    )[0]!
    .replace(/[,.;]\s*$/, '')
    .trim()
}
