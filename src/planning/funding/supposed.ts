/** Funding sources as they would be: some with other fields, some that are not there. Nothing is stored. */
import type { z } from 'zod'
import type { Tx } from '../../db/database.ts'
import { DomainError, type FieldProblem } from '../../http/problems.ts'
import { uuidOf } from '../../lib/ids.ts'
import type { City } from '../context.ts'
import type { NamedSource } from './model/rules.ts'
import type { FundingSourceChange, FundingSourceRow, FundingSourceWrite } from './schemas.ts'
import { checkSource, namedSource, sourceRows } from './sources.ts'

export interface SupposedMoney {
  readonly funds: readonly (Partial<z.output<typeof FundingSourceChange>> & {
    readonly fundingSourceId: string
  })[]
  readonly newFunds: readonly Omit<z.output<typeof FundingSourceWrite>, 'jurisdictionId' | 'currency'>[]
}

/** What to make of the sources of a plan. Throws `invalid-request` with the place of what is wrong. */
export async function supposedSources(
  tx: Tx,
  city: City,
  { funds, newFunds }: SupposedMoney,
  place: string,
): Promise<(own: readonly NamedSource[]) => readonly NamedSource[]> {
  const rows = new Map((await sourceRows(tx, city.id)).map((row) => [row.id, row]))
  const changed = new Map<string, FundingSourceRow>()
  const errors: FieldProblem[] = []
  for (const [i, { fundingSourceId, ...changes }] of funds.entries()) {
    const at = `${place}/funds/${i}`
    const row = rows.get(fundingSourceId)
    if (!row || changed.has(fundingSourceId)) {
      errors.push({
        pointer: `${at}/fundingSourceId`,
        code: row ? 'repeated' : 'unknown',
        message: row ? 'is named twice' : 'is not a funding source of this jurisdiction',
      })
      continue
    }
    const next = { ...row, ...changes } as FundingSourceRow
    errors.push(...faultsOf(next, city, rows, at))
    changed.set(fundingSourceId, next)
  }
  const added = newFunds.map((wish, i): FundingSourceRow => {
    const id = uuidOf(JSON.stringify([place, i, wish.name]))
    const row = {
      ...wish,
      id,
      jurisdictionId: city.id,
      currency: city.currency,
      paysBetterment: wish.paysBetterment ?? !wish.isFederal,
    } as unknown as FundingSourceRow
    errors.push(...faultsOf(row, city, rows, `${place}/newFunds/${i}`))
    return row
  })
  if (errors.length > 0)
    throw new DomainError('invalid-request', 'The money cannot be supposed so.', { errors })
  return (own) => inOrder(own, rows, changed, added)
}

/** The sources of the plan in the order in which they pay, the new ones where their priority puts them. */
function inOrder(
  own: readonly NamedSource[],
  rows: ReadonlyMap<string, FundingSourceRow>,
  changed: ReadonlyMap<string, FundingSourceRow>,
  added: readonly FundingSourceRow[],
): readonly NamedSource[] {
  const kept = own.map(({ id }) => changed.get(id) ?? rows.get(id)!)
  const all = [...kept]
  for (const row of added) {
    const at = all.findIndex(({ priority }) => priority > row.priority)
    all.splice(at < 0 ? all.length : at, 0, row)
  }
  return all.map(namedSource)
}

function faultsOf(
  source: FundingSourceRow,
  city: City,
  known: ReadonlyMap<string, FundingSourceRow>,
  at: string,
): FieldProblem[] {
  const faults: FieldProblem[] = []
  if (source.currency !== city.currency)
    faults.push({ pointer: `${at}/currency`, code: 'currency-mismatch', message: `must be ${city.currency}` })
  for (const [i, id] of (source.matchSources ?? []).entries())
    if (!known.has(id) || id === source.id)
      faults.push({
        pointer: `${at}/matchSources/${i}`,
        code: 'unknown',
        message: 'is not another funding source of this city',
      })
  try {
    checkSource(source as Parameters<typeof checkSource>[0])
  } catch (error) {
    if (!(error instanceof DomainError)) throw error
    for (const one of error.errors ?? []) faults.push({ ...one, pointer: `${at}${one.pointer}` })
  }
  return faults
}
