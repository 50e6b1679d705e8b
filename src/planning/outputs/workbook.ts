/**
 * The plan as an Excel workbook: what goes into the budget book, and the lines behind it.
 *
 * Money cells hold numbers with two decimals, so a sheet adds up as the API does. Cells of text are typed as
 * text and, like those of the CSV files, cannot start a formula when they are saved as CSV later.
 */

import writeXlsxFile from 'write-excel-file/node'
import { counted } from '../../lib/counted.ts'
import { safeCell } from '../../lib/csv.ts'
import type { EstimateDocument, ScheduleDocument } from '../documents.ts'
import { NO_SITE } from '../estimate/model/lines.ts'
import { fiscalYearLabel } from '../model/fiscal-year.ts'
import { OBJECTIVE_WORDS } from '../schedule/model/phasing/objectives.ts'
import {
  citationsOf,
  type GroundRule,
  groundsIn,
  rulesOf,
  sentenceOfLaw,
  whatItSays,
} from './model/grounds.ts'
import {
  chanceWords,
  covered,
  dollars,
  isDoneInTime,
  sentenceOfChanges,
  sentenceOfOrders,
  sentenceOfTime,
} from './model/labels.ts'
import type { PlanReport } from './model/report.ts'
import { type LongLine, longLines, type ReportLines } from './model/rows.ts'

const MONEY = '#,##0.00;[Red]-#,##0.00'
/** In grids of many columns a dash lets the amounts stand out. */
const GRID = '#,##0.00;[Red]-#,##0.00;–'
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
  /** Columns that stand on each of them, such as `$A:$C`. */
  readonly repeatedColumns?: string
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
/** A text beside a number stands off from it. */
const aside = { align: 'left', indent: 1 } as const

interface TableColumn<T> {
  readonly header: string
  readonly width: number
  readonly isNumber: boolean
  readonly cell: (row: T) => CellOf
}

const textColumn = <T>(
  header: string,
  width: number,
  value: (row: T) => string | null,
  style: object = {},
): TableColumn<T> => ({
  header,
  width,
  isNumber: false,
  cell: (row) => text(value(row), { ...aside, ...style }),
})
const numberColumn = <T>(header: string, width: number, cell: (row: T) => CellOf): TableColumn<T> => ({
  header,
  width,
  isNumber: true,
  cell,
})

const headsOf = <T>(columns: readonly TableColumn<T>[]): RowOf =>
  columns.map(({ header, isNumber }) => text(header, { ...HEAD, ...(isNumber ? { align: 'right' } : aside) }))

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
        const lines = cell.wrap === true ? Math.ceil(cell.value.length / width) : 1
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
    groundsSheet(report),
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

