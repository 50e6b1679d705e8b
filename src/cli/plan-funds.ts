/**
 * Funds as a person writes them, one a line: `General fund = 45,000 a year`, `Justice grant = $30,000, federal, 75%,
 * 2026-10-01 to 2028-09-30`. Pure.
 */
import { addDays, isPlainDate } from '../lib/calendar.ts'
import { parseCents } from '../lib/money.ts'
import { UsageError } from './errors.ts'

/** The fields of `POST /v1/funding-sources` that a line can give. */
export interface FundWish {
  readonly name: string
  readonly priority: number
  readonly isFederal: boolean
  readonly totalCapCents: number | null
  readonly yearCaps: readonly { readonly fiscalYear: number; readonly cents: number }[] | null
  readonly carriesForward: boolean
  readonly sharePercent: number
  readonly periodFrom: string | null
  readonly periodTo: string | null
  readonly periodOf: 'work' | 'order'
  readonly costKinds: readonly ('hard' | 'soft' | 'recurring')[] | null
  readonly activities: readonly ('replacement' | 'removal' | 'disposal')[] | null
  readonly paysBetterment?: boolean
}

type Change = { -readonly [K in keyof FundWish]?: FundWish[K] }

const HELP = `A fund is written as a name, =, and what it gives, such as
  General fund = 45,000 a year
  General fund = 45,000 in 2027, 60,000 in 2028, carries forward
  Justice grant = $30,000, federal, 75%, 2026-10-01 to 2028-09-30
  Bond = 200,000, only hard
Further words: from DAY, to DAY, by order, only soft, only recurring, only disposal, betterment, no limit.`

const DAY = /\d{4}-\d{2}-\d{2}/

/** What a part of a line after its name can say. Gives null for what it is not about. */
const CLAUSES: readonly ((clause: string, years: readonly number[], soFar: Change) => Change | null)[] = [
  (clause, years) => {
    const match = /^(\S+) (?:a|per|each) (?:fiscal )?year$/.exec(clause)
    const cents = match ? centsOf(match[1]!) : null
    return cents === null ? null : { yearCaps: years.map((fiscalYear) => ({ fiscalYear, cents })) }
  },
  (clause, _years, { yearCaps }) => {
    const match = /^(\S+) in (?:fy ?)?(\d{4})$/.exec(clause)
    const cents = match ? centsOf(match[1]!) : null
    return cents === null
      ? null
      : { yearCaps: [...(yearCaps ?? []), { fiscalYear: Number(match![2]), cents }] }
  },
  (clause) => {
    const cents = centsOf(clause.replace(/ (?:in total|once)$/, ''))
    return cents === null ? null : { totalCapCents: cents }
  },
  (clause) => (clause === 'no limit' ? {} : null),
  (clause) => (clause === 'federal' ? { isFederal: true } : null),
  (clause) => {
    const match = /^(?:pays )?(\d{1,3}(?:\.\d{1,6})?) ?%(?: share)?$/.exec(clause)
    return match ? { sharePercent: Number(match[1]) } : null
  },
  (clause) => (/^carries (?:forward|over)$/.test(clause) ? { carriesForward: true } : null),
  (clause) => (clause === 'by order' ? { periodOf: 'order' } : null),
  (clause) => (clause === 'betterment' ? { paysBetterment: true } : null),
  (clause) => {
    const match = new RegExp(`^(?:from )?(${DAY.source}) to (${DAY.source})$`).exec(clause)
    return match ? period(match[1]!, match[2]!) : null
  },
  (clause) => {
    const match = new RegExp(`^from (${DAY.source})$`).exec(clause)
    return match ? period(match[1]!, null) : null
  },
  (clause) => {
    const match = new RegExp(`^(?:to|until) (${DAY.source})$`).exec(clause)
    return match ? period(null, match[1]!) : null
  },
  (clause) => {
    const match = /^only ((?:hard|soft|recurring)(?: and (?:hard|soft|recurring))*)(?: costs?)?$/.exec(clause)
    return match ? { costKinds: match[1]!.split(' and ') as ('hard' | 'soft' | 'recurring')[] } : null
  },
  (clause) => {
    const match = /^only ((?:replacement|removal|disposal)(?: and (?:replacement|removal|disposal))*)$/.exec(
      clause,
    )
    return match
      ? { activities: match[1]!.split(' and ') as ('replacement' | 'removal' | 'disposal')[] }
      : null
  },
]

/** The fund that a line describes; `years` are those of the plan. Throws UsageError that names what is not understood. */
export function fundOf(line: string, years: readonly number[], priority: number): FundWish {
  const at = line.indexOf('=')
  const name = line.slice(0, Math.max(at, 0)).trim()
  if (at <= 0 || name === '') throw new UsageError(`Not a fund: ${line}\n${HELP}`)
  // A comma inside an amount has no space after it.
  const clauses = line
    .slice(at + 1)
    .split(/[,;]\s+|;/)
    .map((clause) => clause.trim().replaceAll(/\s+/g, ' ').toLowerCase())
    .filter((clause) => clause !== '')
  if (clauses.length === 0)
    throw new UsageError(`${name}: how much it gives is not said; "no limit" is possible.\n${HELP}`)
  let said: Change = {}
  for (const clause of clauses) {
    const found = CLAUSES.map((read) => read(clause, years, said)).find((change) => change !== null)
    if (!found) throw new UsageError(`${name}: "${clause}" is not understood.\n${HELP}`)
    said = { ...said, ...found }
  }
  const isLimited = clauses.includes('no limit') || said.totalCapCents !== undefined || said.yearCaps
  if (!isLimited)
    throw new UsageError(`${name}: how much it gives is not said; "no limit" is possible.\n${HELP}`)
  return { ...DEFAULTS, name, priority, ...said }
}

const DEFAULTS: Omit<FundWish, 'name' | 'priority'> = {
  isFederal: false,
  totalCapCents: null,
  yearCaps: null,
  carriesForward: false,
  sharePercent: 100,
  periodFrom: null,
  periodTo: null,
  periodOf: 'work',
  costKinds: null,
  activities: null,
}

/** Funds in the order in which they pay: those of options, then the lines of a file. Throws UsageError. */
export function fundsOf(lines: readonly string[], years: readonly number[]): readonly FundWish[] {
  const funds = lines.map((line, i) => fundOf(line, years, (i + 1) * 10))
  for (const [i, { name }] of funds.entries())
    if (funds.findIndex((fund) => fund.name === name) !== i)
      throw new UsageError(`The fund ${name} is named twice.`)
  return funds
}

/** Lines of a file of funds; blank ones and those that begin with # are passed by. */
export function fundLines(text: string): readonly string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
}

function centsOf(text: string): number | null {
  const cents = parseCents(text)
  return cents === null || cents < 0n || cents > 10n ** 15n ? null : Number(cents)
}

/** Both days are inside, as people write them. */
function period(from: string | null, last: string | null): Change | null {
  if ([from, last].some((day) => day !== null && !isPlainDate(day))) return null
  return {
    ...(from === null ? {} : { periodFrom: from }),
    ...(last === null ? {} : { periodTo: addDays(last, 1) }),
  }
}
