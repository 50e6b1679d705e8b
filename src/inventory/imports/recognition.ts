/** By what a row of a file is known when it comes again, beside its asset tag. */
import { createHash } from 'node:crypto'
import type { DeviceRow } from '../../intake/fields.ts'
import type { RowIssue } from '../../intake/rows.ts'

export interface Recognition {
  /** What is stored with a device that has no tag. */
  readonly importKey: string | null
  /** What it may be stored under, in the order of belief. */
  readonly keys: readonly string[]
}

/** Text in one form of letters and one case, without spaces at its ends or twice between. */
export function folded(text: string): string {
  return text.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim()
}

/**
 * A device without a tag is stored under its serial number, else its MAC address, else what describes it. What may
 * be added to a list later (a department, a date, a note) describes nothing: a new column makes no new devices.
 * `repeats` counts equal rows, which are told apart by their order.
 */
export function recognition(device: DeviceRow, repeats: Map<string, number>): Recognition {
  const { assetTag, serialNumber, macAddress } = device
  const keys: string[] = []
  if (serialNumber != null) keys.push(`serial:${serialNumber}`)
  if (macAddress != null) keys.push(`mac:${macAddress}`)
  if (assetTag != null) return { importKey: null, keys }
  if (keys.length > 0) return { importKey: keys[0]!, keys }
  const likeness = nth('like', describing(device), repeats)
  // As rows were known in earlier versions.
  return { importKey: likeness, keys: [likeness, nth('row', JSON.stringify(device), repeats)] }
}

function describing({ manufacturer, model, name, siteName, fccId, latitude, longitude }: DeviceRow): string {
  const texts = [manufacturer, model, name, siteName, fccId].map((text) => folded(text ?? ''))
  return JSON.stringify([...texts, latitude ?? null, longitude ?? null])
}

function nth(kind: string, text: string, repeats: Map<string, number>): string {
  const digest = createHash('sha256').update(text).digest('base64url').slice(0, 22)
  const times = (repeats.get(digest) ?? 0) + 1
  repeats.set(digest, times)
  return `${kind}:${digest}:${times}`
}

type Unit = Readonly<Record<string, unknown>>

/** Makers number their devices by themselves: the same serial number with another address is another device. */
export function isSameUnit(row: Unit, found: Unit): boolean {
  const [is, was] = [row.macAddress ?? null, found.macAddress ?? null]
  return is === null || was === null || is === was
}

/** Serial numbers and addresses that are kept in mind; a file with more is watched in its beginning only. */
const MOST = 50_000

/** Finds devices of one file that say they are one and the same. */
export class SameUnits {
  readonly #tags = new Map<string, string>()

  /** Warnings for what an earlier row has said of itself too. */
  sameAs(values: Partial<Record<string, unknown>>): RowIssue[] {
    const tag = typeof values.assetTag === 'string' ? values.assetTag : null
    if (tag === null) return []
    const issues: RowIssue[] = []
    for (const [field, what] of [
      ['serialNumber', 'serial number'],
      ['macAddress', 'MAC address'],
    ] as const) {
      const value = values[field]
      if (typeof value !== 'string') continue
      const earlier = this.#tags.get(`${field} ${value}`)
      if (earlier !== undefined) {
        const message = `The device ${JSON.stringify(earlier)} of this file has the same ${what}: one device may be listed twice.`
        issues.push({ column: null, header: what, field, value, code: 'same-unit', message })
      } else if (this.#tags.size < MOST) this.#tags.set(`${field} ${value}`, tag)
    }
    return issues
  }
}
