/** From what was asked to a hypothesis over the knowledge in force, or to every field that is wrong. */
import { sql } from 'drizzle-orm'
import type { Regime } from '../catalogue/rules.ts'
import type { Tx } from '../db/database.ts'
import { DomainError, type FieldProblem } from '../http/problems.ts'
import type { PlainDate } from '../lib/calendar.ts'
import type { Knowledge } from '../screening/knowledge.ts'
import { type Hypothesis, regimeOf, type SupposedLicense, vendorById, windDown } from './model/hypothesis.ts'
import { TEMPLATES } from './model/templates.ts'
import type { ScenarioWrite } from './schemas.ts'

export interface Asked {
  readonly hypothesis: Hypothesis
  readonly regime: Regime
  readonly name: string
  readonly windDownLastDay: PlainDate | null
}

/** What is given, over what the template supposes. */
export function withTemplate(body: ScenarioWrite): ScenarioWrite {
  const template = TEMPLATES.find(({ id }) => id === body.template)
  if (!template) return body
  const given = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined))
  // Makers that are named stand for "the largest".
  const supposed = body.makers === undefined ? template.body : { ...template.body, largestMaker: undefined }
  return { ...supposed, ...given } as ScenarioWrite
}

/** Throws `invalid-request` naming every field that is wrong. `largest` is who has most devices, if anybody. */
export function readHypothesis(body: ScenarioWrite, knowledge: Knowledge, largest: string | null): Asked {
  const errors: FieldProblem[] = []
  const wrong = (pointer: string, code: string, message: string) => errors.push({ pointer, code, message })
  const { reference } = knowledge
  const found = regimeOf(body.regime ?? 'ofac-sdn', reference)
  const regime = 'regime' in found ? found.regime : null
  if ('fault' in found) wrong('/regime', 'unknown-regime', found.fault)
  if (body.effectiveOn === undefined) wrong('/effectiveOn', 'required', 'is required')
  const makers = readMakers(body, knowledge, largest, wrong)
  const effectiveOn = body.effectiveOn ?? ''
  const hasLicense = (body.windDownDays ?? null) !== null || (body.licenses ?? []).length > 0
  if (regime !== null && regime.licensing === null && hasLicense) {
    const pointer = (body.licenses ?? []).length > 0 ? '/licenses' : '/windDownDays'
    wrong(pointer, 'no-license-path', `nothing can be licensed under ${regime.id}; leave it out`)
  }
  for (const [i, { from, lastDay }] of (body.licenses ?? []).entries()) {
    if (lastDay !== null && lastDay < (from ?? effectiveOn))
      wrong(`/licenses/${i}/lastDay`, 'out-of-order', 'must not be before the first day of the license')
  }
  if (errors.length > 0 || regime === null) {
    throw new DomainError('invalid-request', 'The scenario cannot be computed with this.', { errors })
  }
  return asked(body, { regime, makers, effectiveOn }, knowledge)
}

function asked(
  body: ScenarioWrite,
  {
    regime,
    makers,
    effectiveOn,
  }: { readonly regime: Regime; readonly makers: readonly string[]; readonly effectiveOn: PlainDate },
  knowledge: Knowledge,
): Asked {
  const days = body.windDownDays ?? null
  const wind = days === null ? null : windDown(days, effectiveOn, regime)
  const others = (body.licenses ?? []).map(
    (license): SupposedLicense => ({ ...license, from: license.from ?? effectiveOn }),
  )
  const names = makers.map((id) => knowledge.vendorName(id)).join(', ')
  const hypothesis: Hypothesis = {
    makers,
    regime: regime.id,
    program: body.program ?? null,
    effectiveOn,
    reach: body.reach ?? 'owned',
    licenses: [...(wind === null ? [] : [wind]), ...others],
  }
  return {
    hypothesis,
    regime,
    windDownLastDay: wind?.lastDay ?? lastOf(others),
    name:
      body.name ??
      `${names} under ${regime.title} from ${effectiveOn}${days === null ? '' : `, ${days} days to wind down`}`,
  }
}

/** The end of the licenses that lift everything a wind-down would; null where none has an end. */
function lastOf(licenses: readonly SupposedLicense[]): PlainDate | null {
  return (
    licenses
      .flatMap(({ lastDay, activities }) => (activities.includes('procure') ? (lastDay ?? []) : []))
      .toSorted()
      .at(-1) ?? null
  )
}

function readMakers(
  body: ScenarioWrite,
  knowledge: Knowledge,
  largest: string | null,
  wrong: (pointer: string, code: string, message: string) => void,
): string[] {
  if (body.largestMaker === true) {
    if (body.makers !== undefined) wrong('/makers', 'not-allowed', 'leave it out with largestMaker')
    if (largest === null)
      wrong('/largestMaker', 'nobody', 'no maker of these devices is known that is not on the list')
    return largest === null ? [] : [largest]
  }
  if (body.makers === undefined) {
    wrong('/makers', 'required', 'is required: who is listed, by catalog id or name')
    return []
  }
  return [
    ...new Set(
      body.makers.flatMap((text, i) => {
        const id = vendorById(knowledge.reference.vendors, text)?.id ?? named(text, knowledge)
        if (id === null) wrong(`/makers/${i}`, 'unknown-maker', unknownMaker(text, knowledge))
        return id ?? []
      }),
    ),
  ]
}

function named(text: string, { matcher }: Knowledge): string | null {
  const { vendor, band, heldBack } = matcher.match(text)
  return band === 'match' && (heldBack ?? null) === null ? vendor : null
}

const CANDIDATES_MOST = 5

function unknownMaker(text: string, { matcher }: Knowledge): string {
  const { vendor, suggestions } = matcher.match(text)
  const candidates = [...new Set([vendor ?? [], suggestions.map((one) => one.vendor)].flat())]
  return candidates.length === 0
    ? 'is no maker of the catalog; search with GET /v1/manufacturers?q='
    : `is no maker of the catalog; did you mean ${candidates.slice(0, CANDIDATES_MOST).join(', ')}?`
}

/** The maker of most devices that the list does not have yet; null when none is known. */
export async function largestMaker(
  tx: Tx,
  cities: readonly string[],
  regime: string,
  { reference }: Knowledge,
): Promise<string | null> {
  const listed = reference.listings.flatMap((one) =>
    one.regime === regime && one.to === null ? (one.vendor ?? []) : [],
  )
  const { rows } = await tx.execute<{ maker: string }>(sql`
    select p.maker_id as maker from profiles p
    where p.jurisdiction_id = any (${sql.param(cities)}::uuid[]) and p.device_count > 0 and p.maker_id is not null
      and p.facts->>'status' <> 'decommissioned' and p.maker_id <> all (${sql.param(listed)}::text[])
    group by 1 order by sum(p.device_count) desc, 1 limit 1`)
  return rows[0]?.maker ?? null
}
