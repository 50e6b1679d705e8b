/** What leaves the service as a file: workbook, lines, charts, the printed page. */
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { negotiate, sendAs, sendRows } from '../../http/exports.ts'
import { goneSignal } from '../../http/gone.ts'
import { pagePolicy } from '../../http/headers.ts'
import { DomainError, notFound, problems } from '../../http/problems.ts'
import { Id } from '../../http/schemas.ts'
import type { App } from '../../http/services.ts'
import { csvLine } from '../../lib/csv.ts'
import { READERS, readScope } from '../../tenancy/auth.ts'
import { toInvalidRequest } from '../context.ts'
import type { ComputingServices } from '../runs/services.ts'
import type { PlanningServices } from '../work.ts'
import { CHARTS, type ChartName, chartOf } from './model/charts/index.ts'
import { LONG_COLUMNS, type LongLine, longLines, parseLines } from './model/rows.ts'
import { STYLE, summaryPage } from './model/summary-page.ts'
import { loadReport, loadReportLines } from './report.ts'

const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
const BATCH = 1000
const CHART_FILES = CHARTS.flatMap((name) => [`${name}.svg`, `${name}.csv`, `${name}.json`] as const)

const Chosen = z.strictObject({
  scheduleId: Id.optional().meta({ description: 'default the latest schedule of the plan' }),
  estimateId: Id.optional().meta({ description: 'default that of the schedule, or the latest' }),
})

const Line = z
  .looseObject({ site: z.string(), fund: z.string(), fiscal_year: z.int().nullable(), budgetCents: z.int() })
  .meta({ id: 'PlanLine', description: 'One line, fund and fiscal year' })

export const ChartTable = z
  .object({
    title: z.string(),
    description: z.string(),
    columns: z.array(z.string()),
    rows: z.array(z.array(z.union([z.string(), z.number(), z.null()]))),
  })
  .meta({ id: 'ChartTable', description: 'The numbers a chart draws' })

const PAGE_POLICY = pagePolicy(STYLE)

type Choice = z.infer<typeof Chosen>

function read(
  { database, now }: PlanningServices,
  { principal }: FastifyRequest,
  id: string,
  choice: Choice,
) {
  return database.acrossJurisdictions(readScope(principal), (tx) => loadReport(tx, id, choice, now()))
}

function readWithLines(
  { database, now }: PlanningServices,
  { principal }: FastifyRequest,
  id: string,
  choice: Choice,
) {
  return database.acrossJurisdictions(readScope(principal), async (tx) => {
    const report = await loadReport(tx, id, choice, now())
    return { report, lines: await loadReportLines(tx, report) }
  })
}

export function outputRoutes(app: App, services: ComputingServices): void {
  workbookRoute(app, services)
  linesRoute(app, services)
  chartRoute(app, services)
  summaryRoute(app, services)
}

