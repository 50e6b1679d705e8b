/**
 * Devices as a workbook for people: site names, answers and reasons in words, and a second sheet with what they rest on.
 * Its columns are read again by the import profile `camledger-workbook`.
 */
import { ACTIVITIES, ACTIVITY_WORDS, OUTCOME_WORDS, type Outcome } from '../catalogue/outcomes.ts'
import type { DeviceField } from '../device/fields.ts'
import { type Cell, type Sheet, type SheetColumn, workbook } from '../http/workbook/write.ts'
import type { PlainDate } from '../lib/calendar.ts'
import { memoryOf } from '../lib/memory.ts'
import type { Knowledge } from '../screening/knowledge.ts'
import { citationsOf } from '../screening/law-columns.ts'
import type { ListedDevice } from './device-csv.ts'

type Kind = SheetColumn['kind']

/** What a field is called, how wide it is shown, and as what. */
const FIELDS: readonly (readonly [field: DeviceField, header: string, width: number, kind?: Kind])[] = [
  ['assetTag', 'Asset tag', 14],
  ['name', 'Name', 24],
  ['status', 'Status', 12],
  ['department', 'Department', 16],
  ['manufacturer', 'Manufacturer', 16],
  ['model', 'Model', 22],
  ['deviceClass', 'Device class', 12],
  ['serialNumber', 'Serial number', 18],
  ['macAddress', 'MAC address', 18],
  ['externalId', 'External id', 14],
  ['ipAddress', 'IP address', 14],
  ['hostName', 'Host name', 18],
  ['fccId', 'FCC id', 12],
  ['firmwareVersion', 'Firmware version', 16],
  ['recorder', 'Recorder', 14],
  ['recorderChannel', 'Recorder channel', 10],
  ['room', 'Room', 12],
  ['rack', 'Rack', 10],
  ['hasRadio', 'Has radio', 8],
  ['purpose', 'Purpose', 16],
  ['enforcementUse', 'Enforcement use', 10],
  ['acquiredOn', 'Acquired on', 11, 'day'],
  ['obligatedOn', 'Obligated on', 11, 'day'],
  ['paidOn', 'Paid on', 11, 'day'],
  ['installedOn', 'Installed on', 11, 'day'],
  ['producedOn', 'Produced on', 11, 'day'],
  ['warrantyUntil', 'Warranty until', 11, 'day'],
  ['usefulLifeYears', 'Useful life (years)', 9, 'number'],
  ['fundingSource', 'Funding source', 14],
  ['federalPassThrough', 'Federal pass-through', 10],
  ['acquisitionCostCents', 'Acquisition cost', 12, 'amount'],
  ['currency', 'Currency', 8],
  ['supplier', 'Supplier', 18],
  ['purchaseOrder', 'Purchase order', 14],
  ['invoice', 'Invoice', 14],
  ['latitude', 'Latitude', 11, 'number'],
  ['longitude', 'Longitude', 11, 'number'],
  ['updateChannel', 'Update channel', 16],
  ['networkExposure', 'Network exposure', 12],
  ['paidSupport', 'Paid support', 8],
  ['firmwareObtainedOn', 'Firmware obtained on', 11, 'day'],
  ['fccSubsidy', 'FCC subsidy', 8],
  ['producedIn', 'Produced in', 8],
  ['consumerGrade', 'Consumer grade', 8],
  ['modelAuthorizedOn', 'Model authorized on', 11, 'day'],
  ['coveredComponent', 'Covered component', 10],
  ['socMaker', 'Chip maker', 16],
  ['notes', 'Notes', 40, 'wrapped'],
]

interface Column extends SheetColumn {
  readonly value: (device: ListedDevice) => Cell
}

type Placed = ListedDevice & { readonly siteName?: string | null }

/** `yes` and `no`, as a column of them is read again. */
function inWords(value: unknown): Cell {
  return typeof value === 'boolean' ? (value ? 'yes' : 'no') : (value as Cell)
}

