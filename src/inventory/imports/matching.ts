/** Which device of the register a row is about, and which rows of a file are about the same one. Pure. */
import { folded, isSameUnit } from './recognition.ts'
import type { Refused, Wanted } from './wanted.ts'

export interface Existing extends Record<string, unknown> {
  readonly id: string
  readonly importKey: string | null
  readonly importId: string | null
  readonly isTouched: boolean
  readonly profileId: string
  readonly version: number
  readonly assetTag: string | null
}

/** What no other row of the file may say. */
export function keysOf({ values, keys }: Wanted): readonly string[] {
  return values.assetTag == null ? keys : [`tag:${String(values.assetTag)}`]
}

/** The device that a row is about: by its tag, then by what else it is known by. */
export function recognized(
  row: Wanted,
  existing: ReadonlyMap<string, Existing>,
  taken: ReadonlySet<string>,
): Existing | undefined {
  const byTag = row.values.assetTag == null ? undefined : existing.get(`tag:${String(row.values.assetTag)}`)
  if (byTag !== undefined) return byTag
  const known = row.keys.map((key) => existing.get(key))
  return known.find((found) => found !== undefined && !taken.has(found.id) && isSameUnit(row.values, found))
}

/** A row that says another maker, model and serial number under a known tag is another device with a used tag. */
export function isAnother({ values }: Wanted, found: Existing): boolean {
  return (['manufacturer', 'model', 'serialNumber'] as const).every((field) => {
    const [is, was] = [values[field], found[field]]
    return typeof is === 'string' && typeof was === 'string' && folded(is) !== folded(was)
  })
}

export function asAnother({ row, sheet, position, raw, values }: Wanted): Refused {
  const message =
    'The device with this tag has another maker, model and serial number. Nothing was changed: give the new device a tag of its own, or correct the register first.'
  const value = String(values.assetTag)
  const issue = { column: null, header: null, field: 'assetTag', value, code: 'another-device', message }
  return { row, sheet, position, raw, errors: [issue] }
}

export function asRepeated({ row, sheet, position, raw, values, importKey }: Wanted): Refused {
  const tag = importKey === null ? String(values.assetTag) : null
  const what = tag === null ? `device (${importKey!.replace(':', ' ')})` : `asset tag ${JSON.stringify(tag)}`
  const issue = {
    column: null,
    header: null,
    field: tag === null ? null : 'assetTag',
    value: tag,
    code: 'repeated-device',
    message: `the ${what} came earlier in this file`,
  }
  return { row, sheet, position, raw, errors: [issue] }
}

/** Within one batch: the first row of each device, and the rows that repeat one or one of those before. */
export function splitRepeated(
  rows: readonly Wanted[],
  before: ReadonlySet<string> | null,
): { unique: Wanted[]; repeated: Wanted[] } {
  const seen = new Set<string>()
  const isSeen = (key: string) => seen.has(key) || before?.has(key) === true
  const unique: Wanted[] = []
  const repeated: Wanted[] = []
  for (const row of rows) {
    const keys = keysOf(row)
    // With a serial number that came before and an address that did not, it is another device.
    const fresh = keys.find((key) => !isSeen(key))
    if (fresh === undefined || (isSeen(keys[0]!) && !fresh.startsWith('mac:'))) repeated.push(row)
    else {
      if (row.importKey !== null) row.importKey = fresh
      unique.push(row)
    }
    for (const key of keys) seen.add(key)
  }
  return { unique, repeated }
}
