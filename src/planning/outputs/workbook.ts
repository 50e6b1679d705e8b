/** The plan as an Excel workbook: what goes into the budget book, and the lines behind it. */
import writeXlsxFile from 'write-excel-file/node'
import type { PlanReport } from './model/report.ts'
import type { ReportLines } from './model/rows.ts'
import { assumptionsSheet } from './sheets/assumptions.ts'
import { capitalSheet } from './sheets/capital.ts'
import { withHeights } from './sheets/cells.ts'
import { changesSheet } from './sheets/changes.ts'
import { curveSheet, tornadoSheet } from './sheets/charts.ts'
import { fundingSheet } from './sheets/funding.ts'
import { groundsSheet } from './sheets/grounds.ts'
import { linesSheet } from './sheets/lines.ts'
import { pageSetup } from './sheets/print.ts'
import { scheduleSheet } from './sheets/schedule.ts'
import { sourcesSheet } from './sheets/sources.ts'
import { summarySheet } from './sheets/summary.ts'

/** The workbook's bytes. */
export async function workbookOf(report: PlanReport, stored: ReportLines): Promise<Buffer> {
  const lines = linesSheet(report, stored)
  const capital = capitalSheet(report, lines)
  const sheets = [
    summarySheet(report, capital.total),
    capital.sheet,
    lines.sheet,
    scheduleSheet(report),
    groundsSheet(report),
    fundingSheet(report),
    curveSheet(report),
    tornadoSheet(report),
    changesSheet(report),
    assumptionsSheet(report),
    sourcesSheet(report),
  ].map(withHeights)
  const title = `${report.city.name}: ${report.plan.name}`
  return writeXlsxFile(sheets as never, {
    fontFamily: 'Calibri',
    fontSize: 11,
    features: [pageSetup(title, report.runOn, sheets)],
  }).toBuffer()
}
