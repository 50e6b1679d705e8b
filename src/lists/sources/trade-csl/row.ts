/** A row of trade.gov's Consolidated Screening List, whichever file it comes from. Pure. */
import { createHash } from 'node:crypto'
import { BLANK_ENTRY, type Findings, type ListEntry } from '../../model/entry.ts'
import { namesInText, unique } from '../company-text.ts'
import { readDay } from '../days.ts'

export interface CslRow {
  /** Of the row; '' in files from before 2020. */
  readonly id: string
  /** Such as `Entity List (EL) - Bureau of Industry and Security`. */
  readonly source: string
  /** The uid of OFAC; '' for rows of other authorities. */
  readonly entityNumber: string
  readonly type: string
  readonly programs: readonly string[]
  readonly name: string
  readonly aliases: readonly string[]
  readonly countries: readonly string[]
  readonly from: string
  readonly to: string
  readonly citation: string
  readonly ids: readonly { readonly type: string; readonly value: string }[]
}

/** `Huawei Technologies Co., Ltd. (Huawei).  Affiliated Entity:  X`: the party that is listed is X. */
const LISTED_PARTY = /^.*(?:Affiliated Entity:|Subordinate Institution\s*[-–:])\s*/s
/** Of the type that only Treasury writes; BIS and State leave it blank, so persons among theirs stay. */
const PERSON = /^individual$/i

export function takeRow(row: CslRow, place: string, findings: Findings): void {
  const part = /\(([A-Z-]+)(?: List)?\)/.exec(row.source)?.[1]
  const { name, aliases } = namesInText(row.name.replace(LISTED_PARTY, ''))
  if (PERSON.test(row.type.trim())) findings.person(part === undefined ? null : keyOf(part, row))
  else if (name === '') findings.problem({ place, message: 'has no name' })
  else if (part === undefined) findings.problem({ place, message: 'has no source with a code in brackets' })
  else {
    const all = unique([...aliases, ...row.aliases.flatMap(aliasesIn)])
    findings.entry(entryOf(row, part, { name, aliases: all }))
  }
}

const keyOf = (part: string, row: CslRow) =>
  `${part}:${row.entityNumber || row.id || digestOf(part, row.name, row.countries)}`

function entryOf(
  row: CslRow,
  part: string,
  { name, aliases }: Pick<ListEntry, 'name' | 'aliases'>,
): ListEntry {
  return {
    ...BLANK_ENTRY,
    // One company may stand on several lists of OFAC under its one number.
    key: keyOf(part, row),
    part,
    name,
    kind: kindOf(row.type),
    aliases,
    programs: row.programs,
    countries: [...new Set(row.countries)].toSorted(),
    identifiers: row.ids,
    from: readDay(row.from) ?? listedOn(row.ids),
    to: readDay(row.to),
    citation: row.citation === '' ? null : row.citation,
  }
}

/** Each alias may have names of its own inside of it; the last of several begins with `and`. */
const aliasesIn = (text: string): ListEntry['aliases'] => {
  const { name, aliases } = namesInText(text.replace(/^\s*and\s+/i, ''))
  return [{ text: name, isWeak: false }, ...aliases]
}

function kindOf(type: string): ListEntry['kind'] {
  const word = type.trim().toLowerCase()
  return word === 'vessel' || word === 'aircraft' ? word : 'entity'
}

const listedOn = (ids: CslRow['ids']) =>
  readDay(ids.find(({ type }) => /^Listing Date/.test(type))?.value ?? '')

const digestOf = (...parts: unknown[]) =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)
