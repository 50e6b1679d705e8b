/** What follows the first sheet: charts, and in full what it has no room for. Pure. */
import { counted } from '../../../lib/counted.ts'
import { OBJECTIVE_WORDS } from '../../schedule/model/phasing/objectives.ts'
import { capitalTable } from './capital-table.ts'
import { chartOf } from './charts/index.ts'
import { condensedGrids, fullGrids } from './grids.ts'
import { groundsIn, sentenceOfLaw, whatItSays } from './grounds.ts'
import { html, htmlTable } from './html.ts'
import { dollars, sentenceOfOrders } from './labels.ts'
import type { PlanReport } from './report.ts'

export function appendix(report: PlanReport): string {
  return `<section class="next"><h2>Charts</h2>${charts(report)}</section>
<section class="next"><h2>In full</h2>
${[description(report), grids(report), grounds(report), misfits(report), yearly(report), notes(report)].join('\n')}
</section>`
}

function charts(report: PlanReport): string {
  return (['spend', 'cost-curve'] as const)
    .flatMap((name) => chartOf(name, report) ?? [])
    .map((chart) => `<figure>${chart.svg}</figure>`)
    .join('')
}

function description({ plan }: PlanReport): string {
  return plan.description === null || plan.description === '' ? '' : `<p>${html(plan.description)}</p>`
}

function grids({ schedule }: PlanReport): string {
  if (schedule === null || !condensedGrids(schedule.capitalPage).isCondensed) return ''
  const whole = fullGrids(schedule.capitalPage)
  return capitalTable('Capital page, in the money of each fiscal year, in whole dollars', whole)
}

function grounds({ estimate }: PlanReport): string {
  const { rules } = groundsIn(estimate)
  if (rules.length === 0) return ''
  const table = htmlTable({
    caption: 'Why these devices: the rules, most devices first',
    columns: ['Law', 'Devices', 'Says', 'Citation'],
    parts: [
      {
        rows: [...rules]
          .sort((a, b) => b.devices - a.devices)
          .map((rule) => [rule.law, String(rule.devices), whatItSays(rule), rule.citation]),
      },
    ],
    isText: true,
  })
  return `${table}<p class="small">${html(sentenceOfLaw(estimate))} This is not legal advice.</p>`
}

function misfits({ schedule }: PlanReport): string {
  if (schedule === null || schedule.doesNotFit.length === 0) return ''
  return htmlTable({
    caption: 'Sites that do not fit, and why',
    columns: ['Site', 'Why, by fiscal year'],
    parts: [
      {
        rows: schedule.doesNotFit.map(({ site, obstacles }) => [
          site,
          obstacles.map(({ fiscalYear, because }) => `FY${fiscalYear}: ${because}`).join(' '),
        ]),
      },
    ],
    isText: true,
  })
}

const VMS_WORDS: Readonly<Record<string, string>> = {
  'new-license': 'New licenses',
  'move-license': 'Licenses that are owned, moved',
  cloud: 'Cloud subscription',
}

function yearly({ estimate, schedule }: PlanReport): string {
  const choices = estimate.yearly?.choices ?? []
  if (choices.length === 0) return ''
  const years = estimate.yearly!.lifeYears
  const operating = (schedule?.capitalPage.operating ?? []).filter(({ cents }) => cents > 0)
  const byYear =
    operating.length === 0
      ? ''
      : `<p>From the operating budget: ${html(operating.map(({ fiscalYear, cents }) => `FY${fiscalYear} ${dollars(cents)}`).join(', '))}.</p>`
  return `${byYear}${later(schedule)}${htmlTable({
    caption: `Video management side by side, over ${counted(years, 'year')}`,
    columns: ['', 'Once', 'Each year after', 'Over the life'],
    parts: [
      {
        rows: choices.map(({ vms, onceCents, yearlyCents, overLifeCents }) => [
          `${VMS_WORDS[vms] ?? vms}${vms === estimate.settings.vms ? ' (in this plan)' : ''}`,
          dollars(onceCents),
          dollars(yearlyCents),
          dollars(overLifeCents),
        ]),
      },
    ],
  })}`
}

/** What comes after the plan: payments on what was borrowed, and the next replacement. */
function later(schedule: PlanReport['schedule']): string {
  const debts = (schedule?.funding.sources ?? []).flatMap(({ name, debtService }) =>
    debtService === undefined || debtService.payments.length === 0 ? [] : [{ name, ...debtService }],
  )
  const words = debts.map(({ name, payments, interestCents, ratePercent }) => {
    const [first, last] = [payments[0]!, payments.at(-1)!]
    const total = payments.reduce((sum, { cents }) => sum + cents, 0)
    return `${name} is borrowed at ${ratePercent} %: ${dollars(total)} to pay back from FY${first.fiscalYear} to FY${last.fiscalYear}, ${dollars(interestCents)} of it interest, in no request.`
  })
  const next = schedule?.nextCycle ?? []
  if (next.length > 0)
    words.push(
      `What is bought now is due again: ${next.map(({ fiscalYear, cents }) => `${dollars(cents)} in FY${fiscalYear}`).join(', ')}, in the money of that year.`,
    )
  return words.length === 0 ? '' : `<p>${words.map(html).join(' ')}</p>`
}

function notes({ estimate, schedule }: PlanReport): string {
  const warnings = [...(schedule?.warnings ?? []), ...estimate.warnings]
  const orders = schedule === null ? '' : sentenceOfOrders(schedule)
  const all = [
    ...(schedule === null ? [] : [OBJECTIVE_WORDS]),
    ...(orders === '' ? [] : [orders]),
    ...warnings.map(({ message }) => message),
  ]
  return all.length === 0
    ? ''
    : `<h2>To know</h2><ul>${all.map((message) => `<li>${html(message)}</li>`).join('')}</ul>`
}