// biome-ignore lint/complexity/noExcessiveLinesPerFunction: one sheet from top to bottom, row by row
function summarySheet(report: PlanReport): SheetOf {
  const { plan, city, estimate, schedule } = report
  const rows: RowOf[] = []
  const rightText = (value: string) => text(value, { align: 'right' })
  const put = (label: string, value: CellOf, note = '') =>
    rows.push([text(label), value, text(note, { wrap: true, align: 'left', indent: 1 })])
  rows.push([text(`${city.name}: ${plan.name}`, { ...bold, fontSize: 16 })])
  rows.push([text('Estimate, not an appropriation', { fontStyle: 'italic' })])
  rows.push([])
  rows.push([
    head('Figure'),
    text('Value', { ...HEAD, align: 'right' }),
    text('What it means', { ...HEAD, ...aside }),
  ])
  const scope = covered(estimate)
  put(
    'Devices',
    number(scope.devices),
    `At ${counted(scope.sites, 'site')}${scope.without === 0 ? '' : `; ${counted(scope.without, 'more device')} without a price in no figure`}`,
  )
  put('Money of', rightText(estimate.moneyOf))
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
      `With the rise of prices to each fiscal year; total of the capital page, to put into the budget book${
        schedule.doesNotFit.length === 0
          ? ''
          : `, without what does not fit (${counted(schedule.doesNotFit.length, 'site')})`
      }`,
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
      rightText(schedule.isFeasible ? 'yes' : 'no'),
      schedule.isFeasible
        ? ''
        : schedule.doesNotFit.length > 0
          ? `${counted(schedule.doesNotFit.length, 'site')} in no year; see Schedule`
          : 'Every site has a year, and no funding source is named to pay for it',
    )
    const isInTime = isDoneInTime(schedule)
    if (isInTime !== null) put('Done in time', rightText(isInTime ? 'yes' : 'no'), sentenceOfTime(schedule))
    const firstOrder = schedule.sites.flatMap((site) => site.orderBy ?? []).sort()[0]
    if (firstOrder !== undefined) put('First order', rightText(firstOrder), sentenceOfOrders(schedule))
    put('Chosen in this order', rightText('deadlines, then risk'), OBJECTIVE_WORDS)
  }
  rows.push([])
  const changes = sentenceOfChanges(report)
  if (changes !== '') rows.push([text(changes, bold)])
  const warnings = [...estimate.warnings, ...(schedule?.warnings ?? [])]
  if (warnings.length > 0) {
    rows.push([head('To know'), head(''), head('')])
    for (const warning of warnings)
      rows.push([text(warning.code), null, text(warning.message, { wrap: true, align: 'left', indent: 1 })])
  }
  return { sheet: 'Summary', data: rows, columns: [{ width: 30 }, { width: 34 }, { width: 84 }] }
}