function columnsOf(knowledge: Knowledge): readonly Column[] {
  const stored = FIELDS.map(([field, header, width, kind = 'text']): Column => {
    const read = (device: ListedDevice) => (device as Readonly<Record<string, unknown>>)[field]
    const value: Column['value'] =
      field === 'acquisitionCostCents'
        ? (device) => (typeof read(device) === 'number' ? (read(device) as number) / 100 : null)
        : (device) => inWords(read(device))
    return { header, width, kind, value }
  })
  const text = (header: string, width: number, value: Column['value'], kind: Kind = 'text'): Column => ({
    ...{ header, width, kind, value },
  })
  return [
    ...stored.slice(0, 2),
    text('Site', 20, (device) => (device as Placed).siteName),
    ...stored.slice(2, 6),
    text('Who made it', 20, ({ identification }) => identification?.maker ?? 'not known'),
    ...ACTIVITIES.map((activity) =>
      text(
        ACTIVITY_WORDS[activity],
        15,
        ({ headline }) => (headline?.[activity] === undefined ? null : OUTCOME_WORDS[headline[activity]]),
        'wrapped',
      ),
    ),
    text('Why', 60, (device) => reasonsOf(device, knowledge), 'wrapped'),
    text('Firmware risk', 12, ({ firmwareRisk }) => firmwareRisk?.level),
    ...stored.slice(6),
    text('Device id', 38, ({ id }) => id),
  ]
}

const titles = memoryOf(
  ({ reference }: Knowledge): ReadonlyMap<string, string> =>
    new Map(reference.regimes.map(({ id, title }) => [id, title])),
)

const regimeOf = (ruleId: string) => ruleId.slice(0, Math.max(0, ruleId.indexOf(':'))) || ruleId

/** One line an activity: its worst answer, and the laws that say so. The second sheet counts all of them. */
function reasonsOf({ findings }: ListedDevice, knowledge: Knowledge): string {
  const known = titles(knowledge)
  return ACTIVITIES.flatMap((activity) =>
    Object.entries(findings?.[activity] ?? {})
      .slice(0, 1)
      .map(([outcome, rules]) => {
        const laws = [...new Set(rules.map((rule) => known.get(regimeOf(rule)) ?? regimeOf(rule)))]
        return `${ACTIVITY_WORDS[activity]}: ${OUTCOME_WORDS[outcome as Outcome].toLowerCase()} (${laws.join('; ')})`
      }),
  ).join('\n')
}

export interface WorkbookOf {
  readonly knowledge: Knowledge
  /** When it was made, and the day whose law it shows. */
  readonly instant: Date
  readonly lawAsOf: PlainDate
  /** What was asked for, as it was written. */
  readonly question: string
}

/** The bytes of the workbook, as devices come. */
export function deviceWorkbook(
  batches: AsyncIterable<readonly ListedDevice[]>,
  about: WorkbookOf,
): AsyncGenerator<Buffer, void, undefined> {
  const columns = columnsOf(about.knowledge)
  const devicesByRule = new Map<string, number>()
  const devices: Sheet = {
    name: 'Devices',
    columns,
    // What it is, who made it, what each law says: the facts beside are for the screen.
    printed: columns.findIndex(({ header }) => header === 'Why') + 1,
    rows: async function* rows() {
      for await (const batch of batches) {
        for (const device of batch) {
          for (const rule of rulesOf(device)) devicesByRule.set(rule, (devicesByRule.get(rule) ?? 0) + 1)
          yield columns.map(({ value }) => value(device))
        }
      }
    },
  }
  return workbook([devices, citations(devicesByRule, about)])
}

function rulesOf({ findings }: ListedDevice): Set<string> {
  return new Set(Object.values(findings ?? {}).flatMap((outcomes) => Object.values(outcomes).flat()))
}

function citations(
  devicesByRule: ReadonlyMap<string, number>,
  { knowledge, instant, lawAsOf, question }: WorkbookOf,
): Sheet {
  const known = titles(knowledge)
  return {
    name: 'Citations',
    above: [
      ['Made by camledger on', instant.toISOString()],
      ['The law as of', lawAsOf],
      ['Lists read on', knowledge.asOf],
      ['Asked for', question === '' ? 'all devices' : question],
      ['This is not legal advice. Each answer rests on the rules below.'],
    ],
    columns: [
      { header: 'Rule', width: 38, kind: 'text' },
      { header: 'Law', width: 50, kind: 'wrapped' },
      { header: 'Citation', width: 70, kind: 'wrapped' },
      { header: 'Devices with a finding', width: 12, kind: 'number' },
    ],
    rows: () =>
      [...devicesByRule]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([rule, devices]) => [
          rule,
          known.get(regimeOf(rule)) ?? regimeOf(rule),
          citationsOf([rule], knowledge),
          devices,
        ]),
  }
}
