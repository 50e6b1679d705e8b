/** Whether memory stays flat while a file of a list is read that is as large as `SDN_ADVANCED.XML`, and larger. */
import { createWriteStream } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { readListFile } from '../src/lists/reading/thread.ts'
import { figure, printTable, time } from './measure.ts'

const MEGABYTE = 1_000_000
/** What one party takes in the file, with its documents, places and remarks. */
const PADDING = 'Registered in the trade register of the river port; '.repeat(100)

export async function lists(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'camledger-bench-'))
  const rows: string[][] = []
  try {
    for (const size of [13, 130, 260]) {
      const path = join(folder, 'advanced.xml')
      await pipeline(Readable.from(advancedXml(size * MEGABYTE)), createWriteStream(path))
      const idle = process.memoryUsage().rss
      let peak = idle
      const watch = setInterval(() => {
        peak = Math.max(peak, process.memoryUsage().rss)
      }, 20)
      let entries = 0
      const millis = await time(async () => {
        entries = (await readListFile({ list: 'ofac-sdn', path })).entries.length
      })
      clearInterval(watch)
      rows.push(
        [(await stat(path)).size / MEGABYTE, entries, millis / 1000, idle / MEGABYTE, peak / MEGABYTE].map(
          figure,
        ),
      )
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  printTable({
    title: 'Reading an advanced XML of OFAC',
    notes: [
      'A file is made for each line, of parties that are as large as those of the real one; the memory is that of the process with the thread that reads.',
    ],
    header: ['file MB', 'entries', 's', 'MB resident before', 'MB resident at most'],
    rows,
  })
}

function* advancedXml(bytes: number): Generator<string> {
  yield `<?xml version="1.0"?><Sanctions xmlns="https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports/ADVANCED_XML"><DateOfIssue><Year>2026</Year><Month>9</Month><Day>3</Day></DateOfIssue><ReferenceValueSets><ListValues><List ID="1550">SDN List</List></ListValues><PartySubTypeValues><PartySubType ID="3" PartyTypeID="2">Unknown</PartySubType></PartySubTypeValues><PartyTypeValues><PartyType ID="2">Entity</PartyType></PartyTypeValues></ReferenceValueSets><DistinctParties>`
  let written = 0
  let parties = 0
  for (; written < bytes; parties++) {
    const party = partyXml(10_000 + parties)
    written += party.length
    yield party
  }
  yield '</DistinctParties><SanctionsEntries>'
  for (let i = 0; i < parties; i++)
    yield `<SanctionsEntry ID="${i}" ProfileID="${10_000 + i}" ListID="1550"/>`
  yield '</SanctionsEntries></Sanctions>'
}

function partyXml(id: number): string {
  const name = (text: string) =>
    `<DocumentedName><DocumentedNamePart><NamePartValue ScriptID="215">${text}</NamePartValue></DocumentedNamePart></DocumentedName>`
  return `<DistinctParty FixedRef="${id}"><Comment>${PADDING}</Comment><Profile ID="${id}" PartySubTypeID="3"><Identity ID="${id}" False="false"><Alias AliasTypeID="1403" Primary="true" LowQuality="false">${name(`RIVER TRADING ${id}`)}</Alias><Alias AliasTypeID="1400" Primary="false" LowQuality="true">${name(`RT ${id}`)}</Alias></Identity></Profile></DistinctParty>`
}
