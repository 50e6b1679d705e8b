/** Use cases of funding sources. Load, decide, save. */
import { and, eq, sql } from 'drizzle-orm'
import type { z } from 'zod'
import type { Tx } from '../../db/database.ts'
import { fundingSources, planActuals, plans } from '../../db/schema/index.ts'
import { assertMatch } from '../../http/etag.ts'
import { DomainError, notFound } from '../../http/problems.ts'
import { uuidv7 } from '../../lib/ids.ts'
import { assertCurrency, loadCity } from '../context.ts'
import { recordChange, type Work } from '../work.ts'
import type { CostKind, NamedSource, NeedActivity } from './model/rules.ts'
import {
  type FundingSource,
  type FundingSourceChange,
  type FundingSourceRow,
  type FundingSourceWrite,
  toSource,
} from './schemas.ts'

/** The sources a plan pays from, in the order in which they pay. Throws `currency-mismatch`. */
export async function loadSources(
  tx: Tx,
  jurisdictionId: string,
  chosen: readonly string[] | null,
  currency: string,
): Promise<NamedSource[]> {
  const rows = await sourceRows(tx, jurisdictionId)
  const byId = new Map(rows.map((row) => [row.id, row]))
  const wanted = chosen === null ? rows : chosen.flatMap((id) => byId.get(id) ?? [])
  return wanted.map((row) => {
    assertCurrency(row.currency, currency, '/fundingSources')
    return namedSource(row)
  })
}

/** The sources of a city in the order in which they pay. */
export function sourceRows(tx: Tx, jurisdictionId: string): Promise<FundingSourceRow[]> {
  return tx
    .select()
    .from(fundingSources)
    .where(eq(fundingSources.jurisdictionId, jurisdictionId))
    .orderBy(fundingSources.priority, fundingSources.id)
}

/** A stored source in the numbers that rules are checked with. */
export function namedSource(row: FundingSourceRow): NamedSource {
  return {
    id: row.id,
    name: row.name,
    currency: row.currency,
    isFederal: row.isFederal,
    period: { from: row.periodFrom, to: row.periodTo },
    periodOf: row.periodOf as NamedSource['periodOf'],
    purposes: row.purposes,
    activities: row.activities as NeedActivity[] | null,
    costKinds: row.costKinds as CostKind[] | null,
    paysBetterment: row.paysBetterment,
    sharePercent: row.sharePercent,
    shareOf: row.shareOf as NamedSource['shareOf'],
    matchSources: row.matchSources,
    totalCapCents: row.totalCapCents === null ? null : BigInt(row.totalCapCents),
    yearCaps:
      (row.yearCaps as { fiscalYear: number; cents: number }[] | null)?.map((cap) => ({
        fiscalYear: cap.fiscalYear,
        cents: BigInt(cap.cents),
      })) ?? null,
    carriesForward: row.carriesForward,
    citation: row.citation,
  }
}

/** A source within the transaction's scope. Throws `not-found`. */
export async function findSource(tx: Tx, id: string): Promise<FundingSourceRow> {
  const [row] = await tx.select().from(fundingSources).where(eq(fundingSources.id, id))
  if (!row) throw notFound('funding source')
  return row
}

type NewSource = Omit<z.output<typeof FundingSourceWrite>, 'jurisdictionId'>

/** Throws `currency-mismatch`, `invalid-request`, `funding-source-name-taken`. */
export async function addSource(work: Work, wish: NewSource): Promise<FundingSourceRow> {
  const { tx, jurisdictionId, now } = work
  const city = await loadCity(tx, jurisdictionId)
  const values = {
    ...wish,
    currency: wish.currency ?? city.currency,
    paysBetterment: wish.paysBetterment ?? !wish.isFederal,
  }
  assertCurrency(values.currency, city.currency)
  checkSource(values)
  await checkMatch(tx, jurisdictionId, null, values.matchSources)
  const at = now.toISOString()
  const [row] = await tx
    .insert(fundingSources)
    .values({ jurisdictionId, id: uuidv7(now.getTime()), ...values, createdAt: at, updatedAt: at })
    .returning()
  await recordChange(work, 'funding-source.create', row!.id, values)
  return row!
}

