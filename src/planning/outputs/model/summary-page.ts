/**
 * The plan as HTML to print: the first sheet of letter paper is the request and everything a council decides on; charts
 * and lists follow on the next. Needs nothing else. Pure.
 */

import { counted } from '../../../lib/counted.ts'
import { siteKeyOf } from '../../estimate/model/lines.ts'
import { sentenceOfApproval } from './approval.ts'
import { capitalTable, wholeDollars } from './capital-table.ts'
import { chartOf } from './charts/index.ts'
import { condensedGrids } from './grids.ts'
import { html, htmlTable } from './html.ts'
import { chanceWords, covered, dollars, sentenceOfChanges, sentenceOfOrders } from './labels.ts'
import type { PlanReport } from './report.ts'
import { requestOf } from './request.ts'
import { appendix } from './summary-appendix.ts'
import { whyOf } from './why.ts'

/** The style sheet of the page, which its policy names by hash. */
export const STYLE = `
@page { size: letter portrait; margin: 0.4in 0.5in; }
* { box-sizing: border-box; }
body { font: 10pt/1.35 Arial, "Liberation Sans", Helvetica, sans-serif; color: #1a1a1a; background: #fff; max-width: 7.5in; margin: 0 auto; padding: 0.2in 0; }
h1 { font-size: 15pt; line-height: 1.2; margin: 0 0 2pt; }
h2 { font-size: 11pt; margin: 6pt 0 2pt; border-bottom: 1px solid #1a1a1a; }
p { margin: 0 0 4pt; }
.small { font-size: 8pt; line-height: 1.25; }
.request { border: 1.5pt solid #1a1a1a; padding: 5pt 8pt; margin: 4pt 0; display: grid; grid-template-columns: 1fr 3.3in; column-gap: 12pt; }
.request b { font-size: 18pt; }
dl.why { margin: 0; display: grid; grid-template-columns: 0.95in 1fr; row-gap: 1pt; font-size: 9pt; line-height: 1.25; }
dt { font-weight: bold; }
dd { margin: 0; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 8pt; line-height: 1.25; margin-bottom: 3pt; }
caption { text-align: left; font-weight: bold; padding: 2pt 0; }
th, td { padding: 0.8pt 4pt; border-bottom: 0.5pt solid #999; text-align: right; vertical-align: top; font-variant-numeric: tabular-nums; }
table.text th, table.text td { text-align: left; }
th:first-child, td:first-child { text-align: left; font-weight: normal; }
thead th, .foot td, .foot th, th.title { font-weight: bold !important; }
thead th, .foot td, .foot th { border-bottom: 1pt solid #1a1a1a; }
figure { margin: 0 0 8pt; break-inside: avoid; }
figure svg { width: 100%; height: auto; display: block; }
ul { margin: 0 0 5pt; padding-left: 14pt; }
table, figure { break-inside: avoid; }
table.text { break-inside: auto; }
.next { break-before: page; }
details { margin-top: 6pt; }
@media print { details { display: none; } body { padding: 0; max-width: none; } .wide { overflow: visible; } }
@media screen and (max-width: 700px) { body { padding: 8pt; } dl.why, .request { grid-template-columns: 1fr; } .wide table { min-width: 26em; } }
`

