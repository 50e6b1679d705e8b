/**
 * The data files of a snapshot. Each is read from the register anew: both clocks stand still, so the same devices come in
 * the same order, and nothing has to be held for the files that follow.
 */
import type { Database } from '../db/database.ts'
import { eachInLane } from '../db/lanes.ts'
import type { Determination } from '../determination/determination.ts'
import type { DeviceRecord } from '../device/schemas.ts'
import type { Column } from '../http/exports.ts'
import { CSV_SHAPE, csvColumns, type ListedDevice } from '../inventory/device-csv.ts'
import { screenedText } from '../inventory/present.ts'
import { devicesAsOf } from '../inventory/queries/filter.ts'
import { csvLine } from '../lib/csv.ts'
import { pacer } from '../lib/pacing.ts'
import { lawColumns } from '../screening/law-columns.ts'
import { findingsOf } from '../screening/profiles.ts'
import type { Screening } from '../screening/screen.ts'
import { type DeviceShape, WHOLE_DEVICE } from '../screening/shape.ts'
import type { City, Understood } from './question.ts'

/** Devices whole, with the reasons and citations of what was found; nothing that hangs on today's vulnerabilities. */
const SHAPE: DeviceShape = { ...WHOLE_DEVICE, determinations: 'findings', firmwareRisk: null }
const TABLE: DeviceShape = { ...CSV_SHAPE, firmwareRisk: null }
/** Devices that are read and held at once. */
const BATCH = 250

interface Row {
  readonly device: DeviceRecord
  readonly doc: string
  readonly screening: Screening
  readonly city: City
}

export interface Counts {
  readonly devices: Map<string, number>
  readonly findings: Map<string, number>
}

export interface DataFileSource {
  readonly name: string
  readonly mediaType: string
  /** Lines of the file; `count` is called with the rows that are written. */
  readonly lines: (count: (rows: number) => void) => AsyncGenerator<string>
}

/** `counts` are filled by the first of the files. */
export function dataFiles(
  database: Database,
  asked: Understood,
  counts: Counts,
  signal: AbortSignal,
): readonly DataFileSource[] {
  const rows = () => rowsOf(database, asked, signal)
  return [
    {
      name: 'devices.ndjson',
      mediaType: 'application/x-ndjson',
      lines: (count) => deviceLines(rows(), counts, count),
    },
    {
      name: 'devices.csv',
      mediaType: 'text/csv',
      lines: (count) => table(rows(), deviceColumns(asked), count),
    },
    {
      name: 'findings.csv',
      mediaType: 'text/csv',
      lines: (count) => table(findingRows(rows()), findingColumns(asked), count),
    },
  ]
}

async function* rowsOf(database: Database, asked: Understood, signal: AbortSignal): AsyncGenerator<Row> {
  const { cities, filter, times, knowledge } = asked
  if (cities.length === 0) return
  const byId = new Map(cities.map((city) => [city.id, city]))
  const scope = [...byId.keys()]
  const batches = devicesAsOf(
    (work) => database.acrossJurisdictions(scope, work),
    scope,
    filter,
    times,
    knowledge,
    null,
    BATCH,
  )
  const pause = pacer()
  for await (const batch of eachInLane('batches', batches)) {
    signal.throwIfAborted()
    for (const row of batch) {
      await pause()
      yield { ...row, city: byId.get(row.device.jurisdictionId)! }
    }
  }
}

async function* deviceLines(
  rows: AsyncIterable<Row>,
  counts: Counts,
  count: (rows: number) => void,
): AsyncGenerator<string> {
  let written = 0
  for await (const { device, doc, screening, city } of rows) {
    add(counts.devices, city.id, 1)
    add(counts.findings, city.id, findingsOf(screening).length)
    written++
    yield `${screenedText(doc, screening, SHAPE, device)}\n`
  }
  count(written)
}

const add = (counts: Map<string, number>, id: string, more: number) =>
  counts.set(id, (counts.get(id) ?? 0) + more)

async function* table<T>(
  rows: AsyncIterable<T>,
  columns: readonly Column<T>[],
  count: (rows: number) => void,
): AsyncGenerator<string> {
  yield csvLine(columns.map(({ header }) => header))
  let written = 0
  for await (const row of rows) {
    written++
    yield csvLine(columns.map(({ value }) => String(value(row) ?? '')))
  }
  count(written)
}

const CITY: readonly Column<Row>[] = [
  { header: 'jurisdiction', value: ({ city }) => city.name },
  { header: 'state', value: ({ city }) => city.state },
]

/** The columns of the list of devices, without those that follow what is known today. */
function deviceColumns({ knowledge, custom }: Understood): readonly Column<Row>[] {
  const listed = csvColumns(TABLE, {}, () => '', knowledge, custom).filter(
    ({ header }) => !/^(firmwareRisk\.|siteName$|lawAsOf$|listsReadOn$)/.test(header),
  )
  // A row is read by many columns and parsed once.
  let last: { row: Row; device: ListedDevice } | null = null
  const deviceOf = (row: Row): ListedDevice => {
    if (last?.row !== row) {
      const text = screenedText(row.doc, row.screening, TABLE, row.device)
      last = { row, device: JSON.parse(text) as ListedDevice }
    }
    return last.device
  }
  return [
    ...CITY,
    ...listed.map(({ header, value }) => ({ header, value: (row: Row) => value(deviceOf(row)) })),
    ...lawColumns<Row>(({ city }) => city.lawAsOf, knowledge),
  ]
}

interface FindingRow extends Row {
  readonly finding: Determination
}

async function* findingRows(rows: AsyncIterable<Row>): AsyncGenerator<FindingRow> {
  for await (const row of rows) for (const finding of findingsOf(row.screening)) yield { ...row, finding }
}

const fromDevice = (field: keyof DeviceRecord): Column<FindingRow> => ({
  header: field,
  value: ({ device }) => device[field] as string | number | null,
})

const fromFinding = (
  field: 'regime' | 'activity' | 'outcome' | 'certainty' | 'ruleId',
): Column<FindingRow> => ({
  header: field,
  value: ({ finding }) => finding[field],
})

/** One line for each device, regime and activity that is neither permitted nor out of scope. */
function findingColumns({ knowledge }: Understood): readonly Column<FindingRow>[] {
  return [
    ...CITY,
    ...(['jurisdictionId', 'id', 'assetTag', 'manufacturer', 'model'] as const).map(fromDevice),
    { header: 'maker', value: ({ screening }) => screening.identification.maker },
    {
      header: 'candidates',
      value: ({ screening }) => screening.identification.candidates.map(({ vendor }) => vendor).join('; '),
    },
    ...(
      [
        'acquiredOn',
        'obligatedOn',
        'paidOn',
        'fundingSource',
        'awardNumber',
        'assistanceListing',
        'passThroughEntity',
        'acquisitionCostCents',
        'currency',
      ] as const
    ).map(fromDevice),
    ...(['regime', 'activity', 'outcome', 'certainty', 'ruleId'] as const).map(fromFinding),
    { header: 'because', value: ({ finding }) => finding.because },
    { header: 'missingFacts', value: ({ finding }) => finding.missingFacts.join('; ') },
    { header: 'citation', value: ({ finding }) => finding.citation },
    ...lawColumns<FindingRow>(({ city }) => city.lawAsOf, knowledge),
  ]
}
