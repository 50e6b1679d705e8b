/**
 * The plan as an Excel workbook: what goes into the budget book, and the lines behind it.
 *
 * Money cells hold numbers with two decimals, so a sheet adds up as the API does. Cells of text are typed as
 * text and, like those of the CSV files, cannot start a formula when they are saved as CSV later.
 */
import writeXlsxFile from 'write-excel-file/node'
import { safeCell } from '../intake/csv-write.ts'
import type { ScheduleDocument } from './documents.ts'
import { fiscalYearLabel } from './fiscal.ts'
import { type LongLine, longLines, type ReportLines } from './long-lines.ts'
import type { PlanReport } from './report.ts'
import { chanceWords, dollars, sentenceOfTime } from './words.ts'

const MONEY = '#,##0.00;[Red]-#,##0.00'
const HEAD = { fontWeight: 'bold', backgroundColor: '#dfe6ee', wrap: true, alignVertical: 'top' } as const

type CellOf = {
  readonly value?: string | number | boolean
  readonly type?: StringConstructor | NumberConstructor | BooleanConstructor
  readonly [style: string]: unknown
} | null
type RowOf = readonly CellOf[]

interface SheetOf {
  readonly sheet: string
  readonly data: readonly RowOf[]
  readonly columns: readonly { readonly width: number }[]
  readonly stickyRowsCount?: number
  readonly orientation?: 'landscape'
  /** Pages side by side in print. */
  readonly pagesWide?: number
}

const text = (value: string | null | undefined, style: object = {}): CellOf =>
  value === null || value === undefined || value === ''
    ? null
    : { value: safeCell(value), type: String, alignVertical: 'top', ...style }
const number = (value: number | null | undefined, style: object = {}): CellOf =>
  value === null || value === undefined ? null : { value, type: Number, alignVertical: 'top', ...style }
const money = (cents: number | null | undefined, style: object = {}): CellOf =>
  cents === null || cents === undefined ? null : number(cents / 100, { format: MONEY, ...style })
const head = (value: string): CellOf => text(value, HEAD)
const bold = { fontWeight: 'bold' }

const LINE_POINTS = 15

/**
 * Rows high enough for their text: not every program fits rows to wrapped text by itself when it opens a file.
 * A column's width counts characters of the default font.
 */
function withHeights({ data, columns, ...rest }: SheetOf): SheetOf {
  const heightOf = (row: RowOf) =>
    Math.max(
      ...row.map((cell, i) => {
        if (typeof cell?.value !== 'string') return LINE_POINTS
        const size = typeof cell.fontSize === 'number' ? cell.fontSize / 11 : 1
        const width = (columns[i]?.width ?? 10) / size / (cell.fontWeight === 'bold' ? 1.1 : 1)
        const lines = cell.wrap === true ? Math.ceil((cell.value.length + 1) / (width * 0.95)) : 1
        return lines * LINE_POINTS * size
      }),
      LINE_POINTS,
    )
  return {
    ...rest,
    columns,
    data: data.map((row) => {
      const height = heightOf(row)
      return height === LINE_POINTS ? row : row.map((cell) => cell && { ...cell, height })
    }),
  }
}

/** The workbook's bytes. */
export async function workbookOf(report: PlanReport, lines: ReportLines): Promise<Buffer> {
  const sheets = [
    summarySheet(report),
    capitalSheet(report),
    linesSheet(report, lines),
    scheduleSheet(report),
    assumptionsSheet(report),
    sourcesSheet(report),
  ].map(withHeights)
  const title = `${report.city.name}: ${report.plan.name}`
  return writeXlsxFile(sheets as never, {
    fontFamily: 'Calibri',
    fontSize: 11,
    features: [pageSetup(title, report.runOn, sheets)] as never,
  }).toBuffer()
}