/** The page as HTML text. */
export function summaryPage(report: PlanReport): string {
  const { plan, city, schedule } = report
  const title = `${city.name}: ${plan.name}`
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${html(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${heading(report, title)}
${requestSection(report)}
${whySection(report)}
${schedule === null ? '<p>The plan is not laid over fiscal years yet.</p>' : capitalSection(report)}
<footer class="small"><p>${html(basis(report))}</p></footer>
${appendix(report)}
</main>
${numbersOfCharts(report)}
</body>
</html>
`
}

function heading(report: PlanReport, title: string): string {
  const { plan, runOn } = report
  const changes = sentenceOfChanges(report)
  const approval = sentenceOfApproval(report)
  const number = plan.projectNumber === null ? '' : `Project ${html(plan.projectNumber)}. `
  return `<header>
<h1>${html(title)}</h1>
<p class="small">${number}As of ${html(runOn)}. Status: ${html(plan.status)}. Estimate, not an appropriation.${changes === '' ? '' : ` <strong>${html(changes)}</strong>`}</p>${approval === '' ? '' : `\n<p class="small">${html(approval)}</p>`}
</header>`
}

/** One figure, what it buys, and the parts it is made of. */
function requestSection(report: PlanReport): string {
  const { estimate, schedule } = report
  const request = requestOf(estimate, schedule)
  const scope = covered(estimate)
  const placed = placedOf(report)
  const left =
    scope.without === 0
      ? ''
      : ` ${counted(scope.without, 'more device')} without a price in no figure; below they are counted.`
  const whole =
    request.committedCents === 0
      ? ''
      : ` With ${dollars(request.committedCents)} ordered or paid already the capital page comes to ${dollars(request.cents + request.committedCents)}.`
  const misfits = schedule?.doesNotFit.length ?? 0
  return `<section class="request" aria-label="Request">
<div><p><b>Request: ${dollars(request.cents)}</b></p>
<p>To replace ${counted(placed.devices, 'device')} at ${counted(placed.sites, 'site')}${spentOver(report)}: ${chanceWords(estimate.confidence)} that it suffices. The expected costs alone would run out in ${Math.round((1 - estimate.chancePointSuffices) * 100)} of 100 cases.${html(whole)}</p>
${misfits + scope.without === 0 ? '' : `<p><strong>${misfits === 0 ? '' : `${counted(misfits, 'site')} in no year and in no figure: ${html(misfitNames(report))}.`}${html(left)}</strong></p>`}</div>
${partsTable(request.parts, request.cents)}
</section>`
}

function partsTable(
  parts: readonly { readonly label: string; readonly cents: number }[],
  cents: number,
): string {
  const rounded = wholeParts(
    parts.map((part) => part.cents),
    Math.round(cents / 100),
  )
  return htmlTable({
    caption: 'What it is made of',
    columns: ['', 'Amount'],
    parts: [
      {
        rows: parts.map(({ label }, i) => [label, wholeDollars(rounded[i]!)]),
        foot: ['Request', wholeDollars(Math.round(cents / 100))],
      },
    ],
  })
}

/** Parts that add up as shown: what rounding leaves falls to the largest. */
function wholeParts(cents: readonly number[], whole: number): readonly number[] {
  const rounded = cents.map((part) => Math.round(part / 100))
  const rest = whole - rounded.reduce((total, part) => total + part, 0)
  const largest = cents.indexOf(Math.max(...cents))
  return rounded.map((part, i) => (i === largest ? part + rest : part))
}

/** What the request buys: sites that have a year, or all of them before there is a schedule. */
function placedOf({ estimate, schedule }: PlanReport): { devices: number; sites: number } {
  if (schedule === null) return covered(estimate)
  const without = new Map(estimate.bySite.map(({ value, unpriced = 0 }) => [value, unpriced]))
  const placed = schedule.sites.filter(({ fiscalYear }) => fiscalYear !== null)
  const priced = placed.map(({ siteId, devices }) =>
    Math.max(0, devices - (without.get(siteKeyOf(siteId)) ?? 0)),
  )
  return { devices: priced.reduce((total, devices) => total + devices, 0), sites: placed.length }
}

function spentOver({ schedule, estimate }: PlanReport): string {
  const used = (schedule?.outcome.years ?? []).filter(({ sites }) => sites > 0)
  if (used.length === 0) return `, in the money of ${html(estimate.moneyOf.slice(0, 6))}`
  const years = [...new Set([used[0]!, used.at(-1)!].map(({ fiscalYear }) => `FY${fiscalYear}`))]
  return ` in ${years.join(' to ')}, in the money of each year`
}

const NAMES_MOST = 4

function misfitNames({ schedule }: PlanReport): string {
  const names = schedule!.doesNotFit.map(({ site }) => site)
  return `${names.slice(0, NAMES_MOST).join(', ')}${names.length > NAMES_MOST ? ' and others' : ''}`
}

const DESCRIPTION_MOST = 280

function whySection(report: PlanReport): string {
  const { description } = report.plan
  const shown =
    description === null || description.length <= DESCRIPTION_MOST
      ? description
      : `${description.slice(0, DESCRIPTION_MOST).trimEnd()} … (in full on the next pages)`
  return `<section><h2>Why</h2>
${shown === null || shown === '' ? '' : `<p>${html(shown)}</p>`}
<dl class="why">${whyOf(report)
    .map(({ label, words }) => `<dt>${html(label)}</dt><dd>${html(words)}</dd>`)
    .join('')}</dl></section>`
}

function capitalSection(report: PlanReport): string {
  const schedule = report.schedule!
  const grids = condensedGrids(schedule.capitalPage)
  const orders = firstOrders(report)
  const yearly = schedule.capitalPage.operatingImpactCents
  return `<section><h2>Capital page</h2>
${capitalTable('In the money of each fiscal year, in whole dollars', grids)}
<p class="small">${[
    yearly === 0 ? '' : `Comes every year afterwards, from the operating budget: ${dollars(yearly)}.`,
    schedule.writeOff.totalCents === 0
      ? ''
      : `Written off, no cash: ${dollars(schedule.writeOff.totalCents)}.`,
    orders,
    grids.isCondensed ? 'The grids are in full on the next pages.' : '',
  ]
    .filter((words) => words !== '')
    .map(html)
    .join(' ')}</p>
</section>`
}

/** The first order; the others stand on the next pages. */
function firstOrders({ schedule }: PlanReport): string {
  const sentence = sentenceOfOrders(schedule!)
  const [first, ...others] = sentence.split('; ')
  return others.length === 0 ? sentence : `${first}; later years on the next pages.`
}

function basis({ estimate }: PlanReport): string {
  const own = estimate.prices.filter(({ basis: of }) => of !== 'catalog').length
  const assumed = estimate.prices.filter(
    ({ basis: of, confidence }) => of === 'catalog' && confidence === 'low',
  ).length
  return `${own} of ${estimate.prices.length} prices are the city's own, ${assumed} are planning assumptions. Prices rise ${estimate.settings.escalationPercent} % a year. Method: ${estimate.method}. Estimate ${estimate.id}.`
}

function numbersOfCharts(report: PlanReport): string {
  return (['spend', 'cost-curve'] as const)
    .flatMap((name) => chartOf(name, report) ?? [])
    .map(
      ({ title, table }) =>
        `<details><summary>Numbers of "${html(title)}"</summary>${htmlTable({
          caption: title,
          columns: table.columns,
          parts: [
            { rows: table.rows.map((cells) => cells.map((cell) => (cell === null ? '' : String(cell)))) },
          ],
        })}</details>`,
    )
    .join('\n')
}
