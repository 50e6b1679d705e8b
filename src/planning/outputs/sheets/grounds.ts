/** Which devices are in the plan because of which rule. */
import { NO_SITE } from '../../estimate/model/lines.ts'
import { type GroundRule, groundsIn, sentenceOfLaw, whatItSays } from '../model/grounds.ts'
import type { PlanReport } from '../model/report.ts'
import { headsOf, number, numberColumn, type SheetOf, type TableColumn, text, textColumn } from './cells.ts'

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

export function groundsSheet({ estimate }: PlanReport): SheetOf {
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
