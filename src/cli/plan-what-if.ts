/** `camledger plan --what-if`: what would come of a plan if something were different, case beside case. Pure but for `askWhatIf`. */
import { parseCents } from '../lib/money.ts'
import { UsageError } from './errors.ts'
import { fundOf } from './plan-funds.ts'
import type { Planned, Service } from './plan-steps.ts'
import { successful } from './service.ts'

const HELP = `A case is changes with ; between them, such as
  --what-if 'confidence 90; crews 4'
  --what-if 'deadline 2030-06-30; vms cloud'
  --what-if 'fund Bond = 50,000 in 2028; price CAM-DOME-OUT = 450'
Words: confidence, deadline, crews, rate, lead-days, years, escalation, discount, vms (new-license, move-license, cloud),
labor (contractor, own-staff), fund (one that pays already is changed to this, another is added), price (in dollars).`

const NUMBERS: Readonly<Record<string, string>> = {
  confidence: 'confidence',
  crews: 'crews',
  rate: 'devicesPerCrewDay',
  'lead-days': 'leadDays',
  years: 'fiscalYears',
  escalation: 'escalationPercent',
  discount: 'discountPercent',
}
const VMS = ['new-license', 'move-license', 'cloud']
const LABOR: Readonly<Record<string, string>> = { contractor: 'LAB-TECH', 'own-staff': 'LAB-TECH-INH' }

/** A case as a person writes it. */
export interface CaseWish {
  readonly label: string
  readonly settings: Readonly<Record<string, unknown>>
  readonly prices: readonly { readonly code: string; readonly expected: number }[]
  /** Lines as `--fund` takes them. */
  readonly funds: readonly string[]
}

/** Throws UsageError that names what is not understood. */
export function caseOf(text: string): CaseWish {
  const settings: Record<string, unknown> = {}
  const prices: { code: string; expected: number }[] = []
  const funds: string[] = []
  const clauses = text
    .split(';')
    .map((clause) => clause.trim())
    .filter((clause) => clause !== '')
  if (clauses.length === 0) throw new UsageError(`A case says what would be different.\n${HELP}`)
  for (const clause of clauses) {
    const [word = '', value = ''] = /^(\S+?)(?:\s*=\s*|\s+)(.+)$/.exec(clause)?.slice(1) ?? []
    if (word in NUMBERS && /^\d+(\.\d+)?$/.test(value)) settings[NUMBERS[word]!] = Number(value)
    else if (word === 'deadline' && /^(\d{4}-\d{2}-\d{2}|none)$/.test(value))
      settings.deadline = value === 'none' ? null : value
    else if (word === 'vms' && VMS.includes(value)) settings.vms = value
    else if (word === 'labor' && value in LABOR) settings.installRate = LABOR[value]
    else if (word === 'fund') funds.push(value)
    else if (word === 'price') prices.push(priceOf(value, clause))
    else throw new UsageError(`"${clause}" is not understood.\n${HELP}`)
  }
  return { label: clauses.join('; ').slice(0, LABEL_MOST), settings, prices, funds }
}

const LABEL_MOST = 100

function priceOf(value: string, clause: string): { code: string; expected: number } {
  const [, code, amount] = /^([A-Z][A-Z0-9-]*)\s*=\s*(\S+)$/.exec(value) ?? []
  const cents = amount === undefined ? null : parseCents(amount)
  if (code === undefined || cents === null) throw new UsageError(`"${clause}" is not understood.\n${HELP}`)
  return { code, expected: Number(cents) }
}

interface Row {
  readonly part: string
  readonly name: string
  readonly unit: string
  readonly values: readonly (string | number | boolean | null)[]
  readonly isSame: boolean
}

export interface WhatIfAnswer {
  readonly versions: readonly {
    readonly label: string
    readonly remedies: { readonly enough: readonly { readonly words: string }[] } | null
  }[]
  readonly rows: readonly Row[]
}

export async function askWhatIf(
  { send, url, named }: Service,
  { planId, schedule }: Planned,
  cases: readonly CaseWish[],
  seconds: number,
): Promise<WhatIfAnswer> {
  const { firstFiscalYear, fiscalYears } = schedule.settings
  const years = Array.from({ length: fiscalYears }, (_, i) => firstFiscalYear + i)
  const known = new Map(schedule.funding.sources.map(({ name, fundingSourceId }) => [name, fundingSourceId]))
  const body = {
    seconds,
    cases: cases.map(({ label, settings, prices, funds }) => {
      const wishes = funds.map((line, i) => fundOf(line, years, LAST_PRIORITY + i))
      return {
        ...{ label, settings, prices },
        funds: wishes.flatMap(({ name, priority: _, ...fields }) =>
          known.has(name) ? [{ fundingSourceId: known.get(name), ...fields }] : [],
        ),
        newFunds: wishes.filter(({ name }) => !known.has(name)),
      }
    }),
  }
  const headers = { 'content-type': 'application/json' }
  const answer = await send('POST', `/v1/plans/${planId}/what-if`, { headers, body: JSON.stringify(body) })
  return (await (await successful(answer, url, named)).json()) as WhatIfAnswer
}

/** A fund that is only supposed pays after those that there are. */
const LAST_PRIORITY = 900

/** Always shown; the others where they differ. */
const SHOWN = ['Request', 'Everything fits', 'Done in time', 'Last day of work', 'Every year afterwards']
const WIDTH = 18

/** Figure by figure, a column for each case; what would make it fit under it. */
export function whatIfLines({ versions, rows }: WhatIfAnswer): string[] {
  const figures = rows.filter(
    ({ part, name, isSame }) => part === 'figure' && (SHOWN.includes(name) || !isSame),
  )
  const label = Math.max(...figures.map(({ name }) => name.length), 10)
  const line = (name: string, cells: readonly string[]) =>
    `  ${name.padEnd(label)}  ${cells.map((cell) => cell.padStart(WIDTH)).join('')}`.trimEnd()
  const heads = versions.map((_, i) => (i === 0 ? 'as it is' : `case ${i}`))
  return [
    '',
    'What if:',
    ...versions.slice(1).map(({ label: words }, i) => `  case ${i + 1}: ${words}`),
    '',
    line('', heads),
    ...figures.map(({ name, unit, values }) =>
      line(
        name,
        values.map((value) => cellOf(unit, value)),
      ),
    ),
    ...versions.flatMap(({ remedies }, i) =>
      (remedies?.enough ?? []).slice(0, 3).map(({ words }) => `  ${heads[i]} would fit with: ${words}`),
    ),
    'Nothing of this is kept. To keep a case: --copy-of with another --name and its options.',
  ]
}

function cellOf(unit: string, value: string | number | boolean | null): string {
  if (value === null) return 'none'
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (typeof value !== 'number') return value
  return unit === 'cents'
    ? `$${Math.round(value / 100).toLocaleString('en-US')}`
    : value.toLocaleString('en-US')
}
