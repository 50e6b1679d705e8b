/**
 * Exports of OpenSanctions (`entities.ftm.json`, `targets.nested.json`): an object a line, in any order. A party may
 * stand on several lists, of each of which it becomes an entry. Orders and ownership are lines of their own, or stand
 * inside of the party. Pure.
 */
import { z } from 'zod'
import {
  BLANK_ENTRY,
  type EntryReader,
  type Findings,
  type ListEntry,
  Unreadable,
} from '../../model/entry.ts'
import { unique } from '../company-text.ts'
import { readDay } from '../days.ts'
import { detached } from '../detached.ts'
import { isEnd, NOT_ENDED } from '../not-ended.ts'

const texts = z
  .array(z.string())
  .optional()
  .transform((list) => list ?? [])
const Inner = z.looseObject({
  properties: z.looseObject({ startDate: texts, listingDate: texts, endDate: texts, programId: texts }),
})
const Properties = z.looseObject({
  name: texts,
  alias: texts,
  weakAlias: texts,
  previousName: texts,
  country: texts,
  jurisdiction: texts,
  programId: texts,
  registrationNumber: texts,
  uscCode: texts,
  innCode: texts,
  entity: texts,
  owner: z.array(z.unknown()).optional(),
  asset: z.array(z.unknown()).optional(),
  startDate: texts,
  listingDate: texts,
  endDate: texts,
  sanctions: z.array(Inner).optional(),
})
const Line = z.looseObject({
  id: z.string(),
  caption: z.string().optional(),
  schema: z.string(),
  referents: texts,
  datasets: texts,
  target: z.boolean().optional(),
  properties: Properties,
})
type Line = z.output<typeof Line>
type Order = z.output<typeof Inner>['properties']

/** A list by the names that OpenSanctions gives it; `program` where a data set holds several. */
const PARTS: readonly {
  readonly part: string
  readonly dataset: string
  readonly program: string | null
}[] = [
  { part: 'SDN', dataset: 'us_ofac_sdn', program: null },
  { part: 'CMIC', dataset: 'us_ofac_cons', program: 'US-NS-CMIC' },
  { part: 'EL', dataset: 'us_trade_csl', program: 'US-BIS-EL' },
  { part: 'FCC', dataset: 'us_fcc_covered_list', program: null },
  { part: '1260H', dataset: 'us_dod_chinese_milcorps', program: null },
  { part: 'UFLPA', dataset: 'us_dhs_uflpa', program: null },
  { part: '889', dataset: 'us_special_leg', program: 'US-MCCAIN-889' },
]
const KINDS: Readonly<Record<string, ListEntry['kind']>> = {
  Company: 'entity',
  Organization: 'entity',
  LegalEntity: 'entity',
  PublicBody: 'entity',
  Vessel: 'vessel',
  Airplane: 'aircraft',
}

export function openFtm(findings: Findings): EntryReader {
  const parties: Line[] = []
  const orders = new Map<string, Order[]>()
  const owners = new Map<string, string[]>()
  let rest = ''
  let row = 0
  let last = ''

  function take(text: string): void {
    row++
    if (text.trim() === '') return
    const line = Line.safeParse(parsed(text, row))
    const place = `line ${row}`
    if (!line.success) {
      const issue = line.error.issues[0]!
      findings.problem({ place, message: `${issue.path.join('.')} ${issue.message}` })
      return
    }
    const { schema, properties, target, id } = line.data
    if (schema === 'Sanction')
      for (const entity of properties.entity) put(orders, entity, detached(properties))
    else if (schema === 'Ownership') {
      for (const asset of properties.asset ?? [])
        for (const owner of properties.owner ?? []) put(owners, String(asset), String(owner))
    } else if (target === true && schema === 'Person') findings.person(id)
    else if (target === true && schema in KINDS) parties.push(detached(line.data))
  }

  return {
    write: (text) => {
      last = text.at(-1) ?? last
      const lines = (rest + text).split('\n')
      rest = lines.pop()!
      if (rest.length > MOST_LETTERS)
        throw new Unreadable('wrong-format', 'One line has more text than any export has.')
      for (const line of lines) take(line)
    },
    end: () => {
      if (rest.trim() !== '') take(rest)
      if (!isEnd(last)) findings.problem(NOT_ENDED)
      if (row === 0) throw new Unreadable('wrong-format', 'The file has no line in it.')
      for (const party of parties) {
        const own = [
          ...(orders.get(party.id) ?? []),
          ...(party.properties.sanctions ?? []).map((one) => one.properties),
        ]
        for (const entry of entriesOf(party, own, owners.get(party.id) ?? [])) findings.entry(entry)
      }
    },
  }
}

