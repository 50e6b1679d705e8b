/** A scenario as an Excel workbook. Each sheet says in its name and its first row that it is hypothetical. */
import writeXlsxFile from 'write-excel-file/node'
import { safeCell } from '../lib/csv.ts'
import { DEVICE_COLUMNS } from '../scenarios/columns.ts'
import { compareScenarios } from '../scenarios/model/compare.ts'
import { inWords } from '../scenarios/model/words.ts'
import type { ScenarioDevice, ScenarioDocument } from '../scenarios/schemas.ts'

type Value = string | number | boolean | null | undefined
const HEAD = { fontWeight: 'bold', backgroundColor: '#dfe6ee' } as const

/** Cells of text are typed as text and cannot start a formula when they are saved as CSV later. */
function cell(value: Value, style: object = {}) {
  if (value === null || value === undefined || value === '') return null
  if (typeof value === 'number') return { value, type: Number, ...style }
  return { value: safeCell(String(value)), type: String, ...style }
}

export async function scenarioWorkbook(
  scenario: ScenarioDocument,
  devices: readonly ScenarioDevice[],
): Promise<Uint8Array> {
  const { budget, firmware } = scenario
  const figures = compareScenarios([scenario]).map(({ figure, unit, values: [value] }) =>
    unit === 'cents' && typeof value === 'number' ? [figure, 'dollars', value / 100] : [figure, unit, value],
  )
  const sheets: [name: string, header: string[], rows: Value[][]][] = [
    [
      'Summary',
      ['In words'],
      inWords(scenario)
        .split('\n')
        .map((line) => [line]),
    ],
    ['Figures', ['figure', 'unit', 'value'], figures],
    [
      'Devices',
      DEVICE_COLUMNS.map(({ header }) => header),
      devices.map((device) => DEVICE_COLUMNS.map(({ value }) => value(device))),
    ],
    [
      'Images to fetch',
      ['maker', 'model', 'firmwareVersion', 'updateChannel', 'saveBy', 'devices', 'isKept'],
      firmware.images.map((one) => [
        one.maker,
        one.model,
        one.firmwareVersion,
        one.updateChannel,
        one.saveBy,
        one.devices,
        one.isKept,
      ]),
    ],
    [
      'Applications',
      ['city', 'draft of the facts'],
      scenario.applications.flatMap(({ city, facts }) => facts.map((fact) => [city, fact])),
    ],
    [
      'Years',
      ['fiscal year', 'needed', 'with a payer', 'without'],
      (budget?.years ?? []).map((year) => [
        year.fiscalYear,
        year.needCents / 100,
        year.paidCents / 100,
        year.gapCents / 100,
      ]),
    ],
    ['Not known', ['what this does not know'], scenario.notKnown.map((line) => [line])],
  ]
  const marked = `HYPOTHETICAL: ${scenario.name}`
  return writeXlsxFile(
    sheets.map(([name, header, rows]) => ({
      sheet: `Hypothetical ${name}`,
      data: [
        [cell(marked, { fontWeight: 'bold' })],
        header.map((text) => cell(text, HEAD)),
        ...rows.map((row) => row.map((value) => cell(value))),
      ],
      stickyRowsCount: 2,
    })) as never,
    { fontFamily: 'Calibri', fontSize: 11 },
  ).toBuffer()
}