function summarySheet(report: PlanReport): SheetOf {
  const { plan, city, estimate, schedule } = report
  const rows: RowOf[] = []
  const put = (label: string, value: CellOf, note = '') =>
    rows.push([text(label), value, text(note, { wrap: true, align: 'left', indent: 1 })])
  rows.push([text(`${city.name}: ${plan.name}`, { ...bold, fontSize: 16 })])
  rows.push([text('Estimate, not an appropriation', { fontStyle: 'italic' })])
  rows.push([])
  rows.push([head('Figure'), head('Value'), head('What it means')])
  put('Devices', number(estimate.devices), `${estimate.sites} sites`)
  put('Money of', text(estimate.moneyOf))
  put(
    'Expected cost',
    money(estimate.pointCents),
    `Sum of expected prices; ${chanceWords(estimate.chancePointSuffices * 100)} that it suffices`,
  )
  for (const { percent, cents } of estimate.percentiles)
    put(`P${percent}`, money(cents), `${percent} in 100 chance the cost is at or below`)
  put(
    `Contingency to P${estimate.confidence}`,
    money(estimate.contingencyCents),
    `${(estimate.contingencyRatio * 100).toFixed(1)} % of the expected cost`,
  )
  put(
    `Budget (P${estimate.confidence})`,
    money(estimate.atConfidenceCents, bold),
    `In the money of ${estimate.moneyOf.slice(0, 6)}`,
  )
  for (const share of estimate.byScope) {
    put(
      share.value === 'betterment' ? 'of which betterment' : 'of which like for like',
      money(share.budgetCents),
      share.value === 'betterment'
        ? 'More than comparable equipment'
        : 'Comparable equipment, removal, disposal',
    )
  }
  if (schedule) {
    const { capitalPage, funding, outcome } = schedule
    put(
      'Planned spending, all years',
      money(capitalPage.expenditureTotal.at(-1)!, bold),
      'With the rise of prices to each fiscal year; total of the capital page',
    )
    put('Present value', money(outcome.presentValueCents), `At ${schedule.settings.discountPercent} % a year`)
    put('Not funded yet', money(funding.gapCents))
    put(
      'Written off (no cash)',
      money(schedule.writeOff.totalCents),
      `Book value of ${schedule.writeOff.devicesValued} devices; never part of a request`,
    )
    put('Comes every year afterwards', money(capitalPage.operatingImpactCents))
    put(
      'Everything fits',
      text(schedule.isFeasible ? 'yes' : 'no'),
      schedule.isFeasible ? '' : `${schedule.doesNotFit.length} sites do not fit; see Schedule`,
    )
    if (schedule.rollout) {
      const { rollout } = schedule
      put('Done in time', text(rollout.shortfall === 0 ? 'yes' : 'no'), sentenceOfTime(rollout))
    }
  }
  rows.push([])
  if (report.isOutdated) rows.push([text('The plan has changed since these figures were computed.', bold)])
  const warnings = [...estimate.warnings, ...(schedule?.warnings ?? [])]
  if (warnings.length > 0) {
    rows.push([head('To know'), head(''), head('')])
    for (const warning of warnings)
      rows.push([text(warning.code), null, text(warning.message, { wrap: true, align: 'left', indent: 1 })])
  }
  return { sheet: 'Summary', data: rows, columns: [{ width: 30 }, { width: 26 }, { width: 80 }] }
}