const MOST_LETTERS = 2_000_000

function put<V>(map: Map<string, V[]>, key: string, value: V): void {
  const there = map.get(key)
  if (there) there.push(value)
  else map.set(key, [value])
}

function parsed(text: string, row: number): unknown {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw new Unreadable('truncated', `Line ${row} is no well-formed JSON; the file may have broken off.`)
  }
  if (json !== null && typeof json === 'object' && 'op' in json)
    throw new Unreadable('wrong-format', 'The file has changes (entities.delta.json) and not the list.')
  return json
}

/** One for each list that it is on; of a data set that is not known here, under its own name. */
function entriesOf(party: Line, orders: readonly Order[], owners: readonly string[]): ListEntry[] {
  const programs = [
    ...new Set([...party.properties.programId, ...orders.flatMap(({ programId }) => programId)]),
  ]
  const known = PARTS.filter(
    ({ dataset, program }) =>
      party.datasets.includes(dataset) && (program === null || programs.includes(program)),
  )
  const others = party.datasets.filter((dataset) => !PARTS.some((one) => one.dataset === dataset))
  const parts = [
    ...known,
    ...(known.length === 0 ? others.map((dataset) => ({ part: dataset, program: null })) : []),
  ]
  return parts.map(({ part, program }) => {
    const own = orders.filter(({ programId }) => program === null || programId.includes(program))
    return entryOf(party, { part, programs, orders: own, owners })
  })
}

interface OnList {
  readonly part: string
  readonly programs: readonly string[]
  readonly orders: readonly Order[]
  readonly owners: readonly string[]
}

function entryOf({ id, referents, caption, schema, properties }: Line, list: OnList): ListEntry {
  const names = [...properties.name, ...properties.alias, ...properties.previousName]
  const name = caption && properties.name.includes(caption) ? caption : (properties.name[0] ?? caption ?? id)
  const countries = [...properties.country, ...properties.jurisdiction].map((code) => code.toUpperCase())
  const starts = list.orders.flatMap((order) => [...order.startDate, ...order.listingDate])
  const days = starts.flatMap((text) => readDay(text) ?? []).toSorted()
  const ends = list.orders.map((order) => readDay(order.endDate[0] ?? ''))
  return {
    ...BLANK_ENTRY,
    key: `${list.part}:${id}`,
    // A party that was merged with another goes on under a new id.
    formerKeys: referents.map((referent) => `${list.part}:${referent}`),
    part: list.part,
    name,
    aliases: unique([
      ...names.filter((text) => text !== name).map((text) => ({ text, isWeak: false })),
      ...properties.weakAlias.map((text) => ({ text, isWeak: true })),
    ]),
    kind: KINDS[schema]!,
    programs: list.programs,
    countries: [...new Set(countries.filter((code) => /^[A-Z]{2}$/.test(code)))].toSorted(),
    identifiers: [
      ...properties.registrationNumber.map((value) => ({ type: 'Registration Number', value })),
      ...properties.uscCode.map((value) => ({ type: 'Unified Social Credit Code (USCC)', value })),
    ],
    from: days[0] ?? null,
    to: ends.length > 0 && ends.every((day) => day !== null) ? ends.toSorted().at(-1)! : null,
    owners: list.owners,
    citation: null,
  }
}
