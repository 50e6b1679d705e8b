/** The plan on one printed page of letter paper, as HTML that needs nothing else. Pure. */

import { counted } from '../../../lib/counted.ts'
import type { EstimateDocument } from '../../documents.ts'
import { OBJECTIVE_WORDS } from '../../schedule/model/phasing/objectives.ts'
import { chartOf } from './charts/index.ts'
import { groundsIn, sentenceOfLaw, whatItSays } from './grounds.ts'
import {
  chanceWords,
  covered,
  dollars,
  sentenceOfChanges,
  sentenceOfOrders,
  sentenceOfTime,
} from './labels.ts'
import type { PlanReport } from './report.ts'

function html(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}

/** The style sheet of the page, which its policy names by hash. */
export const STYLE = `
@page { size: letter portrait; margin: 0.45in 0.5in; }
* { box-sizing: border-box; }
body { font: 10.5pt/1.35 Arial, "Liberation Sans", Helvetica, sans-serif; color: #1a1a1a; background: #fff; max-width: 7.5in; margin: 0 auto; padding: 0.2in 0; }
h1 { font-size: 16pt; margin: 0 0 2pt; }
h2 { font-size: 11.5pt; margin: 9pt 0 3pt; border-bottom: 1px solid #1a1a1a; }
p { margin: 0 0 4pt; }
.lead { font-size: 12.5pt; }
.small { font-size: 8.5pt; }
dl.figures { display: grid; grid-template-columns: repeat(4, 1fr); gap: 6pt; margin: 6pt 0; }
dl.figures div { border: 1px solid #1a1a1a; padding: 4pt 6pt; }
dt { font-size: 8.5pt; }
dd { margin: 0; font-size: 13pt; font-weight: bold; }
table { border-collapse: collapse; width: 100%; font-size: 8.5pt; margin-bottom: 4pt; }
caption { text-align: left; font-weight: bold; padding: 2pt 0; }
th, td { padding: 1.4pt 4pt; border-bottom: 0.5pt solid #999; text-align: right; font-variant-numeric: tabular-nums; }
th:first-child, td:first-child { text-align: left; font-weight: normal; }
thead th, tfoot td, tfoot th { font-weight: bold !important; border-bottom: 1pt solid #1a1a1a; }
.charts { display: grid; grid-template-columns: 1fr 1fr; gap: 8pt; }
figure { margin: 0; break-inside: avoid; }
figure svg { width: 100%; height: auto; display: block; }
ul { margin: 0 0 5pt; padding-left: 14pt; }
section, table, figure { break-inside: avoid; }
details { margin-top: 6pt; }
@media print { details { display: none; } body { padding: 0; max-width: none; } }
@media screen and (max-width: 700px) { dl.figures, .charts { grid-template-columns: 1fr 1fr; } }
`

const WARNINGS_MOST = 5

