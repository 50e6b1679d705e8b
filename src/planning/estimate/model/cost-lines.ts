/** From prices to the lines of an estimate. */
import { ONE, percent, plus, type Ratio } from '../../../lib/money.ts'
import { type Category, isUplift } from '../../costs/model/catalogue.ts'
import { type Price, type Prices, valuesOf } from '../../costs/model/prices.ts'
import type { CostKind } from '../../funding/model/rules.ts'
import { InvalidInput, refuse } from '../../model/errors.ts'
import type { CostClass, Decimal, EstimateLine, Variable } from './cost-model.ts'

/** The class whose errors a row shares; null for rows that are no line: rates, lives, check figures. */
export function costClassOf(category: Category): CostClass | null {
  switch (category) {
    case 'hardware.camera':
    case 'hardware.recorder':
    case 'hardware.storage':
    case 'hardware.network':
    case 'material':
    case 'operations':
      return 'equip'
    case 'software.license':
    case 'recurring.license':
    case 'recurring.subscription':
    case 'recurring.connectivity':
    case 'soft':
      return 'soft'
    case 'labor.install':
    case 'labor.rate':
    case 'labor.hours':
      return 'labor'
    case 'access':
      return 'access'
    case 'disposal':
      return 'disp'
    case 'soft.percent':
    case 'turnkey':
    case 'rate.percent':
    case 'life':
      return null
    default:
      return category satisfies never
  }
}

/** How grants and bonds see a cost. */
function costKindOf(category: Category): CostKind {
  if (category.startsWith('recurring')) return 'recurring'
  return category.startsWith('soft') && category !== 'software.license' ? 'soft' : 'hard'
}

/** The three points of a price as a variable of the estimate; its key is the code, so that lines share it. */
function variableOf(price: Price): Variable {
  return { key: price.code, ...valuesOf(price) }
}

export interface LineOrder {
  /** Put before the code to make the line's key; unique per site and bundle. */
  readonly keyPrefix: string
  readonly codes: readonly string[]
  readonly quantity: Decimal
  readonly multiplier?: Ratio
  readonly tags?: Readonly<Record<string, string>>
}

/** One estimate line from one code, or from hours and the rate that pays them. Throws InvalidInput. */
export function lineOf(order: LineOrder, prices: Prices): EstimateLine {
  const parts = order.codes.map((code) => priceFor(code, prices))
  const lead = parts[0]!
  const ofClass = costClassOf(lead.row.category)
  if (ofClass === null || parts.filter((part) => part.row.measure === 'cents').length !== 1)
    refuse([{ pointer: '/codes', detail: `${order.codes.join(' x ')} is not a cost: one price is needed.` }])
  return {
    key: `${order.keyPrefix}${order.codes.join('*')}`,
    label: lead.row.description,
    class: ofClass!,
    quantity: order.quantity,
    factors: parts.map(variableOf),
    multiplier: order.multiplier ?? ONE,
    tags: {
      ...order.tags,
      code: lead.code,
      category: lead.row.category,
      costKind: costKindOf(lead.row.category),
      activity: lead.row.category === 'disposal' ? 'disposal' : 'replacement',
    },
  }
}

/** Codes that are multiplied with each other, and how many units of them are paid. */
export type Part = readonly [codes: readonly string[], quantity: number]

/** Lines of parts, those of no units left out. Throws InvalidInput. */
export function linesOf(
  parts: readonly Part[],
  terms: {
    readonly keyPrefix: string
    readonly tags?: Readonly<Record<string, string>>
    /** Given the row that leads the line and the one that is paid, which are the same for a plain price. */
    readonly multiplierOf?: (lead: Price, paid: Price) => Ratio
  },
  prices: Prices,
): readonly EstimateLine[] {
  const { keyPrefix, tags, multiplierOf } = terms
  return parts
    .filter(([, quantity]) => quantity > 0)
    .map(([codes, quantity]) => {
      const parts = codes.map((code) => priceFor(code, prices))
      const paid = parts.find((part) => part.row.measure === 'cents')
      const multiplier = multiplierOf && paid ? multiplierOf(parts[0]!, paid) : ONE
      return lineOf({ keyPrefix, codes, quantity, multiplier, ...(tags ? { tags } : {}) }, prices)
    })
}

/** Soft cost, and what comes every year: nobody manages, designs or ships a subscription. */
export function isWithoutUplift(category: string): boolean {
  return (category.startsWith('soft') && category !== 'software.license') || category.startsWith('recurring')
}

/**
 * The multiplier of a line: 1 plus the expected values of the percent rows that bear on its category, plus
 * the general contractor's part. Percentages of direct cost bear on everything but soft and recurring cost, those of
 * hardware and tax on equipment and material. They add up, they do not compound.
 */
export function upliftOf(
  category: Category,
  terms: { readonly percentCodes: readonly string[]; readonly contractorPercent: Decimal },
  prices: Prices,
): Ratio {
  if (isWithoutUplift(category)) return ONE
  const isGoods = category.startsWith('hardware') || category === 'material'
  let uplift = plus(ONE, percent(terms.contractorPercent))
  for (const code of terms.percentCodes) {
    const price = priceFor(code, prices)
    if (!isUplift(price.row))
      refuse([{ pointer: '/percentCodes', detail: `${code} is not a percentage on top of cost.` }])
    if (price.row.unit === 'percent-of-direct' || isGoods) uplift = plus(uplift, percent(price.expected))
  }
  return uplift
}

export function priceFor(code: string, prices: Prices): Price {
  const price = prices.get(code)
  if (!price) throw new InvalidInput([{ pointer: '/codes', detail: `${code} is not in the catalog.` }])
  return price
}
