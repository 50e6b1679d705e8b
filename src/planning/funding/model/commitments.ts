/**
 * What orders and payments have taken from the funds. An order reserves its money; what is paid on it takes
 * the place of the reserve, so that per order the larger of ordered and paid counts, never the sum.
 */
import type { PlainDate } from '../../../lib/calendar.ts'
import type { Cents } from '../../../lib/money.ts'
import { type FiscalYear, fiscalYearOf } from '../../model/fiscal-year.ts'

export interface MoneyEntry {
  readonly kind: 'purchase-order' | 'payment'
  readonly siteId: string | null
  readonly fundingSourceId: string | null
  /** Number of the order, invoice or claim. */
  readonly reference: string | null
  readonly amountCents: Cents
  readonly occurredOn: PlainDate
}

/** Cents taken from one fund for one site; null where the entries do not name one. */
export interface Commitment {
  readonly siteId: string | null
  readonly fundingSourceId: string | null
  /** Of the order; of the payment where there was none. */
  readonly fiscalYear: FiscalYear
  readonly cents: Cents
  /** The part that is paid. */
  readonly paidCents: Cents
}

/** What another plan of the city takes from a fund. */
export interface Elsewhere {
  readonly planId: string
  readonly plan: string
  readonly fundingSourceId: string
  readonly fiscalYear: FiscalYear
  readonly cents: Cents
  /** `committed` is ordered or paid, `scheduled` is what its latest schedule still counts on. */
  readonly kind: 'committed' | 'scheduled'
}

interface Order {
  readonly siteId: string | null
  readonly fundingSourceId: string | null
  readonly reference: string | null
  readonly fiscalYear: FiscalYear
  ordered: Cents
  paid: Cents
}

/**
 * The commitments that the entries of one plan come to.
 *
 * A payment with the number of an order pays that order. One without pays what is still open at the same site
 * from the same fund; an entry that names no fund goes with any. What no order covers counts by itself.
 */
export function commitmentsOf(entries: readonly MoneyEntry[], startMonth: number): readonly Commitment[] {
  const byDay = [...entries].sort((a, b) => (a.occurredOn < b.occurredOn ? -1 : 1))
  const orders: Order[] = []
  const orderFor = (entry: MoneyEntry): Order => {
    const same = orders.find(
      (one) =>
        one.reference === entry.reference &&
        one.siteId === entry.siteId &&
        one.fundingSourceId === entry.fundingSourceId,
    )
    if (same) return same
    const { siteId, fundingSourceId, reference } = entry
    const fiscalYear = fiscalYearOf(entry.occurredOn, startMonth)
    const made: Order = { siteId, fundingSourceId, reference, fiscalYear, ordered: 0n, paid: 0n }
    orders.push(made)
    return made
  }
  for (const entry of byDay) if (entry.kind === 'purchase-order') orderFor(entry).ordered += entry.amountCents
  const loose: MoneyEntry[] = []
  for (const entry of byDay) {
    if (entry.kind !== 'payment') continue
    const numbered = entry.reference === null ? [] : orders.filter((o) => o.reference === entry.reference)
    const order = bestFor(entry, numbered)
    if (order === undefined) loose.push(entry)
    else order.paid += entry.amountCents
  }
  const found = orders.map(
    (order): Commitment => ({
      ...placeOf(order),
      cents: order.ordered > order.paid ? order.ordered : order.paid,
      paidCents: order.paid,
    }),
  )
  return netted([...found, ...payOpen(loose, orders, found, startMonth)])
}

function placeOf({ siteId, fundingSourceId, fiscalYear }: Order) {
  return { siteId, fundingSourceId, fiscalYear }
}

function bestFor(entry: MoneyEntry, orders: readonly Order[]): Order | undefined {
  const isSameFund = (order: Order) => order.fundingSourceId === entry.fundingSourceId
  const isSameSite = (order: Order) => order.siteId === entry.siteId
  return (
    orders.find((order) => isSameFund(order) && isSameSite(order)) ??
    orders.find(isSameFund) ??
    orders.find(isSameSite) ??
    orders[0]
  )
}

/** Payments that name no order: on what is open at the site, the rest by themselves. */
function payOpen(
  loose: readonly MoneyEntry[],
  orders: readonly Order[],
  found: Commitment[],
  startMonth: number,
): readonly Commitment[] {
  const open = orders.map((order) => (order.ordered > order.paid ? order.ordered - order.paid : 0n))
  const rest: Commitment[] = []
  for (const { siteId, fundingSourceId, amountCents, occurredOn } of loose) {
    let left = amountCents
    for (const [i, order] of orders.entries()) {
      const isSame =
        order.siteId === siteId &&
        (fundingSourceId === null ||
          order.fundingSourceId === null ||
          order.fundingSourceId === fundingSourceId)
      if (!isSame || left <= 0n || open[i] === 0n) continue
      const part = left < open[i]! ? left : open[i]!
      open[i]! -= part
      left -= part
      found[i] = { ...found[i]!, paidCents: found[i]!.paidCents + part }
    }
    const fiscalYear = fiscalYearOf(occurredOn, startMonth)
    if (left !== 0n) rest.push({ siteId, fundingSourceId, fiscalYear, cents: left, paidCents: left })
  }
  return rest
}

/** Added up by site, fund and year; what was put right is taken off the same site and fund, latest year first. */
function netted(commitments: readonly Commitment[]): readonly Commitment[] {
  const totals = new Map<string, { -readonly [K in keyof Commitment]: Commitment[K] }>()
  for (const one of commitments) {
    const key = JSON.stringify([one.siteId, one.fundingSourceId, one.fiscalYear])
    const known = totals.get(key)
    if (known) {
      known.cents += one.cents
      known.paidCents += one.paidCents
    } else totals.set(key, { ...one })
  }
  const all = [...totals.values()].sort((a, b) => b.fiscalYear - a.fiscalYear)
  for (const over of all.filter((one) => one.cents < 0n)) {
    for (const other of all) {
      const isSame = other.siteId === over.siteId && other.fundingSourceId === over.fundingSourceId
      if (!isSame || other.cents <= 0n || over.cents >= 0n) continue
      const part = other.cents < -over.cents ? other.cents : -over.cents
      other.cents -= part
      other.paidCents -= part < other.paidCents ? part : other.paidCents
      over.cents += part
    }
  }
  return all.filter((one) => one.cents > 0n).reverse()
}
