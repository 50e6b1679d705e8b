/**
 * Which device of the register a row is about, and which rows of a file are about the same one: by the id of an export, asset tag, serial
 * number, MAC address and external id in turn. Pure.
 *
 * To take two devices for one loses a device, and nobody sees it; to take one for two shows in the report of duplicates.
 * So whatever contradicts, however little, makes two.
 */
import type { RowIssue } from '../../intake/rows.ts'
import { folded } from '../../lib/letters.ts'
import { type Key, type KeyKind, sameUnit, storedKey } from './recognition.ts'
import type { Refused, Wanted } from './wanted.ts'

type Unit = Readonly<Record<string, unknown>>

export interface Existing extends Record<string, unknown> {
  readonly id: string
  readonly importKey: string | null
  readonly importSource: string | null
  readonly importId: string | null
  readonly isTouched: boolean
  readonly profileId: string
  readonly version: number
  readonly assetTag: string | null
}

/** Devices that rows of a batch may be about, by what finds them. */
export class KnownDevices {
  readonly #by = new Map<string, Existing[]>()

  add(key: string, device: Existing): void {
    const there = this.#by.get(key)
    if (there === undefined) this.#by.set(key, [device])
    else there.push(device)
  }

  of(key: string): readonly Existing[] {
    return this.#by.get(key) ?? NONE
  }
}

const NONE: readonly Existing[] = []

export function tagKey(tag: unknown): string {
  return `tag:${folded(String(tag))}`
}

/** What the file at hand is called, and its import. */
export interface Feed {
  readonly source: string
  readonly importId: string
}

export type Found =
  | { readonly how: 'new' | 'unclear' | 'contradicted' }
  | { readonly how: 'known'; readonly device: Existing }

/** The device that a row is about. `taken` are those that other rows of the batch are about. */
export function recognized(
  { values, keys }: Wanted,
  known: KnownDevices,
  taken: ReadonlySet<string>,
  feed: Feed,
): Found {
  const own = keys[0]?.kind === 'id' ? known.of(storedKey(keys[0]))[0] : undefined
  if (own !== undefined) return { how: 'known', device: own }
  if (values.assetTag != null) {
    const found = known.of(tagKey(values.assetTag))
    const exact = found.find(({ assetTag }) => assetTag === values.assetTag) ?? found[0]
    if (exact !== undefined && exact.assetTag !== values.assetTag && found.length > 1)
      return { how: 'unclear' }
    if (exact !== undefined) return { how: 'known', device: exact }
  }
  for (const key of keys) {
    const free = known.of(storedKey(key)).filter(({ id }) => !taken.has(id))
    const same = free.filter((device) => isSameUnit(key.kind, values, device, feed))
    if (same.length > 0) return { how: 'known', device: first(same, feed) }
    if (key.kind === 'external' && free.some((device) => !differ('assetTag', values, device)))
      return { how: 'contradicted' }
  }
  return { how: 'new' }
}

/** Of several, one of this feed; else the oldest. */
function first(devices: readonly Existing[], { source }: Feed): Existing {
  const own = devices.filter(({ importSource }) => importSource === source)
  return [...(own.length > 0 ? own : devices)].sort((a, b) => (a.id < b.id ? -1 : 1))[0]!
}

/** Whether a device that was found by such a key is the one that the row is about. */
function isSameUnit(kind: KeyKind, row: Unit, device: Existing, { source, importId }: Feed): boolean {
  if (!couldBeSame(kind, row, device)) return false
  const isOfThisFile = device.importId === importId || device.isTouched
  if (kind === 'mac') return !isOfThisFile || !differ('serialNumber', row, device)
  // A serial number is unique within its maker only, and another program may tell of another maker's devices.
  return kind !== 'serial' || device.importSource === source || !isOtherModel(row, device)
}

/** Whether two that share such a key can be one. Makers number their devices by themselves. */
function couldBeSame(kind: KeyKind, one: Unit, other: Unit): boolean {
  if (kind === 'id') return true
  if (differ('assetTag', one, other)) return false
  if (kind === 'mac') return true
  if (differ('macAddress', one, other)) return false
  if (kind === 'external') return !differ('serialNumber', one, other)
  return kind !== 'serial' || !differ('manufacturer', one, other) || !isOtherModel(one, other)
}

function differ(field: string, one: Unit, other: Unit): boolean {
  const [a, b] = [one[field], other[field]]
  return typeof a === 'string' && typeof b === 'string' && folded(a) !== folded(b)
}