/** Throws `not-found`, `precondition-failed`, `currency-mismatch`, `invalid-request`, `funding-source-name-taken`. */
export async function reviseSource(
  work: Work,
  id: string,
  changes: Partial<z.output<typeof FundingSourceChange>>,
  ifMatch: string | undefined,
): Promise<FundingSourceRow> {
  const { tx, jurisdictionId, now } = work
  const current = await lockSource(work, id, ifMatch)
  const city = await loadCity(tx, jurisdictionId)
  const next = { ...toSource(current), ...changes } as FundingSource
  assertCurrency(next.currency, city.currency)
  checkSource(next)
  await checkMatch(tx, jurisdictionId, id, next.matchSources)
  const [changed] = await tx
    .update(fundingSources)
    .set({ ...changes, version: current.version + 1, updatedAt: now.toISOString() })
    .where(ofJurisdiction(work, id))
    .returning()
  const fields = Object.keys(changes) as (keyof FundingSourceRow)[]
  await recordChange(work, 'funding-source.change', id, {
    before: Object.fromEntries(fields.map((name) => [name, current[name]])),
    after: changes,
  })
  return changed!
}

/** Removes a source that nothing names. Throws `not-found`, `precondition-failed`, `funding-source-in-use`. */
export async function removeSource(work: Work, id: string, ifMatch: string | undefined): Promise<void> {
  const { tx, jurisdictionId } = work
  const current = await lockSource(work, id, ifMatch)
  const named = await tx.$count(
    plans,
    and(
      eq(plans.jurisdictionId, jurisdictionId),
      sql`${plans.settings}->'fundingSources' @> ${JSON.stringify([id])}::jsonb`,
    ),
  )
  const used = await tx.$count(
    planActuals,
    and(eq(planActuals.jurisdictionId, jurisdictionId), eq(planActuals.fundingSourceId, id)),
  )
  const matched = await tx.$count(
    fundingSources,
    and(
      eq(fundingSources.jurisdictionId, jurisdictionId),
      sql`${id}::uuid = any (${fundingSources.matchSources})`,
    ),
  )
  if (named + used + matched > 0) {
    throw new DomainError(
      'funding-source-in-use',
      `${named} plans name it, ${matched} sources count it as match and ${used} entries were paid from it.`,
    )
  }
  await tx.delete(fundingSources).where(ofJurisdiction(work, id))
  await recordChange(work, 'funding-source.delete', id, { name: current.name })
}

function ofJurisdiction({ jurisdictionId }: Work, id: string) {
  return and(eq(fundingSources.jurisdictionId, jurisdictionId), eq(fundingSources.id, id))
}

async function lockSource(work: Work, id: string, ifMatch: string | undefined): Promise<FundingSourceRow> {
  const [current] = await work.tx.select().from(fundingSources).where(ofJurisdiction(work, id)).for('update')
  if (!current) throw notFound('funding source')
  assertMatch(ifMatch, current.version)
  return current
}

/** Fields that depend on each other. Throws `invalid-request`. */
export function checkSource(source: {
  readonly periodFrom: string | null
  readonly periodTo: string | null
  readonly yearCaps: readonly { readonly fiscalYear: number }[] | null
  readonly sharePercent: number
  readonly shareOf: string
  readonly carriesForward: boolean
}): void {
  const { periodFrom, periodTo, yearCaps } = source
  if (source.sharePercent < 100 && source.shareOf === 'fiscal-year' && source.carriesForward) {
    throw new DomainError('invalid-request', 'A share of each fiscal year cannot be carried forward.', {
      errors: [
        {
          pointer: '/carriesForward',
          code: 'not-together',
          message: 'must be false where the share is of each fiscal year; or make it a share of the award',
        },
      ],
    })
  }
  if (periodFrom !== null && periodTo !== null && periodTo <= periodFrom) {
    throw new DomainError('invalid-request', 'The period has no day.', {
      errors: [{ pointer: '/periodTo', code: 'before-start', message: 'must be after periodFrom' }],
    })
  }
  const years = (yearCaps ?? []).map((cap) => cap.fiscalYear)
  const twice = years.findIndex((year, i) => years.indexOf(year) !== i)
  if (twice >= 0) {
    throw new DomainError('invalid-request', 'A fiscal year has two caps.', {
      errors: [{ pointer: `/yearCaps/${twice}`, code: 'repeated', message: 'names a year a second time' }],
    })
  }
}

/** Throws `invalid-request` unless the sources named as match are others of the city. */
async function checkMatch(
  tx: Tx,
  jurisdictionId: string,
  own: string | null,
  named: readonly string[] | null,
): Promise<void> {
  if (named === null || named.length === 0) return
  const rows = await tx
    .select({ id: fundingSources.id })
    .from(fundingSources)
    .where(eq(fundingSources.jurisdictionId, jurisdictionId))
  const known = new Set(rows.map((row) => row.id))
  const errors = named.flatMap((id, i) =>
    known.has(id) && id !== own
      ? []
      : [
          {
            pointer: `/matchSources/${i}`,
            code: 'unknown',
            message: id === own ? 'is the source itself' : 'is not a funding source of this city',
          },
        ],
  )
  if (errors.length > 0)
    throw new DomainError('invalid-request', 'A match comes from another source.', { errors })
}
