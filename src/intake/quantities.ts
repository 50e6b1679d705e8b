/** A row that stands for several equal devices becomes as many: each can be moved, replaced and counted by itself. */
import { type ColumnField, type DeviceRow, foldHeader, TOTAL_COST, UNIT_COST } from './fields.ts'

/** A larger number is more likely no quantity. */
export const MOST_OF_A_ROW = 1_000

/** What a cost beside a quantity is the cost of. */
export type CostMeaning = 'each' | 'all' | 'unclear'

export function costMeaning(header: string): CostMeaning {
  const name = foldHeader(header)
  if (UNIT_COST.has(name)) return 'each'
  return TOTAL_COST.has(name) ? 'all' : 'unclear'
}

const DEVICES = 'cameras|cams|domes|bullets|turrets|nvrs|dvrs|recorders|units'
const IN_TEXT = new RegExp(
  String.raw`^\((\d{1,3})\)\s|^(\d{1,3}) ?(?:x|ea|each|pcs)\b(?! *(?:\d|zoom))|\b(\d{1,3}) ?(?:ea|each|pcs|pieces)\.?$|\b(?:qty|quantity)[:. ]{1,2}(\d{1,3})\b|^(\d{1,3}) (?!-?ch)(?=.{0,80}\b(?:${DEVICES})\b)`,
  'i',
)

/** How many devices the text of a row may stand for, 2 and more: `(12) AXIS DOME`, `HIKVISION CAMERAS 16EA`; null otherwise. */
export function quantityIn(text: string): number | null {
  const found = IN_TEXT.exec(text.slice(0, 300).trim())
  const quantity = Number(found?.slice(1).find((digits) => digits !== undefined) ?? 0)
  return quantity > 1 ? quantity : null
}

interface QuantityRemark {
  readonly field: ColumnField
  readonly code: 'one-of-many' | 'unclear-cost'
  readonly message: string
}

/**
 * The devices of a row. Tags are numbered, so that the same row finds the same devices again; what only one of them
 * can have (serial number, MAC address) is the first one's. A total is shared out to the cent.
 */
export function devicesOf(
  device: DeviceRow,
  quantity: number,
  meaning: CostMeaning,
): { devices: DeviceRow[]; remarks: QuantityRemark[] } {
  const remarks: QuantityRemark[] = []
  for (const field of ['serialNumber', 'macAddress'] as const) {
    if (device[field] == null) continue
    const message = `The row stands for ${quantity} devices; what only one can have is kept for the first.`
    remarks.push({ field, code: 'one-of-many', message })
  }
  const cents = device.acquisitionCostCents ?? null
  if (cents !== null && meaning === 'unclear') {
    const message = `The cost may be that of one or of all ${quantity} devices; it stays unknown. Call the column "Unit cost" or "Total cost".`
    remarks.push({ field: 'acquisitionCostCents', code: 'unclear-cost', message })
  }
  const devices = Array.from({ length: quantity }, (_, i): DeviceRow => {
    const one = { ...device }
    if (device.assetTag != null) one.assetTag = `${device.assetTag} #${i + 1}`
    if (i > 0 && device.serialNumber != null) one.serialNumber = null
    if (i > 0 && device.macAddress != null) one.macAddress = null
    if (cents !== null && meaning !== 'each')
      one.acquisitionCostCents = meaning === 'all' ? shareOfTotal(cents, quantity, i) : null
    return one
  })
  return { devices, remarks }
}

function shareOfTotal(cents: number, quantity: number, at: number): number {
  const share = Math.floor(cents / quantity)
  return at < cents - share * quantity ? share + 1 : share
}
