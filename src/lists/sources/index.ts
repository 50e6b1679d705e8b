/** The official lists that are read, each with its formats. A new one is a folder beside this file and a row here. Pure. */
import type { ListEntry, ListFormat } from '../model/entry.ts'
import { openDeniedCsv, openDeniedTabs } from './bis/denied-persons.ts'
import { openListingPeriods } from './dod/periods.ts'
import { openEntityList } from './ecfr/entity-list.ts'
import { openCoveredList } from './fcc/covered-list.ts'
import type { LIST_IDS } from './ids.ts'
import { openAdvanced } from './ofac/advanced.ts'
import { openDelimited } from './ofac/delimited.ts'
import { openConsolidatedDelta, openSdnDelta } from './ofac/delta.ts'
import { openXml } from './ofac/xml.ts'
import { openFtm } from './opensanctions/entities.ts'
import { openCslCsv } from './trade-csl/csv.ts'
import { openCslJson } from './trade-csl/json.ts'
import { openUflpaList } from './uflpa/entity-list.ts'

export interface ListSource {
  readonly id: (typeof LIST_IDS)[number]
  readonly title: string
  readonly authority: string
  readonly formats: readonly ListFormat[]
  /** Parts of which the file has to be; null where the format does not say. */
  readonly parts: ReadonlySet<string> | null
  /** Entries without which the file is not this list, by key or, where keys are not lasting, by name. */
  readonly sentinels: readonly { readonly name: string; readonly is: (entry: ListEntry) => boolean }[]
  /** Days after which a list that was not read again is old. */
  readonly maxAgeDays: number
  /** The body of law that an entry puts its maker under; null for parts that restrict nothing here. */
  readonly regimeOf: (entry: ListEntry) => string | null
  /** Where the authority publishes it. */
  readonly address: string
  /** Put together by somebody else than the authorities: what it lacks may still be law. */
  readonly isCopy?: true
}

const startsWithXml = (root: string) => (start: string) => new RegExp(`<(?:\\w+:)?${root}[\\s>]`).test(start)

const OFAC_FORMATS = (prefix: 'SDN' | 'CONS'): readonly ListFormat[] => [
  {
    id: 'xml',
    title: `${prefix === 'SDN' ? 'SDN.XML' : 'CONSOLIDATED.XML'}`,
    sniff: startsWithXml('sdnList'),
    open: openXml,
  },
  {
    id: 'advanced-xml',
    title: `${prefix}_ADVANCED.XML`,
    sniff: startsWithXml('Sanctions'),
    open: openAdvanced,
  },
  {
    id: 'delimited',
    title: `${prefix === 'SDN' ? 'SDN.CSV, ALT.CSV, ADD.CSV and SDN_COMMENTS.CSV' : 'CONS_PRIM.CSV, CONS_ALT.CSV, CONS_ADD.CSV and CONS_COMMENTS.CSV'}, one after another`,
    sniff: (start) => /^\d+,"/.test(start),
    open: openDelimited,
  },
  {
    id: 'delta',
    title: 'the delta file of a publication, laid over the version in force',
    sniff: startsWithXml('sanctionsData'),
    open: prefix === 'SDN' ? openSdnDelta : openConsolidatedDelta,
  },
]

const isPage = (start: string) => /^(?:<!--[\s\S]*?-->\s*)*<(?:!doctype html|html)[\s>]/i.test(start)

const byUid = (uid: string, name: string) => ({
  name: `${uid} ${name}`,
  is: ({ key }: ListEntry) => key === uid,
})
const byName = (part: string | null, name: string) => ({
  name,
  is: (entry: ListEntry) => entry.part === part && entry.name.toLowerCase().startsWith(name.toLowerCase()),
})

const CMIC = 'CMIC-EO13959'
/** Lists of the Bureau of Industry and Security and of OFAC that rules here read. */
const PARTS_OF_CSL: Readonly<Record<string, string>> = {
  EL: 'bis-entity-list',
  SDN: 'ofac-sdn',
  CMIC: 'ofac-ns-cmic',
}

/** By the part that the reader makes of a data set and its program. */
const PARTS_OF_OPENSANCTIONS: Readonly<Record<string, string>> = {
  ...PARTS_OF_CSL,
  FCC: 'fcc-covered-list',
  '1260H': 'dod-1260h',
  UFLPA: 'uflpa',
  '889': 'ndaa-889-a',
}

