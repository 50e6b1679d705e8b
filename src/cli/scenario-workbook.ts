/** A scenario as an Excel workbook. Each sheet says in its name and its first row that it is hypothetical. */

import { OUTCOME_WORDS } from '../catalogue/outcomes.ts'
import { type Cell, type Sheet, type SheetColumn, workbook } from '../http/workbook/write.ts'
import { safeCell } from '../lib/csv.ts'
import { DEVICE_COLUMNS } from '../scenarios/columns.ts'
import { compareScenarios } from '../scenarios/model/compare.ts'
import { inWords } from '../scenarios/model/words.ts'
import type { ScenarioDevice, ScenarioDocument } from '../scenarios/schemas.ts'

const column = (header: string, width: number, kind: SheetColumn['kind'] = 'wrapped'): SheetColumn => ({
  header,
  width,
  kind,
})

/** Text cannot start a formula when it is saved as CSV later. */
const safe = (value: Cell): Cell =>
  typeof value === 'string' ? safeCell(value) : typeof value === 'boolean' ? (value ? 'yes' : 'no') : value

/** Codes of outcomes are shown as on the sheets of devices. */
function deviceCell(header: string, value: Cell): Cell {
  const isOutcome = / (before|after|ended)$/.test(header) && typeof value === 'string'
  return isOutcome ? ((OUTCOME_WORDS as Readonly<Record<string, string>>)[value] ?? value) : value
}

const WIDE: Readonly<Record<string, number>> = {
  scenario: 24,
  deviceId: 38,
  name: 22,
  way: 30,
  site: 20,
  model: 20,
}

export async function scenarioWorkbook(
  scenario: ScenarioDocument,
  devices: readonly ScenarioDevice[],
): Promise<Uint8Array> {
  const marked = `HYPOTHETICAL: ${scenario.name}`
  const sheets = tables(scenario, devices).map(
    ([name, columns, rows]): Sheet => ({
      name: `Hypothetical ${name}`,
      above: [[safe(marked)]],
      columns,
      pageHeader: marked,
      rows: () => rows.map((row) => row.map(safe)),
    }),
  )
  const chunks: Buffer[] = []
  for await (const chunk of workbook(sheets)) chunks.push(chunk)
  return Buffer.concat(chunks)
}

type Table = readonly [name: string, columns: readonly SheetColumn[], rows: readonly (readonly Cell[])[]]

function tables(scenario: ScenarioDocument, devices: readonly ScenarioDevice[]): readonly Table[] {
  const { firmware, applications, budget, notKnown } = scenario
  const figures = compareScenarios([scenario]).map(({ figure, unit, values: [value] }) =>
    unit === 'cents' && typeof value === 'number' ? [figure, 'dollars', value / 100] : [figure, unit, value],
  )
  const lines = inWords(scenario)
    .split('\n')
    .map((line) => [line])
  return [
    ['Summary', [column('In words', 110)], lines],
    ['Figures', [column('figure', 34), column('unit', 14), column('value', 50)], figures],
    [
      'Devices',
      DEVICE_COLUMNS.map(({ header }) => column(header, WIDE[header] ?? 14)),
      devices.map((device) =>
        DEVICE_COLUMNS.map(({ header, value }) => deviceCell(header, value(device) as Cell)),
      ),
    ],
    [
      'Images to fetch',
      ['maker', 'model', 'firmwareVersion', 'updateChannel', 'saveBy', 'devices', 'isKept'].map((header) =>
        column(header, 18, header === 'saveBy' ? 'day' : 'wrapped'),
      ),
      firmware.images.map((one) => [
        ...[one.maker, one.model, one.firmwareVersion, one.updateChannel],
        ...[one.saveBy, one.devices, one.isKept],
      ]),
    ],
    [
      'Applications',
      [column('city', 24), column('draft of the facts', 90)],
      applications.flatMap(({ city, facts }) => facts.map((fact) => [city, fact])),
    ],
    [
      'Years',
      ['fiscal year', 'needed', 'with a payer', 'without'].map((header) =>
        column(header, 16, header === 'fiscal year' ? 'number' : 'amount'),
      ),
      (budget?.years ?? []).map(({ fiscalYear, needCents, paidCents, gapCents }) => [
        fiscalYear,
        ...[needCents, paidCents, gapCents].map((cents) => cents / 100),
      ]),
    ],
    ['Not known', [column('what this does not know', 110)], notKnown.map((line) => [line])],
  ]
}