/** The page as HTML text. */
export function summaryPage(report: PlanReport): string {
  const { plan, city, estimate, schedule, runOn } = report
  const title = `${city.name}: ${plan.name}`
  const p50 = estimate.percentiles.find((one) => one.percent === 50)?.cents ?? 0
  const figures: [string, string][] = [
    [`Budget request (P${estimate.confidence})`, dollars(estimate.atConfidenceCents)],
    ['Middle of the range (P50)', dollars(p50)],
    ['Expected costs added up', dollars(estimate.pointCents)],
    ['Contingency included', dollars(estimate.contingencyCents)],
  ]
  const scope = covered(estimate)
  const charts = (['spend', 'cost-curve'] as const).flatMap((name) => chartOf(name, report) ?? [])
  const warnings = [...(schedule?.warnings ?? []), ...estimate.warnings].filter(
    (warning) => warning.code !== 'assumed-prices',
  )
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
<header>
<h1>${html(title)}</h1>
<p class="small">${plan.projectNumber === null ? '' : `Project ${html(plan.projectNumber)}. `}As of ${runOn}. Status: ${html(plan.status)}. Estimate, not an appropriation.${sentenceOfChanges(report) === '' ? '' : ` <strong>${html(sentenceOfChanges(report))}</strong>`}</p>
</header>
<p class="lead">Replacing ${counted(scope.devices, 'device')} at ${counted(scope.sites, 'site')}: <strong>${chanceWords(estimate.confidence)} the cost is at or below ${dollars(estimate.atConfidenceCents)}</strong>, in the money of ${html(estimate.moneyOf)}.${scope.without === 0 ? '' : ` <strong>${counted(scope.without, 'more device')} without a price in no figure.</strong>`}</p>
<dl class="figures">${figures.map(([label, value]) => `<div><dt>${html(label)}</dt><dd>${value}</dd></div>`).join('')}</dl>
<p>Asking for the expected costs alone would leave a ${chanceWords((1 - estimate.chancePointSuffices) * 100)} of running out.${scopeWords(report)}${yearsWords(report)}</p>
${schedule === null ? '<p>The plan is not laid over fiscal years yet.</p>' : scheduleSection(report)}
${groundsSection(estimate)}
<section><h2>Charts</h2><div class="charts">${charts.map((chart) => `<figure>${chart.svg}</figure>`).join('')}</div></section>
${
  warnings.length === 0
    ? ''
    : `<section><h2>To know</h2><ul class="small">${warnings
        .slice(0, WARNINGS_MOST)
        .map((warning) => `<li>${html(warning.message)}</li>`)
        .join(
          '',
        )}${warnings.length > WARNINGS_MOST ? `<li>${warnings.length - WARNINGS_MOST} more in the workbook.</li>` : ''}</ul></section>`
}
<footer class="small"><p>Prices rise ${estimate.settings.escalationPercent} % a year; present values at ${estimate.settings.discountPercent} %. Cost catalog ${html(estimate.catalogueVersion)}; ${estimate.prices.filter((price) => price.basis !== 'catalogue').length} of ${estimate.prices.length} prices are the city's own. Method: ${html(estimate.method)}. Estimate ${estimate.id}, inputs ${estimate.inputsDigest.slice(0, 16)}.</p></footer>
</main>
${charts
  .map(
    (chart) =>
      `<details><summary>Numbers of "${html(chart.title)}"</summary>${tableOf(chart.title, chart.table.columns, chart.table.rows)}</details>`,
  )
  .join('\n')}
</body>
</html>
`
}

const GROUNDS_MOST = 6

/** The rules for which most devices are in the plan. */
function groundsSection(estimate: EstimateDocument): string {
  const { rules } = groundsIn(estimate)
  if (rules.length === 0) return ''
  const most = [...rules].sort((a, b) => b.devices - a.devices)
  const items = most
    .slice(0, GROUNDS_MOST)
    .map(
      (rule) =>
        `<li>${counted(rule.devices, 'device')}: ${html(rule.law)}. ${html(whatItSays(rule))} (${html(rule.citation)}).</li>`,
    )
  const more = most.length - GROUNDS_MOST
  if (more > 0) items.push(`<li>${counted(more, 'more rule')} in the workbook.</li>`)
  return `<section><h2>Why these devices</h2><ul class="small">${items.join('')}</ul><p class="small">${html(sentenceOfLaw(estimate))} This is not legal advice.</p></section>`
}

function scopeWords({ estimate }: PlanReport): string {
  const better = estimate.byScope.find((share) => share.value === 'betterment')
  return better
    ? ` ${dollars(better.budgetCents)} of the budget is betterment: more than comparable equipment.`
    : ''
}

/** Why the capital page has another total than the estimate. */
function yearsWords({ estimate, schedule }: PlanReport): string {
  if (!schedule || schedule.outcome.nominalCents === 0) return ''
  const used = schedule.outcome.years.filter((year) => year.sites > 0)
  const years = [...new Set([used[0]!, used.at(-1)!].map((year) => `FY${year.fiscalYear}`))].join(' to ')
  const left = schedule.doesNotFit.length === 0 ? '' : ', without the sites that do not fit'
  return ` Spent over ${years} with prices rising ${estimate.settings.escalationPercent} % a year it is <strong>${dollars(schedule.outcome.nominalCents)}</strong>${left}: the total of the capital page, to put into the budget book.`
}

function scheduleSection(report: PlanReport): string {
  const schedule = report.schedule!
  const page = schedule.capitalPage
  const used = page.expenditure.filter((row) => row.cents.some((cents) => cents !== 0))
  const funds = page.funding.filter((row) => row.cents.some((cents) => cents !== 0))
  const columns = ['', ...page.columns.map(headOf)]
  const row = (label: string, cents: readonly number[], tag: 'td' | 'th') =>
    `<tr><th scope="row">${html(label)}</th>${cents.map((amount) => `<${tag}>${amount === 0 ? '–' : dollars(amount)}</${tag}>`).join('')}</tr>`
  const grid = (
    caption: string,
    rows: readonly { readonly label: string; readonly cents: readonly number[] }[],
    total: readonly number[],
  ) =>
    `<table><caption>${caption}</caption><thead><tr>${columns.map((column) => (column === '' ? '<td></td>' : `<th scope="col">${html(column)}</th>`)).join('')}</tr></thead><tbody>${rows.map(({ label, cents }) => row(label, cents, 'td')).join('')}</tbody><tfoot>${row('Total', total, 'td')}</tfoot></table>`
  const left = schedule.doesNotFit
  return `<section><h2>Capital page</h2>
${grid(
  'Expenditure, in the money of each fiscal year, rounded to whole dollars',
  used.map(({ element, cents }) => ({ label: element, cents })),
  page.expenditureTotal,
)}
${grid(
  'Funding',
  funds.map(({ source, cents }) => ({ label: source, cents })),
  page.fundingTotal,
)}
<p class="small">Present value ${dollars(schedule.outcome.presentValueCents)}. Comes every year afterwards: ${dollars(page.operatingImpactCents)}. Written off, no cash: ${dollars(schedule.writeOff.totalCents)}.${schedule.rollout === null ? '' : ` ${html(sentenceOfTime(schedule))}`} ${html(sentenceOfOrders(schedule))} ${OBJECTIVE_WORDS}${
    left.length === 0
      ? ''
      : ` <strong>${left.length} sites do not fit and are in no total: ${html(
          left
            .slice(0, 4)
            .map((one) => one.site)
            .join(', '),
        )}${left.length > 4 ? ' and others' : ''}.</strong>`
  }</p>
</section>`
}

/** `prior` as a person writes it. */
function headOf(column: string): string {
  return column.charAt(0).toUpperCase() + column.slice(1)
}

function tableOf(
  caption: string,
  columns: readonly string[],
  rows: readonly (readonly (string | number | null)[])[],
): string {
  return `<table><caption>${html(caption)}</caption><thead><tr>${columns.map((column) => `<th scope="col">${html(column)}</th>`).join('')}</tr></thead><tbody>${rows.map((cells) => `<tr>${cells.map((cell) => `<td>${cell === null ? '' : html(String(cell))}</td>`).join('')}</tr>`).join('')}</tbody></table>`
}