/** `P3245-LVE` and `AXIS P3245-LVE Network Camera` may be one model. */
function isOtherModel(one: Unit, other: Unit): boolean {
  const [a, b] = [bare(one.model), bare(other.model)]
  return a !== '' && b !== '' && !a.includes(b) && !b.includes(a)
}

function bare(text: unknown): string {
  return typeof text === 'string' ? folded(text).replace(/[^\p{L}\p{N}]/gu, '') : ''
}

/**
 * A row that says another maker, model and serial number of a known device is about another device. Where the maker is
 * not said, or only the address tells devices apart, the address decides.
 */
export function isAnother({ values }: Wanted, device: Existing): boolean {
  const differs = (field: string) => differ(field, values, device)
  if (differs('manufacturer') && differs('model') && differs('serialNumber')) return true
  if (!differs('macAddress')) return false
  return differs('model') && (differs('serialNumber') || differs('manufacturer'))
}

/** Devices of the register that say the same of themselves as a row that is taken for a new one. */
export function doublesOf({ values, keys }: Wanted, known: KnownDevices): RowIssue[] {
  return keys.flatMap((key) => {
    if (key.kind !== 'serial' && key.kind !== 'mac') return []
    const twin = known
      .of(storedKey(key))
      .find((device) => key.kind === 'mac' || !differ('macAddress', values, device))
    if (twin === undefined) return []
    const field = key.kind === 'mac' ? 'macAddress' : 'serialNumber'
    const called = twin.assetTag === null ? twin.id : JSON.stringify(twin.assetTag)
    return [sameUnit(field, String(values[field]), `The device ${called} of the register`)]
  })
}

const HELD = {
  'another-device':
    'The device that this row names has another maker, model and serial number, or another address. Nothing was changed: give the new device a tag of its own, or correct the register first.',
  'unclear-device':
    'Several devices have this tag in other letters. Nothing was changed: write the tag as the register does.',
} as const

/** A row that a person has to look at. */
export function asHeld({ row, sheet, position, raw, values }: Wanted, code: keyof typeof HELD): Refused {
  const field = values.assetTag == null ? 'externalId' : 'assetTag'
  const value = values[field] == null ? null : String(values[field])
  return {
    row,
    sheet,
    position,
    raw,
    errors: [{ column: null, header: null, field, value, code, message: HELD[code] }],
  }
}

export function asRepeated({ row, sheet, position, raw, values, keys }: Wanted): Refused {
  const tag = values.assetTag == null ? null : String(values.assetTag)
  const what = tag === null ? `device (${calledBy(keys[0]!)})` : `asset tag ${JSON.stringify(tag)}`
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

const KEY_NAMES = {
  id: 'id',
  serial: 'serial',
  mac: 'mac',
  external: 'external id',
  like: 'like',
  row: 'row',
} as const

function calledBy({ kind, text }: Key): string {
  return `${KEY_NAMES[kind]} ${text}`
}

/** What rows of a file have said of themselves, by each of their keys. */
export type Seen = Map<string, Unit>

/** Within one batch: the first row of each device, and the rows that repeat one or one of those before. */
export function splitRepeated(
  rows: readonly Wanted[],
  before: Seen | null,
): { unique: Wanted[]; repeated: Wanted[] } {
  const seen: Seen = before ?? new Map()
  const unique: Wanted[] = []
  const repeated: Wanted[] = []
  for (const row of rows) {
    const { values, keys } = row
    const tag = values.assetTag == null ? null : tagKey(values.assetTag)
    if ((tag !== null && seen.has(tag)) || keys.some((key) => isRepeated(key, values, seen))) {
      repeated.push(row)
      continue
    }
    unique.push(row)
    const fresh = keys.map(storedKey).filter((key) => !seen.has(key))
    // Two devices with one serial number are stored under their addresses.
    if (row.importKey !== null) row.importKey = fresh.find((key) => !key.startsWith('id:')) ?? null
    const said = saidBy(values)
    for (const key of tag === null ? fresh : [tag, ...fresh]) seen.set(key, said)
  }
  return { unique, repeated }
}

function isRepeated(key: Key, values: Unit, seen: Seen): boolean {
  const said = seen.get(storedKey(key))
  if (said === undefined || !couldBeSame(key.kind, values, said)) return false
  return key.kind !== 'mac' || !differ('serialNumber', values, said)
}

function saidBy({ assetTag, serialNumber, macAddress, manufacturer, model }: Unit): Unit {
  return { assetTag, serialNumber, macAddress, manufacturer, model }
}