function capitalSheet({ plan, city, estimate, schedule, runOn }: PlanReport): SheetOf {
  const rows: RowOf[] = []
  const put = (label: string, value: CellOf) => rows.push([text(label, bold), value])
  put('Project', text(plan.name))
  put('Project number', text(plan.projectNumber ?? 'not assigned'))
  put('Jurisdiction', text(city.name))
  put(
    'Description',
    text(plan.description ?? `Replacement of ${estimate.devices} devices at ${estimate.sites} sites`),
  )
  if (!schedule) {
    rows.push([])
    rows.push([
      text('The plan has no schedule yet: POST /v1/plans/{id}/schedule lays the cost over fiscal years.'),
    ])
    return {
      sheet: 'Capital page',
      data: rows,
      columns: [{ width: 34 }, { width: 60 }],
      orientation: 'landscape',
    }
  }
  const page = schedule.capitalPage
  const used = schedule.outcome.years.filter((year) => year.sites > 0)
  put(
    'Schedule',
    text(used.length === 0 ? 'nothing is scheduled' : `${used[0]!.from} to ${used.at(-1)!.lastDay}`),
  )
  put('Operating impact, a year', money(page.operatingImpactCents, { align: 'left' }))
  put('As of', text(runOn))
  rows.push([])
  const grid = (
    name: string,
    lines: readonly { readonly label: string; readonly cents: readonly number[] }[],
    total: readonly number[],
  ) => {
    rows.push([head(name), ...page.columns.map((column) => text(column, { ...HEAD, align: 'right' }))])
    for (const { label, cents } of lines)
      rows.push([text(label, { wrap: true }), ...cents.map((amount) => money(amount))])
    const style = { ...bold, topBorderStyle: 'thin', topBorderColor: '#000000' }
    rows.push([text('Total', style), ...total.map((amount) => money(amount, style))])
    rows.push([])
  }
  grid(
    'Expenditure',
    page.expenditure.map(({ element, cents }) => ({ label: element, cents })),
    page.expenditureTotal,
  )
  grid(
    'Funding',
    page.funding.map(({ source, cents }) => ({ label: source, cents })),
    page.fundingTotal,
  )
  rows.push([text('Fiscal years', bold)])
  for (const { fiscalYear } of schedule.outcome.years)
    rows.push([text(fiscalYearLabel(fiscalYear, city.fiscalYearStartMonth))])
  rows.push([text('Money of each fiscal year. Estimate, not an appropriation.', { fontStyle: 'italic' })])
  return {
    sheet: 'Capital page',
    data: rows,
    columns: [{ width: 36 }, ...page.columns.map(() => ({ width: 16 }))],
    orientation: 'landscape',
  }
}

const LINE_COLUMNS: readonly [header: string, width: number, cell: (line: LongLine) => CellOf][] = [
  ['Fiscal year', 10, (line) => number(line.fiscal_year)],
  ['Fund', 22, (line) => text(line.fund)],
  ['Site', 26, (line) => text(line.site)],
  ['Department', 18, (line) => text(line.department)],
  ['Purpose', 16, (line) => text(line.purpose)],
  ['Old maker', 16, (line) => text(line.vendor)],
  ['Restriction', 16, (line) => text(line.restriction_level)],
  ['Scope', 14, (line) => text(line.scope)],
  ['Cost kind', 10, (line) => text(line.cost_kind)],
  ['Category', 18, (line) => text(line.category)],
  ['Code', 16, (line) => text(line.code)],
  ['Description', 40, (line) => text(line.description)],
  ['Quantity', 10, (line) => number(line.quantity)],
  ['Unit', 10, (line) => text(line.unit)],
  ['Low', 14, (line) => money(line.lowCents)],
  ['Expected', 14, (line) => money(line.expectedCents)],
  ['High', 14, (line) => money(line.highCents)],
  ['P50', 14, (line) => money(line.p50Cents)],
  ['P80', 14, (line) => money(line.p80Cents)],
  ['Budget', 14, (line) => money(line.budgetCents)],
  ['Currency', 9, (line) => text(line.currency)],
  ['Price as of', 12, (line) => text(line.price_as_of)],
]

function linesSheet(report: PlanReport, lines: ReportLines): SheetOf {
  const rows: RowOf[] = [LINE_COLUMNS.map(([header]) => head(header))]
  for (const line of longLines(report, lines)) rows.push(LINE_COLUMNS.map(([, , cell]) => cell(line)))
  return {
    sheet: 'Lines',
    data: rows,
    columns: LINE_COLUMNS.map(([, width]) => ({ width })),
    stickyRowsCount: 1,
    orientation: 'landscape',
    pagesWide: 2,
  }
}

const SITE_COLUMNS: readonly [
  header: string,
  width: number,
  cell: (site: ScheduleDocument['sites'][number]) => CellOf,
][] = [
  ['Fiscal year', 10, (site) => (site.fiscalYear === null ? text('does not fit') : number(site.fiscalYear))],
  ['Site', 34, (site) => text(site.site)],
  ['Devices', 9, (site) => number(site.devices)],
  ['Risk points', 11, (site) => number(site.riskPoints)],
  ['First day of work', 16, (site) => text(site.from)],
  ['Last day of work', 16, (site) => text(site.lastDay)],
  ['Crew days', 10, (site) => number(site.crewDays)],
  ['Deadline', 12, (site) => text(site.deadline)],
  ['Cost', 15, (site) => money(site.costCents)],
]

