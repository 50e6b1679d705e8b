/** Where authorities publish their lists for programs, and to which machines their answers may lead. Pure. */

export interface Source {
  readonly url: string
  /** Of an answer that only says where the list is: the address of the list. */
  readonly next?: (answer: string) => string | null
  /** Hosts beside that of the address to which it may lead. */
  readonly hosts: readonly RegExp[]
}

/** OFAC answers with an address in its store that is good for an hour. */
const STORE = /^(?:[a-z0-9-]+\.)?s3(?:[.-][a-z0-9-]+)*\.amazonaws\.com$/
const ofac = (file: string): Source => ({
  url: `https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports/${file}`,
  hosts: [STORE],
})

/**
 * Lists that are not here come by file: the Denied Persons List has a name with a day in it, the Department of Defense
 * publishes PDF, and the data of OpenSanctions have a license that each city has to look at.
 */
const SOURCES: Readonly<Record<string, Source>> = {
  'ofac-sdn': ofac('SDN.XML'),
  'ofac-consolidated': ofac('CONSOLIDATED.XML'),
  'trade-csl': {
    url: 'https://data.trade.gov/downloadable_consolidated_screening_list/v1/consolidated.csv',
    hosts: [/^api\.trade\.gov$/, STORE],
  },
  'bis-entity-list': {
    url: 'https://www.ecfr.gov/api/versioner/v1/titles.json',
    next: partOfTitle15,
    hosts: [],
  },
  'fcc-covered-list': { url: 'https://www.fcc.gov/supplychain/coveredlist', hosts: [] },
  uflpa: { url: 'https://www.dhs.gov/uflpa-entity-list', hosts: [] },
}

/** "current" is no day that the eCFR takes. */
function partOfTitle15(answer: string): string | null {
  const day = /"number"\s*:\s*15\b[^{}]*?"up_to_date_as_of"\s*:\s*"(\d{4}-\d{2}-\d{2})"/.exec(answer)?.[1]
  return day === undefined ? null : `https://www.ecfr.gov/api/versioner/v1/full/${day}/title-15.xml?part=744`
}

/** Lists that a machine can fetch. */
export const FETCHED_LISTS: readonly string[] = Object.keys(SOURCES)

/** Of a server of the operator's own the file that has the name of the list; else the address of the authority. */
export function sourceAt(list: string, mirror: string | null): Source {
  if (mirror === null) return SOURCES[list]!
  return { url: new URL(list, mirror.endsWith('/') ? mirror : `${mirror}/`).href, hosts: [] }
}

/** Whether an answer may lead there: to the same machine or one that is known, never away from https. */
export function mayLeadTo({ url, hosts }: Source, target: URL): boolean {
  const from = new URL(url)
  if (target.username !== '' || target.password !== '') return false
  if (target.protocol !== 'https:' && !(from.protocol === 'http:' && target.protocol === 'http:'))
    return false
  return target.host === from.host || (target.port === '' && hosts.some((host) => host.test(target.hostname)))
}
