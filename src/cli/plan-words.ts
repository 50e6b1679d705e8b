/** What a person is shown of a plan in the terminal: a few lines, the rest is in the papers. Pure. */
import { counted } from '../lib/counted.ts'
import {
  chanceWords,
  covered,
  dollars,
  isDoneInTime,
  sentenceOfOrders,
  sentenceOfTime,
} from '../planning/outputs/model/labels.ts'
import type { Planned } from './plan-steps.ts'

const MOST_MISFITS = 5
const MOST_PAYERS = 8
const LINE_MOST = 140

export function planLines({ city, estimate, schedule }: Planned): string[] {
  const { outcome, capitalPage, funding, doesNotFit } = schedule
  const scope = covered(estimate)
  const years = outcome.years.filter((year) => year.spendCents > 0)
  const lines = [
    '',
    `${city}: replacing ${counted(scope.devices, 'device')} at ${counted(scope.sites, 'site')}`,
    row('Request', `${dollars(outcome.nominalCents)}, ${chanceWords(estimate.confidence)} that it suffices`),
    ...years.map((year) =>
      row('', `FY${year.fiscalYear} ${dollars(year.spendCents)}, ${counted(year.sites, 'site')}`),
    ),
    ...payers(capitalPage),
  ]
  if (funding.gapCents > 0 && doesNotFit.length === 0)
    lines.push(row('Not funded', `${dollars(funding.gapCents)}; name who pays with --fund`))
  lines.push(row('Everything fits', schedule.isFeasible ? 'yes' : fitWords(doesNotFit.length)))
  for (const { site, obstacles } of doesNotFit.slice(0, MOST_MISFITS))
    lines.push(row('', cut(`${site}: ${obstacles[0]?.because ?? 'in no year'}`)))
  if (doesNotFit.length > MOST_MISFITS)
    lines.push(row('', `${doesNotFit.length - MOST_MISFITS} more in the workbook`))
  for (const [i, { words }] of (schedule.remedies?.enough ?? []).entries())
    lines.push(row(i === 0 ? 'It would fit with' : 'or with', cut(words)))
  const isInTime = isDoneInTime(schedule)
  if (isInTime !== null)
    lines.push(row('Done in time', `${isInTime ? 'yes' : 'no'}. ${sentenceOfTime(schedule)}`))
  const orders = sentenceOfOrders(schedule)
  if (orders !== '')
    lines.push(
      row(
        'First order',
        orders
          .replace(/^Order at the latest: /, '')
          .split('; ')[0]!
          .replace(/\.$/, ''),
      ),
    )
  if (scope.without > 0)
    lines.push(
      row(
        'Without a price',
        `${unpricedWords(estimate)}, in no figure; the plan's page in the console prices them`,
      ),
    )
  return lines
}

/** Who pays, in the order of the page. */
function payers({ funding }: Planned['schedule']['capitalPage']): string[] {
  const paying = funding.filter(({ cents }) => cents.at(-1) !== 0)
  const more = paying.length - MOST_PAYERS
  return [
    ...paying
      .slice(0, MOST_PAYERS)
      .map(({ source, cents }, i) => row(i === 0 ? 'Paid by' : '', `${source} ${dollars(cents.at(-1)!)}`)),
    ...(more > 0 ? [row('', `${more} more in the workbook`)] : []),
  ]
}

/** `1 access control, 2 router`: what has to be given a price, by name. */
function unpricedWords({ unpriced }: Planned['estimate']): string {
  return unpriced
    .map(({ deviceClass, devices }) => `${devices} ${deviceClass.replaceAll('-', ' ')}`)
    .join(', ')
}

/** One line of a terminal. */
function cut(words: string): string {
  return words.length <= LINE_MOST ? words : `${words.slice(0, LINE_MOST - 1).trimEnd()}…`
}

function fitWords(sites: number): string {
  return sites === 0
    ? 'every site has a year; not every cent a payer'
    : `no: ${counted(sites, 'site')} in no year and in no figure above`
}

function row(label: string, words: string): string {
  return `  ${label.padEnd(17)} ${words}`
}