function scheduleSheet({ schedule }: PlanReport): SheetOf {
  const rows: RowOf[] = [SITE_COLUMNS.map(([header]) => head(header)).concat(head('Why it does not fit'))]
  const columns = [...SITE_COLUMNS.map(([, width]) => ({ width })), { width: 90 }]
  if (!schedule)
    return { sheet: 'Schedule', data: rows, columns, stickyRowsCount: 1, orientation: 'landscape' }
  const reasons = new Map(
    schedule.doesNotFit.map((misfit) => [
      misfit.siteId,
      misfit.obstacles.map((one) => `FY${one.fiscalYear}: ${one.because}`).join(' '),
    ]),
  )
  const rank = (site: ScheduleDocument['sites'][number]) => site.lastDay ?? '9999'
  for (const site of [...schedule.sites].sort((a, b) =>
    rank(a) < rank(b) ? -1 : rank(a) > rank(b) ? 1 : 0,
  )) {
    rows.push([
      ...SITE_COLUMNS.map(([, , cell]) => cell(site)),
      text(site.fiscalYear === null ? reasons.get(site.siteId) : '', { wrap: true }),
    ])
  }
  return { sheet: 'Schedule', data: rows, columns, stickyRowsCount: 1, orientation: 'landscape' }
}

function assumptionsSheet(report: PlanReport): SheetOf {
  const { estimate, schedule } = report
  const { settings } = estimate
  const rows: RowOf[] = [[head('Assumption'), head('Value'), head('Note')]]
  const put = (label: string, value: string | number | null, note = '') =>
    rows.push([
      text(label),
      typeof value === 'number' ? number(value, { align: 'left' }) : text(value ?? 'none', { wrap: true }),
      text(note, { wrap: true }),
    ])
  put('Escalation, % a year', settings.escalationPercent, 'Rise of prices')
  put('Discount, % a year', settings.discountPercent, 'Nominal; for present values')
  put('Confidence, in 100', settings.confidence, 'The budget is meant to suffice with this chance')
  put('Distribution', settings.distribution, 'Of the closed form, which the budget is taken from')
  put('Correlation within a class', settings.correlation.withinClass)
  put('Correlation across classes', settings.correlation.acrossClasses)
  put(
    'Simulation',
    `${settings.trials} trials, seed ${settings.seed}`,
    `P${settings.confidence} ${dollars(estimate.simulation.atConfidenceCents)}; triangular, so it differs from the PERT closed form`,
  )
  put('Percentages on top of cost', settings.percentCodes.join(', ') || null)
  put("General contractor's part, %", settings.contractorPercent)
  put('Video management', settings.vms)
  put('Installation paid by', settings.installRate)
  put('Crews', settings.crews)
  put('Devices per crew and day', settings.devicesPerCrewDay)
  put('Lead time, calendar days', settings.leadDays, 'From the order to the first day of work')
  put('Order on', settings.orderOn ?? estimate.asOf)
  put('Deadline', settings.deadline)
  put('Most sites a year', settings.maxSitesPerYear)
  put(
    'Days off',
    settings.holidays === 'us-federal' ? 'US federal holidays' : 'none',
    settings.extraHolidays.join(', '),
  )
  put(
    'Books',
    `threshold ${dollars(settings.books.thresholdCents)}, ${settings.books.lifeMonths} months, ${settings.books.convention}`,
    settings.books.groupsPurchases ? 'A purchase is valued as a group' : 'Each unit is valued by itself',
  )
  if (schedule) {
    put(
      'Order of aims',
      schedule.stages.map((stage) => stage.objective).join(', then '),
      'Each is held at its best while the next is improved',
    )
    put(
      'Solver',
      schedule.status,
      `${schedule.used === 'solver' ? 'HiGHS' : 'greedy plan'}, gap ${(schedule.gap * 100).toFixed(2)} %, ${schedule.seconds.toFixed(1)} s`,
    )
    put(
      'Greedy plan instead',
      `${schedule.greedy.riskPointYears} risk-point-years`,
      `The plan shown has ${schedule.outcome.riskPointYears}`,
    )
  }
  put('Method', estimate.method)
  put('Cost catalogue', estimate.catalogueVersion)
  put('Law and catalogue of makers', `version ${estimate.knowledgeVersion}`)
  put('Estimate', estimate.id, `revision ${estimate.revision}, made ${estimate.createdAt}`)
  put('Inputs digest', estimate.inputsDigest, 'Equal digests mean equal figures')
  return {
    sheet: 'Assumptions',
    data: rows,
    columns: [{ width: 32 }, { width: 44 }, { width: 70 }],
    stickyRowsCount: 1,
    orientation: 'landscape',
  }
}

