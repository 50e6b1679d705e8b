/** What each source pays, may not pay, and is matched with. */
import type { ScheduleDocument } from '../../documents.ts'
import { dollars } from '../model/labels.ts'
import type { PlanReport } from '../model/report.ts'
import { headsOf, money, numberColumn, type SheetOf, type TableColumn, text, textColumn } from './cells.ts'

type Source = ScheduleDocument['funding']['sources'][number]

const COLUMNS: readonly TableColumn<Source>[] = [
  textColumn('Source', 28, ({ name }) => name, { wrap: true, indent: 0 }),
  textColumn('Federal', 9, ({ isFederal }) => (isFederal ? 'yes' : 'no')),
  numberColumn('May pay for', 15, ({ eligibleCents }) => money(eligibleCents)),
  numberColumn('Pays', 15, ({ paidCents }) => money(paidCents)),
  numberColumn('Ordered or paid', 15, ({ committedCents }) => money(committedCents ?? 0)),
  numberColumn('Used by other plans', 15, ({ usedElsewhereCents }) => money(usedElsewhereCents ?? 0)),
  numberColumn('Left', 15, ({ leftCents }) => money(leftCents)),
  numberColumn('Match required', 15, ({ matchRequiredCents }) => money(matchRequiredCents)),
  numberColumn('Match found', 15, ({ matchFoundCents }) => money(matchFoundCents)),
  textColumn('Does not pay, and why', 50, notPaid, { wrap: true }),
  textColumn('Debt service', 40, debtWords, { wrap: true }),
  textColumn('Citation', 36, ({ citation }) => citation, { wrap: true }),
]

function debtWords({ debtService }: Source): string {
  if (debtService === undefined) return ''
  const { ratePercent, years, interestCents, payments } = debtService
  const each = payments.map(({ fiscalYear, cents }) => `FY${fiscalYear} ${dollars(cents)}`).join(', ')
  return `${years} payments at ${ratePercent} %, ${dollars(interestCents)} of it interest: ${each}`
}

const WORDS: Readonly<Record<string, string>> = {
  'restricted-equipment': 'covered equipment, which federal money may not buy',
  'restriction-unknown': 'equipment of which it is not known whether it is covered',
  'outside-period': 'outside its period',
  purpose: 'of another purpose',
  activity: 'of another activity',
  'cost-kind': 'of another kind of cost',
  betterment: 'more than comparable equipment',
}

function notPaid({ ineligible }: Source): string {
  return ineligible.map(({ because, cents }) => `${dollars(cents)} ${WORDS[because] ?? because}`).join('; ')
}

export function fundingSheet({ schedule }: PlanReport): SheetOf {
  const sources = schedule?.funding.sources ?? []
  return {
    sheet: 'Funding',
    data: [
      headsOf(COLUMNS),
      ...(sources.length === 0
        ? [[text('No funding source is named.')]]
        : sources.map((source) => COLUMNS.map(({ cell }) => cell(source)))),
    ],
    columns: COLUMNS.map(({ width }) => ({ width })),
    stickyRowsCount: 1,
    orientation: 'landscape',
  }
}
