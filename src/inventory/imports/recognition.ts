/** By what a row of a file is known when it comes again, beside its asset tag. Pure. */
import { createHash } from 'node:crypto'
import type { DeviceRow } from '../../intake/fields.ts'
import type { RowIssue } from '../../intake/rows.ts'
import { isUuid } from '../../lib/ids.ts'
import { folded } from '../../lib/letters.ts'

/** What devices are looked for by when no tag finds one, in the order of belief. */
export type KeyKind = 'id' | 'serial' | 'mac' | 'external' | 'like' | 'row'

export interface Key {
  readonly kind: KeyKind
  /** As rows and devices are compared by. */
  readonly text: string
}

export interface Recognition {
  /** What is stored with a device that has no tag. */
  readonly importKey: string | null
  readonly keys: readonly Key[]
}

export function storedKey({ kind, text }: Key): string {
  return `${kind}:${text}`
}

/**
 * A device without a tag is stored under its serial number, else its MAC address, else the id that its program gives
 * it, else what describes it. What may be added to a list later (a department, a date, a note) describes nothing: a new
 * column makes no new devices. `repeats` counts equal rows, which are told apart by their order.
 */
export function recognition(device: DeviceRow, repeats: Map<string, number>): Recognition {
  const { assetTag, serialNumber, macAddress, externalId, deviceId } = device
  // An id is the register's own: nothing is stored under it.
  const own: Key[] =
    deviceId != null && isUuid(deviceId) ? [{ kind: 'id', text: deviceId.toLowerCase() }] : []
  const keys: Key[] = []
  if (serialNumber != null) keys.push({ kind: 'serial', text: folded(serialNumber) })
  if (macAddress != null) keys.push({ kind: 'mac', text: macAddress })
  if (externalId != null) keys.push({ kind: 'external', text: folded(externalId) })
  const all = [...own, ...keys]
  if (assetTag != null) return { importKey: null, keys: all }
  if (keys.length > 0) return { importKey: storedKey(keys[0]!), keys: all }
  const likeness = nth('like', describing(device), repeats)
  // As rows were known in earlier versions.
  return {
    importKey: storedKey(likeness),
    keys: [...own, likeness, nth('row', JSON.stringify(device), repeats)],
  }
}

function describing(device: DeviceRow): string {
  const { manufacturer, model, name, hostName, siteName, fccId, latitude, longitude } = device
  const texts = [manufacturer, model, name ?? hostName, siteName, fccId].map((text) => folded(text ?? ''))
  return JSON.stringify([...texts, latitude ?? null, longitude ?? null])
}

function nth(kind: 'like' | 'row', text: string, repeats: Map<string, number>): Key {
  const digest = createHash('sha256').update(text).digest('base64url').slice(0, 22)
  const times = (repeats.get(digest) ?? 0) + 1
  repeats.set(digest, times)
  return { kind, text: `${digest}:${times}` }
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
    for (const field of ['serialNumber', 'macAddress'] as const) {
      const value = values[field]
      if (typeof value !== 'string') continue
      const key = `${field} ${folded(value)}`
      const earlier = this.#tags.get(key)
      if (earlier !== undefined)
        issues.push(sameUnit(field, value, `The device ${JSON.stringify(earlier)} of this file`))
      else if (this.#tags.size < MOST) this.#tags.set(key, tag)
    }
    return issues
  }
}

const CALLED = { serialNumber: 'serial number', macAddress: 'MAC address' } as const

/** The warning that a row and something known say the same of themselves. */
export function sameUnit(field: keyof typeof CALLED, value: string, known: string): RowIssue {
  const message = `${known} has the same ${CALLED[field]}: one device may be listed twice.`
  return { column: null, header: CALLED[field], field, value, code: 'same-unit', message }
}
