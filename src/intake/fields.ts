/**
 * The device fields a table can fill, and the words a city uses for them. Names are those of the API.
 */
import type { z } from 'zod'
import type { CustomChange } from '../device/custom.ts'
import { type CellKind, type Cells, cells } from '../device/field.ts'
import { DEVICE_FIELDS, type DeviceField as StoredField } from '../device/fields.ts'

type FromFiles = {
  [K in StoredField]: (typeof DEVICE_FIELDS)[K]['cells'] extends null ? never : K
}[StoredField]

/**
 * A device as one row tells it: undefined is "no such column", null is "the cell is blank". Makers and models stand as
 * declared, only outer white space removed; coordinates are degrees, WGS 84.
 */
export type DeviceRow = {
  [K in FromFiles]?: z.infer<(typeof DEVICE_FIELDS)[K]['read']> | null
} & {
  siteName?: string | null
  /** The id that the register gave it, in a file that came from there. */
  deviceId?: string | null
  /** Of the city's own fields those that have a column; null where the cell says nothing. */
  custom?: CustomChange
}

export type DeviceField = Exclude<keyof DeviceRow, 'custom'>

/**
 * What a column can be besides a field of one device: both coordinates in one cell, which fill `latitude` and
 * `longitude`, and the number of equal devices that a row stands for.
 */
export type ColumnField = DeviceField | 'coordinates' | 'quantity'

/** What an issue is about: a field, or one of the city's own. */
export type NamedField = ColumnField | `custom.${string}`

type FieldKind = CellKind | 'point' | 'count'

export interface FieldSpec extends Omit<Cells, 'kind' | 'headers'> {
  readonly kind: FieldKind
  /** As `Cells` has them, folded by `foldHeader`. */
  readonly headers: readonly (readonly string[])[]
}

/** No column we know has a longer name. */
const MAX_NAME_LENGTH = 200

/** Columns that are no field of a device, and the field before which they are looked for. */
const BESIDE: readonly (readonly [StoredField, ColumnField, FieldKind, readonly string[]])[] = [
  ['assetTag', 'deviceId', 'text', ['camledger id, camledger device id']],
  [
    'updateChannel',
    'coordinates',
    'point',
    [
      'coordinates, coordinate, lat long, lat lon, lat lng, latitude longitude, gps, gps coordinates, geolocation, geo location, georeference, geometry, geom, the geom, wkt, point',
    ],
  ],
  [
    'updateChannel',
    'quantity',
    'count',
    [
      'qty, quantity, number of cameras, number of devices, number of units, camera count, device count, cameras count, no of cameras, no of units, no of devices, qty installed, quantity on hand, qty on hand, cantidad, cant, num cameras, numero de camaras',
      'count, units, cameras, devices',
    ],
  ],
  [
    'department',
    'siteName',
    'text',
    [
      'site name, site, sitio, nombre del sitio',
      'location name, site location, default location',
      'facility, facility name, instalacion, campus, school',
      'building, building name, edificio, gebaude, batiment',
      'intersection, cross street, cross streets, interseccion',
      'location, loc, where, ubicacion, standort, emplacement, location view, camera location, device location, localizacion, installed location, install location',
      'location description',
      'address, street address, site address, location address, direccion, physical address',
    ],
  ],
]

const folded = (stated: Cells, kind: FieldKind = stated.kind): FieldSpec => ({
  ...stated,
  kind,
  headers: stated.headers.map(words),
})

/** In the order in which columns are looked for. */
export const FIELDS = Object.fromEntries(
  Object.entries(DEVICE_FIELDS).flatMap(([name, { cells: own }]) => [
    ...BESIDE.filter(([before]) => before === name).map(([, field, kind, headers]) => [
      field,
      folded(cells('text', headers, { maxLength: kind === 'text' ? 200 : 0 }), kind),
    ]),
    ...(own === null ? [] : [[name, folded(own)]]),
  ]),
) as Readonly<Record<ColumnField, FieldSpec>>

export const COLUMN_FIELDS = Object.keys(FIELDS) as readonly ColumnField[]

/** Texts that no screening reads, of the device itself: a cell that names a restricted maker is heard nevertheless. */
export const HEARD_FIELDS: ReadonlySet<ColumnField> = new Set<ColumnField>([
  'hostName',
  'supplier',
  'purchaseOrder',
  'invoice',
  'room',
  'rack',
  'department',
])