function workbookRoute(app: App, services: ComputingServices): void {
  app.get(
    '/v1/plans/:id/workbook',
    {
      config: { roles: READERS, reads: 'plan.workbook.read', readsOf: 'plans' },
      schema: {
        operationId: 'getWorkbook',
        tags: ['replacement'],
        summary:
          'The plan as an Excel workbook that calculates: summary, capital page, lines, schedule, why, funding, charts, changes',
        produces: [XLSX],
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        querystring: Chosen,
        response: {
          200: z.string().meta({ format: 'binary', description: 'XLSX' }),
          ...problems('unauthenticated', 'not-found', 'estimate-needed'),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const read = await readWithLines(services, request, id, request.query)
      const bytes = await services
        .compute('workbook', read, { owner: read.report.plan.jurisdictionId, signal: goneSignal(reply) })
        .catch((error: unknown) => {
          throw toInvalidRequest(error)
        })
      const file = `replacement-plan-${services.now().toISOString().slice(0, 10)}.xlsx`
      reply.header('content-disposition', `attachment; filename="${file}"`)
      return sendAs(reply, XLSX, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
    },
  )
}

function linesRoute(app: App, services: PlanningServices): void {
  app.get(
    '/v1/plans/:id/lines',
    {
      config: { roles: READERS, reads: 'plan.lines.read', readsOf: 'plans' },
      schema: {
        operationId: 'listPlanLines',
        tags: ['replacement'],
        summary: 'One row per line, fund and fiscal year, as NDJSON, or as CSV by `Accept: text/csv`',
        description:
          '`budget` adds up to the capital page to the cent. Rows of a plan that is not scheduled have no fund and no fiscal year.',
        produces: ['application/x-ndjson', 'text/csv'],
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        querystring: Chosen,
        response: {
          200: Line,
          ...problems('unauthenticated', 'not-found', 'not-acceptable', 'estimate-needed'),
        },
      },
    },
    async (request, reply) => {
      const format = negotiate(request)
      const { id } = request.params
      const { report, lines: stored } = await readWithLines(services, request, id, request.query)
      const lines = parseLines(stored)
      async function* batches() {
        let rows: LongLine[] = []
        for (const line of longLines(report, lines)) {
          rows.push(line)
          if (rows.length < BATCH) continue
          yield rows
          rows = []
        }
        yield rows
      }
      const kind = format === 'csv' ? 'csv' : 'ndjson'
      return sendRows(reply, kind, 'plan-lines', LONG_COLUMNS, batches())
    },
  )
}

function chartRoute(app: App, services: PlanningServices): void {
  app.get(
    '/v1/plans/:id/charts/:chart',
    {
      config: { roles: READERS, reads: 'plan.chart.read', readsOf: 'plans' },
      schema: {
        operationId: 'getChart',
        tags: ['replacement'],
        summary: 'A chart as SVG, or the numbers it draws as CSV or JSON',
        description:
          '`spend`: by fiscal year and fund, with the cap. `cost-curve`: the chance that a budget suffices. `burn-down`: open risk by month, with the deadline. `tornado`: what moves the total.',
        produces: ['image/svg+xml', 'text/csv', 'application/json'],
        security: [{ apiKey: [] }],
        params: z.object({ id: Id, chart: z.enum(CHART_FILES as [string, ...string[]]) }),
        querystring: Chosen,
        response: { 200: ChartTable, ...problems('unauthenticated', 'not-found', 'estimate-needed') },
      },
    },
    async (request, reply) => {
      const { id, chart: file } = request.params
      const [name, ending] = file.split('.') as [ChartName, 'svg' | 'csv' | 'json']
      const report = await read(services, request, id, request.query)
      const chart = chartOf(name, report)
      if (!chart) throw notFound('schedule, which this chart draws')
      const { title, description, table, svg } = chart
      switch (ending) {
        case 'svg':
          return sendAs(reply, 'image/svg+xml; charset=utf-8', svg)
        case 'csv':
          reply.header('content-disposition', `attachment; filename="${name}.csv"`)
          return sendAs(
            reply,
            'text/csv; charset=utf-8',
            [table.columns, ...table.rows].map((row) => csvLine(row)).join(''),
          )
        case 'json':
          return { title, description, ...table }
        default:
          ending satisfies never
          throw new DomainError('not-found', 'There is no such chart.')
      }
    },
  )
}

function summaryRoute(app: App, services: PlanningServices): void {
  app.get(
    '/v1/plans/:id/summary.html',
    {
      config: { roles: READERS, reads: 'plan.summary.read', readsOf: 'plans' },
      schema: {
        operationId: 'getPlanSummary',
        tags: ['replacement'],
        summary: 'The plan on one page of letter paper, to print',
        produces: ['text/html'],
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        querystring: Chosen,
        response: {
          200: z.string().meta({ description: 'HTML' }),
          ...problems('unauthenticated', 'not-found', 'estimate-needed'),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const report = await read(services, request, id, request.query)
      reply.header('content-security-policy', PAGE_POLICY)
      return sendAs(reply, 'text/html; charset=utf-8', summaryPage(report))
    },
  )
}