function sourcesSheet({ estimate, schedule }: PlanReport): SheetOf {
  const rows: RowOf[] = [
    [
      'Code',
      'Description',
      'Unit',
      'Measure',
      'Low',
      'Expected',
      'High',
      'Basis',
      'Confidence',
      'As of',
      'Stale',
      'Source',
    ].map(head),
  ]
  for (const price of estimate.prices) {
    const value = (n: number) => (price.measure === 'cents' ? money(n) : number(n))
    rows.push([
      text(price.code),
      text(price.description, { wrap: true }),
      text(price.unit),
      text(price.measure === 'cents' ? estimate.currency : price.measure),
      value(price.low),
      value(price.expected),
      value(price.high),
      text(price.basis),
      text(price.confidence),
      text(price.asOf),
      text(price.isStale ? 'older than 24 months' : ''),
      text(price.source, { wrap: true }),
    ])
  }
  for (const source of schedule?.funding.sources ?? []) {
    const blank = Array.from({ length: 9 }, (): CellOf => null)
    rows.push([
      text('FUND'),
      text(source.name),
      ...blank,
      text(source.citation || 'no citation', { wrap: true }),
    ])
  }
  return {
    sheet: 'Sources',
    data: rows,
    columns: [14, 44, 12, 10, 13, 13, 13, 14, 11, 12, 20, 80].map((width) => ({ width })),
    stickyRowsCount: 1,
    orientation: 'landscape',
  }
}

/** Letter paper, as wide as the page, headers repeated, page x of y. */
function pageSetup(title: string, runOn: string, sheets: readonly SheetOf[]) {
  // `&` begins a code in headers; two of them are one.
  const plain = (value: string) =>
    value.replaceAll('&', '&&').replaceAll(/[<>&"]/g, (c) => `&#${c.charCodeAt(0)};`)
  const footer = `<headerFooter><oddHeader>&amp;L${plain(title)}&amp;R&amp;A</oddHeader><oddFooter>&amp;LEstimate, not an appropriation&amp;C${plain(runOn)}&amp;RPage &amp;P of &amp;N</oddFooter></headerFooter>`
  const names = sheets
    .map(({ sheet, stickyRowsCount }, i) =>
      stickyRowsCount === undefined
        ? ''
        : `<definedName name="_xlnm.Print_Titles" localSheetId="${i}">'${sheet}'!$1:$${stickyRowsCount}</definedName>`,
    )
    .join('')
  return {
    files: {
      transform: {
        'xl/worksheets/sheet{id}.xml': {
          transform: (xml: string, options: { readonly orientation?: string; readonly pagesWide?: number }) =>
            xml
              .replace(/<pageSetup[^>]*\/>/, '')
              .replace(/(<worksheet[^>]*>)/, '$1<sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>')
              .replace(
                /(<pageMargins[^>]*\/>)?(?=(<drawing|<legacyDrawing|<\/worksheet>))/,
                `<pageMargins left="0.5" right="0.5" top="0.75" bottom="0.75" header="0.3" footer="0.3"/><pageSetup paperSize="1" orientation="${options.orientation ?? 'portrait'}" fitToWidth="${options.pagesWide ?? 1}" fitToHeight="0"/>${footer}`,
              ),
        },
        'xl/workbook.xml': {
          transform: (xml: string) => xml.replace('<definedNames/>', `<definedNames>${names}</definedNames>`),
        },
      },
    },
  }
}