/** At least one of these is needed: a row without them says nothing about a device. */
export const DISTINGUISHING_FIELDS = [
  'assetTag',
  'serialNumber',
  'manufacturer',
  'model',
  'macAddress',
  'fccId',
] as const satisfies readonly DeviceField[]

/** Names that mean the model in one program and the class in another. The cells decide, or a person. */
export const MODEL_OR_CLASS: readonly string[] = words(
  'type, device type, kind, asset kind, product type, tipo, typ, unit type, type of device, tipo de dispositivo',
)

/** Headers that name one thing in one file and something else in the next: these fields need cells that fit. */
export const CELLS_DECIDE: ReadonlySet<string> = new Set(
  words(
    'physical address, version, state, condition, condicion, estado, unit, entity, alias, count, units, cameras, devices, device, equipment, equipo, hardware, cam, camera, camara, part, each, total, grant, serie, number, no, numero, id, school, default location, role, instalacion, service tag, alias, received, amount, received date, address, warranty, warranty date, garantia, platform, machine type, neighbor platform, remote platform, importe, nvr, dvr, recorder, video recorder, grabadora, hardware address, host, xaddrs, xaddr, service address, device url, network parameters, connection address, model key, oem',
  ),
)

/** The recorder that a camera hangs on, or the devices themselves in a list of recorders. */
export const RECORDER_OR_NAME: ReadonlySet<string> = new Set(
  words('nvr, dvr, recorder, video recorder, grabadora'),
)

/** Whoever is meant sold the device, unless the file shows that it is the maker. */
export const SELLER_OR_MAKER: ReadonlySet<string> = new Set(words('vendor, vendor name, vendors'))

/** A file of purchases: its vendors are sellers. */
export const PURCHASE_HEADERS: ReadonlySet<string> = new Set(
  words(
    'po, po number, purchase order, purchase order number, po date, invoice, invoice number, invoice date, voucher, voucher number, check number, requisition, gl account, account, account code, fund, order number, acq date, purchase date, acquisition date, date acquired, purchased, cost, price, unit cost, unit price, total cost, purchase cost, purchase price, amount, quantity, qty, contract number, bid number, warranty, warranty expires, depreciation, useful life, book value',
  ),
)

/** The cost is of all devices of a row, or of one; other cost headers may be either. */
export const TOTAL_COST: ReadonlySet<string> = new Set(
  words(
    'total cost, total price, total, extended cost, extended price, ext cost, ext price, line total, total amount, amount, amount paid, costo total',
  ),
)
export const UNIT_COST: ReadonlySet<string> = new Set(
  words(
    'acquisition cost cents, unit cost, unit price, cost each, price each, cost per unit, price per unit, each, costo unitario, precio unitario, cost ea, unit cost usd, price, precio',
  ),
)

/** What programs put before the name of a field, and after it: `_snipeit_mac_address_1`, `u_serial_number`, `cf_mac`. */
const OF_PROGRAMS = /^(?:_snipeit|u|cf|custom(?: field)?|attributes?|properties)[_. :-]+(.*?)(?:_\d+)?$/i
const OF_A_THING = /^(?:hardware|camera|device|unit|asset|equipment|nvr)[ _-]*(?=[a-z])(.+)$/i

/** A header without what says whose field it is; '' where nothing does. A version of the hardware is none of the firmware. */
export function withoutPrefix(header: string): string {
  const text = header.trim()
  const rest = OF_PROGRAMS.exec(text)?.[1] ?? OF_A_THING.exec(text)?.[1]
  return rest === undefined || /^(?:version|revision|rev)$/i.test(rest) ? '' : foldHeader(rest)
}

function words(list: string): string[] {
  return list.split(', ').map(foldHeader)
}

/** Header text without case, spaces and punctuation; `#` and a last `No.` read as "number", a trailing unit in brackets is left out, but not one that would make an amount another ("in thousands"). '' when too long to be a name. */
export function foldHeader(header: string): string {
  if (header.length > MAX_NAME_LENGTH) return ''
  return header
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .replace(/[([](?![^)\]]*(?:thousand|million|000|\bk\b))[^)\]]*[)\]]\s*\*?\s*$/i, '')
    .replaceAll('#', 'number')
    .toLowerCase()
    .replace(/(?<=[\p{L}\p{N}][^\p{L}\p{N}]+)(?:no|num|nbr)[^\p{L}\p{N}]*$/u, 'number')
    .replace(/[^\p{L}\p{N}]+/gu, '')
}