// biome-ignore lint/complexity/noExcessiveLinesPerFunction: one sheet from top to bottom, row by row
function capitalSheet({ plan, city, estimate, schedule, runOn }: PlanReport): SheetOf {
  const rows: RowOf[] = []
  const scope = covered(estimate)
  const put = (label: string, value: CellOf) => rows.push([text(label, bold), value])
  put('Project', text(plan.name))
  put('Project number', text(plan.projectNumber ?? 'not assigned'))
  put('Jurisdiction', text(city.name))
  put(
    'Description',
    text(
      plan.description ??
        `Replacement of ${counted(scope.devices, 'device')} at ${counted(scope.sites, 'site')}`,
    ),
  )
  if (schedule && schedule.doesNotFit.length > 0) {
    const names = schedule.doesNotFit.map(({ site }) => site).join(', ')
    put('Not in these figures', text(`What does not fit: ${names}`))
  }
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
    rows.push([
      head(name),
      ...page.columns.map((column) => text(headOf(column), { ...HEAD, align: 'right' })),
    ])
    for (const { label, cents } of lines)
      rows.push([text(label, { wrap: true }), ...cents.map((amount) => money(amount, { format: GRID }))])
    const style = { ...bold, topBorderStyle: 'thin', topBorderColor: '#000000' }
    rows.push([text('Total', style), ...total.map((amount) => money(amount, { ...style, format: GRID }))])
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

/** `prior` as a person writes it. */
function headOf(column: string): string {
  return column.charAt(0).toUpperCase() + column.slice(1)
}

const LINE_COLUMNS: readonly TableColumn<LongLine>[] = [
  numberColumn('Fiscal year', 13, (line) => number(line.fiscal_year)),
  textColumn('Fund', 22, (line) => line.fund),
  textColumn('Site', 26, (line) => line.site),
  textColumn('Department', 18, (line) => line.department),
  textColumn('Purpose', 20, (line) => line.purpose),
  textColumn('Old maker', 16, (line) => line.vendor),
  textColumn('Restriction', 17, (line) => line.restriction_level),
  textColumn('Rules', 30, (line) => line.rules),
  textColumn('Citations', 50, (line) => line.citations),
  textColumn('Scope', 14, (line) => line.scope),
  textColumn('Cost kind', 11, (line) => line.cost_kind),
  textColumn('Category', 19, (line) => line.category),
  textColumn('Code', 16, (line) => line.code),
  textColumn('Description', 50, (line) => line.description),
  numberColumn('Quantity', 10, (line) => number(line.quantity)),
  textColumn('Unit', 12, (line) => line.unit),
  numberColumn('Low', 14, (line) => money(line.lowCents)),
  numberColumn('Expected', 14, (line) => money(line.expectedCents)),
  numberColumn('High', 14, (line) => money(line.highCents)),
  numberColumn('P50', 14, (line) => money(line.p50Cents)),
  numberColumn('P80', 14, (line) => money(line.p80Cents)),
  numberColumn('Budget', 14, (line) => money(line.budgetCents)),
  textColumn('Currency', 11, (line) => line.currency),
  textColumn('Price as of', 13, (line) => line.price_as_of),
]

function linesSheet(report: PlanReport, lines: ReportLines): SheetOf {
  const rows: RowOf[] = [headsOf(LINE_COLUMNS)]
  for (const line of longLines(report, lines)) rows.push(LINE_COLUMNS.map(({ cell }) => cell(line)))
  return {
    sheet: 'Lines',
    data: rows,
    columns: LINE_COLUMNS.map(({ width }) => ({ width })),
    stickyRowsCount: 1,
    orientation: 'landscape',
    pagesWide: 2,
    repeatedColumns: '$A:$C',
  }
}

type ScheduledSite = ScheduleDocument['sites'][number]

const SITE_COLUMNS: readonly TableColumn<ScheduledSite>[] = [
  numberColumn('Fiscal year', 13, (site) =>
    site.fiscalYear === null ? text('does not fit', { align: 'right' }) : number(site.fiscalYear),
  ),
  textColumn('Site', 34, (site) => site.site),
  numberColumn('Devices', 9, (site) => number(site.devices)),
  numberColumn('Risk points', 13, (site) => number(site.riskPoints)),
  textColumn('Order by', 13, (site) => site.orderBy ?? null),
  textColumn('First day of work', 20, (site) => site.from),
  textColumn('Last day of work', 20, (site) => site.lastDay),
  numberColumn('Crew days', 11, (site) => number(site.crewDays)),
  textColumn('Deadline', 13, (site) => site.deadline),
  numberColumn('Cost', 15, (site) => money(site.costCents)),
]

function scheduleSheet({ schedule, estimate }: PlanReport): SheetOf {
  const grounds = groundsIn(estimate)
  const because = textColumn<ScheduledSite>(
    'In the plan because of',
    60,
    ({ siteId }) => citationsOf(rulesOf(grounds, { site: siteId ?? NO_SITE, vendor: '', restriction: '' })),
    { wrap: true },
  )
  const reasons = new Map(
    schedule?.doesNotFit.map((misfit) => [
      misfit.siteId,
      misfit.obstacles.map((one) => `FY${one.fiscalYear}: ${one.because}`).join(' '),
    ]),
  )
  const why = textColumn<ScheduledSite>(
    'Why it does not fit',
    90,
    (site) => (site.fiscalYear === null ? (reasons.get(site.siteId) ?? null) : null),
    { wrap: true },
  )
  const columns = reasons.size === 0 ? [...SITE_COLUMNS, because] : [...SITE_COLUMNS, because, why]
  const day = (site: ScheduledSite) => site.lastDay ?? '9999'
  const sites = [...(schedule?.sites ?? [])].sort((a, b) => (day(a) < day(b) ? -1 : day(a) > day(b) ? 1 : 0))
  return {
    sheet: 'Schedule',
    data: [headsOf(columns), ...sites.map((site) => columns.map(({ cell }) => cell(site)))],
    columns: columns.map(({ width }) => ({ width })),
    stickyRowsCount: 1,
    orientation: 'landscape',
  }
}

interface SiteRule {
  readonly site: string
  readonly vendor: string
  readonly devices: number
  readonly rule: GroundRule
}

const GROUND_COLUMNS: readonly TableColumn<SiteRule>[] = [
  textColumn('Site', 26, ({ site }) => site),
  textColumn('Old maker', 16, ({ vendor }) => vendor),
  numberColumn('Devices', 9, ({ devices }) => number(devices)),
  textColumn('What the law says', 34, ({ rule }) => whatItSays(rule), { wrap: true }),
  textColumn('Law', 44, ({ rule }) => rule.law, { wrap: true }),
  textColumn('Citation', 60, ({ rule }) => rule.citation, { wrap: true }),
  textColumn('Rule', 34, ({ rule }) => rule.ruleId),
]

/** Which devices are in the plan because of which rule. */
function groundsSheet({ estimate }: PlanReport): SheetOf {
  const { rules, places } = groundsIn(estimate)
  const names = new Map(estimate.bySite.map(({ value, label }) => [value, label]))
  const rows = places.flatMap(({ siteId, vendor, devices, rules: own }) => {
    const site = names.get(siteId === '' ? NO_SITE : siteId) ?? siteId
    return own.map((at): SiteRule => ({ site, vendor, devices, rule: rules[at]! }))
  })
  const law = sentenceOfLaw(estimate)
  const first =
    rows.length === 0 ? 'No rule speaks against a device of this plan.' : 'This is not legal advice.'
  return {
    sheet: 'Why',
    data: [
      headsOf(GROUND_COLUMNS),
      ...rows.map((row) => GROUND_COLUMNS.map(({ cell }) => cell(row))),
      [],
      [text(law === '' ? 'This estimate was made before the rules behind it were kept.' : `${law} ${first}`)],
    ],
    columns: GROUND_COLUMNS.map(({ width }) => ({ width })),
    stickyRowsCount: 1,
    orientation: 'landscape',
  }
}

// biome-ignore lint/complexity/noExcessiveLinesPerFunction: one sheet from top to bottom, row by row
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
  put('Cost catalog', estimate.catalogueVersion)
  put('Law and catalog of makers', `version ${estimate.knowledgeVersion}`, sentenceOfLaw(estimate))
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

type Source = EstimateDocument['prices'][number]

function sourcesSheet({ estimate, schedule }: PlanReport): SheetOf {
  const value = (price: Source, n: number) => (price.measure === 'cents' ? money(n) : number(n))
  const columns: readonly TableColumn<Source>[] = [
    textColumn('Code', 16, (price) => price.code, { indent: 0 }),
    textColumn('Description', 46, (price) => price.description, { wrap: true }),
    textColumn('Unit', 20, (price) => price.unit),
    textColumn('Measure', 10, (price) => (price.measure === 'cents' ? estimate.currency : price.measure)),
    numberColumn('Low', 12, (price) => value(price, price.low)),
    numberColumn('Expected', 12, (price) => value(price, price.expected)),
    numberColumn('High', 12, (price) => value(price, price.high)),
    textColumn('Basis', 12, (price) => price.basis),
    textColumn('Confidence', 12, (price) => price.confidence),
    textColumn('As of', 12, (price) => price.asOf),
    textColumn('Stale', 22, (price) => (price.isStale ? 'older than 24 months' : null)),
    textColumn('Source', 60, (price) => price.source, { wrap: true }),
  ]
  const funds = (schedule?.funding.sources ?? []).map(
    (source): RowOf => [
      text('FUND'),
      text(source.name, { ...aside, wrap: true }),
      ...Array.from({ length: 9 }, (): CellOf => null),
      text(source.citation || 'no citation', { ...aside, wrap: true }),
    ],
  )
  return {
    sheet: 'Sources',
    data: [
      headsOf(columns),
      ...estimate.prices.map((price) => columns.map(({ cell }) => cell(price))),
      ...funds,
    ],
    columns: columns.map(({ width }) => ({ width })),
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
    .map(({ sheet, stickyRowsCount, repeatedColumns }, i) => {
      if (stickyRowsCount === undefined) return ''
      const columns = repeatedColumns === undefined ? '' : `'${sheet}'!${repeatedColumns},`
      return `<definedName name="_xlnm.Print_Titles" localSheetId="${i}">${columns}'${sheet}'!$1:$${stickyRowsCount}</definedName>`
    })
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
