/** The elements of a capital page, and how a line's expected cost falls to them. */
import { type Cents, split } from '../../../lib/money.ts'
import type { Category } from '../../costs/model/catalogue.ts'
import type { EstimateDocument } from '../../documents.ts'
import { isWithoutUplift } from '../../estimate/model/cost-lines.ts'
import type { StoredLine } from '../../estimate/model/job.ts'

export const ELEMENTS = [
  'Engineering and design',
  'Land',
  'Construction and installation',
  'Inspection',
  'Equipment and software',
  'Removal and disposal',
  'Administration, training, other',
] as const
export type Element = (typeof ELEMENTS)[number]

function elementOf(line: StoredLine): Element {
  const code = line.tags.code ?? ''
  if (code === 'HRS-SURVEY') return 'Engineering and design'
  if (code === 'HRS-ASBUILT') return 'Inspection'
  const category = (line.tags.category ?? '') as Category
  if (category === 'disposal') return 'Removal and disposal'
  if (category.startsWith('labor') || category === 'access') return 'Construction and installation'
  if (category === 'soft') return 'Administration, training, other'
  return 'Equipment and software'
}

/** Where a percentage on top of cost belongs. */
function elementOfUplift(code: string, of: Element): Element {
  if (code === 'SFT-ENG') return 'Engineering and design'
  if (code === 'SFT-PM' || code === 'SFT-PROC') return 'Administration, training, other'
  return of
}

/** An amount of a line by element: its own first, with the percentages that belong to it; whole cents that add up. */
export function elementsIn(estimate: EstimateDocument) {
  const uplifts = upliftsOf(estimate)
  return (
    line: StoredLine,
    cents: Cents,
  ): readonly { readonly element: Element; readonly cents: Cents }[] => {
    const own = elementOf(line)
    const shares = uplifts(line)
    const amounts = split(
      cents,
      shares.map((share) => share.weight),
    )
    const byElement = new Map<Element, Cents>([[own, 0n]])
    for (const [i, share] of shares.entries()) {
      const element = elementOfUplift(share.code, own)
      byElement.set(element, (byElement.get(element) ?? 0n) + amounts[i]!)
    }
    return [...byElement].map(([element, amount]) => ({ element, cents: amount }))
  }
}

/** The parts of a line's expected cost: the thing itself and each percentage on top, by whole weights. */
function upliftsOf(estimate: EstimateDocument) {
  const { percentCodes, contractorPercent } = estimate.settings
  const prices = new Map(estimate.prices.map((price) => [price.code, price]))
  const known = new Map<string, readonly { code: string; weight: bigint }[]>()
  const weightOf = (percentage: number) => BigInt(Math.round(percentage * 1e6))
  return (line: StoredLine) => {
    const category = line.tags.category ?? ''
    let parts = known.get(category)
    if (!parts) {
      const isBare = isWithoutUplift(category)
      const isGoods = category.startsWith('hardware') || category === 'material'
      const bearing = isBare
        ? []
        : percentCodes.filter((code) => isGoods || prices.get(code)?.unit === 'percent-of-direct')
      parts = [
        { code: '', weight: weightOf(isBare ? 100 : 100 + contractorPercent) },
        ...bearing.map((code) => ({ code, weight: weightOf(prices.get(code)!.expected) })),
      ]
      known.set(category, parts)
    }
    return parts
  }
}