export const LIST_SOURCES: readonly ListSource[] = [
  {
    id: 'ofac-sdn',
    title: 'Specially Designated Nationals and Blocked Persons List',
    authority: 'Office of Foreign Assets Control, US Department of the Treasury',
    formats: OFAC_FORMATS('SDN'),
    parts: new Set(['SDN List']),
    sentinels: [byUid('30502', 'CEIEC')],
    maxAgeDays: 7,
    regimeOf: () => 'ofac-sdn',
    address: 'https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports/SDN.XML',
  },
  {
    id: 'ofac-consolidated',
    title: 'Consolidated Non-SDN List, with the Chinese Military-Industrial Complex Companies',
    authority: 'Office of Foreign Assets Control, US Department of the Treasury',
    formats: OFAC_FORMATS('CONS'),
    parts: null,
    sentinels: [byUid('30946', 'Hangzhou Hikvision Digital Technology')],
    maxAgeDays: 7,
    regimeOf: ({ programs }) => (programs.includes(CMIC) ? 'ofac-ns-cmic' : null),
    address: 'https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports/CONSOLIDATED.XML',
  },
  {
    id: 'trade-csl',
    title: 'Consolidated Screening List',
    authority: 'International Trade Administration, US Department of Commerce',
    formats: [
      {
        id: 'csv',
        title: 'consolidated.csv',
        sniff: (start) => /^\ufeff?"?(?:_id|source)"?,/.test(start),
        open: openCslCsv,
      },
      {
        id: 'json',
        title: 'consolidated.json',
        sniff: (start) => /^\ufeff?\s*\{/.test(start),
        open: openCslJson,
      },
    ],
    parts: null,
    sentinels: [
      byUid('CMIC:30946', 'Hangzhou Hikvision Digital Technology'),
      byName('EL', 'Dahua Technology'),
    ],
    maxAgeDays: 7,
    regimeOf: ({ part }) => PARTS_OF_CSL[part ?? ''] ?? null,
    address: 'https://data.trade.gov/downloadable_consolidated_screening_list/v1/consolidated.csv',
  },
  {
    id: 'bis-entity-list',
    title: 'Entity List, Supplement No. 4 to 15 CFR part 744',
    authority: 'Bureau of Industry and Security, US Department of Commerce',
    formats: [
      {
        id: 'ecfr-xml',
        title: 'title-15.xml?part=744 of the eCFR',
        sniff: (start) => /<(?:DIV5|DIV1|DIV3|ECFR|DLPSTEXTCLASS)[\s>]/.test(start),
        open: openEntityList,
      },
    ],
    parts: null,
    sentinels: [byName(null, 'Dahua Technology')],
    maxAgeDays: 30,
    regimeOf: () => 'bis-entity-list',
    address: 'https://www.ecfr.gov/api/versioner/v1/full/{date}/title-15.xml?part=744',
  },
  {
    id: 'bis-denied-persons',
    title: 'Denied Persons List',
    authority: 'Bureau of Industry and Security, US Department of Commerce',
    formats: [
      {
        id: 'csv',
        title: 'dpl_MMDDYYYY.csv, with name and address in one column',
        sniff: (start) => /^"?name[ _]and[ _]address"?,/i.test(start),
        open: openDeniedCsv,
      },
      {
        id: 'tabs',
        title: 'dpl.txt, twelve columns that are separated by tabs',
        sniff: (start) => /^"?name"?\t/i.test(start),
        open: openDeniedTabs,
      },
    ],
    parts: null,
    sentinels: [],
    maxAgeDays: 30,
    // No law here reads it: whom it names is shown, and barred from nothing by itself.
    regimeOf: () => null,
    address: 'https://www.bis.doc.gov/dpl/dpl.txt',
  },
  {
    id: 'fcc-covered-list',
    title: 'Covered List',
    authority: 'Federal Communications Commission',
    formats: [
      {
        id: 'html',
        title: 'the page supplychain/coveredlist, saved as HTML',
        sniff: isPage,
        open: openCoveredList,
      },
    ],
    parts: null,
    sentinels: [byName(null, 'Hangzhou Hikvision Digital Technology'), byName(null, 'Huawei Technologies')],
    maxAgeDays: 30,
    regimeOf: () => 'fcc-covered-list',
    address: 'https://www.fcc.gov/supplychain/coveredlist',
  },
  {
    id: 'dod-1260h',
    title: 'Chinese military companies under section 1260H',
    authority: 'US Department of Defense',
    formats: [
      {
        id: 'periods-csv',
        title: 'a table of its editions, with the start and the end of each listing',
        sniff: (start) => /^"?Name"?,"?Clean Name"?,/.test(start),
        open: openListingPeriods,
      },
    ],
    parts: null,
    sentinels: [byName(null, 'Hangzhou Hikvision Digital Technology')],
    maxAgeDays: 400,
    regimeOf: () => 'dod-1260h',
    address: 'https://media.defense.gov/',
  },
  {
    id: 'uflpa',
    title: 'UFLPA Entity List',
    authority: 'US Department of Homeland Security',
    formats: [
      { id: 'html', title: 'the page uflpa-entity-list, saved as HTML', sniff: isPage, open: openUflpaList },
    ],
    parts: null,
    sentinels: [byName('i', 'Xinjiang Production and Construction Corps')],
    maxAgeDays: 60,
    regimeOf: () => 'uflpa',
    address: 'https://www.dhs.gov/uflpa-entity-list',
  },
  {
    id: 'opensanctions',
    title: 'Lists as OpenSanctions puts them together',
    authority: 'OpenSanctions (data under CC BY-NC 4.0; not shipped)',
    formats: [
      {
        id: 'ftm',
        title: 'entities.ftm.json or targets.nested.json',
        sniff: (start) => /^\{\s*"(?:id|caption|schema|op)"/.test(start),
        open: openFtm,
      },
    ],
    parts: null,
    sentinels: [],
    maxAgeDays: 7,
    isCopy: true,
    regimeOf: ({ part }) => PARTS_OF_OPENSANCTIONS[part ?? ''] ?? null,
    address: 'https://data.opensanctions.org/datasets/latest/us_sanctions/entities.ftm.json',
  },
]

export function listSource(id: string): ListSource | undefined {
  return LIST_SOURCES.find((source) => source.id === id)
}
