/**
 * The device fields a table can fill, and the words a city uses for them. Names are those of the API.
 */
import type { DeviceClass, FundingSource, Purpose, UpdateChannel } from '../catalogue/facts.ts'

/** A device as one row tells it: undefined is "no such column", null is "the cell is blank". */
export interface DeviceRow {
  assetTag?: string | null
  serialNumber?: string | null
  name?: string | null
  /** As declared, only outer white space removed. */
  manufacturer?: string | null
  /** As declared, only outer white space removed. */
  model?: string | null
  /** `AA:BB:CC:DD:EE:FF` */
  macAddress?: string | null
  fccId?: string | null
  firmwareVersion?: string | null
  deviceClass?: DeviceClass | null
  hasRadio?: boolean | null
  status?: 'planned' | 'active' | 'stored' | 'decommissioned' | null
  purpose?: Purpose | null
  enforcementUse?: boolean | null
  acquiredOn?: string | null
  obligatedOn?: string | null
  paidOn?: string | null
  installedOn?: string | null
  producedOn?: string | null
  fundingSource?: FundingSource | null
  federalPassThrough?: boolean | null
  acquisitionCostCents?: number | null
  /** ISO 4217 */
  currency?: string | null
  /** Degrees, WGS 84 */
  latitude?: number | null
  /** Degrees, WGS 84 */
  longitude?: number | null
  updateChannel?: UpdateChannel | null
  networkExposure?: 'isolated' | 'routed' | 'internet' | null
  paidSupport?: boolean | null
  firmwareObtainedOn?: string | null
  fccSubsidy?: boolean | null
  /** ISO 3166-1 alpha-2 */
  producedIn?: string | null
  consumerGrade?: boolean | null
  modelAuthorizedOn?: string | null
  coveredComponent?: boolean | null
  socMaker?: string | null
  siteName?: string | null
  department?: string | null
  notes?: string | null
}

export type DeviceField = keyof DeviceRow

/**
 * What a column can be besides a field of one device: both coordinates in one cell, which fill `latitude` and
 * `longitude`, and the number of equal devices that a row stands for.
 */
export type ColumnField = DeviceField | 'coordinates' | 'quantity'

type FieldKind =
  | 'text'
  | 'tag'
  | 'mac'
  | 'date'
  | 'flag'
  | 'word'
  | 'money'
  | 'currency'
  | 'country'
  | 'degrees'
  | 'point'
  | 'count'

export interface FieldSpec {
  readonly kind: FieldKind
  /** Longest text, in characters; 0 where the kind sets its own. */
  readonly maxLength: number
  /**
   * Header words, folded by `foldHeader`. The first list wins over the second: `Camera ID` is an asset tag
   * even when there is a column `ID` beside it. Two columns in the same list are a question for a person.
   */
  readonly headers: readonly (readonly string[])[]
  /** Tells who made a device: never cut. */
  readonly isEvidence: boolean
  /** Later lists stand in for the first where its cells are blank: `Model` beside `Model No.`. */
  readonly isFilledUp: boolean
}

const spec = (kind: FieldKind, maxLength: number, headers: string[][]): FieldSpec => ({
  ...{ kind, maxLength, headers, isEvidence: false, isFilledUp: false },
})
const text = (maxLength: number, ...headers: string[][]): FieldSpec => spec('text', maxLength, headers)
const evidence = (...headers: string[][]): FieldSpec => ({ ...spec('text', 200, headers), isEvidence: true })
const tag = (maxLength: number, ...headers: string[][]): FieldSpec => spec('tag', maxLength, headers)
const of = (kind: FieldKind, ...headers: string[][]): FieldSpec => spec(kind, 0, headers)

/** No column we know has a longer name. */
const MAX_NAME_LENGTH = 200

export const FIELDS: Readonly<Record<ColumnField, FieldSpec>> = {
  assetTag: tag(
    100,
    words(
      'asset tag, asset id, asset number, asset, tag number, tag id, property tag, property number, inventory number, inventory id, fixed asset number, fixed asset id, asset code, asset tag number, barcode, etiqueta de activo, numero de activo, numero de inventario, placa de inventario',
    ),
    words(
      'camera id, camera number, cam id, cam number, device id, device number, unit id, unit number, equipment id, equipment number, inv number, item number, nvr id, dvr id, nvr number, dvr number, recorder id, hardware id, camera tag, device tag, numero de camara, id de camara',
    ),
    words('tag, etiqueta'),
    words('id, number, no, numero'),
  ),
  serialNumber: tag(
    200,
    words(
      'serial number, serial, serial no, serial num, sn, device serial number, device serial, mfg serial, manufacturer serial number, camera serial number, camera serial, hardware serial, serial id, hardware serial number, service tag, numero de serie, serie, n serie, no serie, no de serie',
    ),
  ),
  name: text(
    200,
    words(
      'name, camera name, device name, asset name, item name, hardware name, nickname, short name, display name, nombre, nombre de la camara, nombre del dispositivo, nombre de camara',
    ),
    words('host name'),
    words('camera, camara, cam'),
    words('label, title, unit, entity, alias'),
    words('description, asset description, item description, descripcion'),
  ),
  manufacturer: evidence(
    words(
      'manufacturer, camera manufacturer, device manufacturer, manufacturer name, mfr, mfg, mfgr, manuf, make, maker, camera make, device make, make name, oem, oem manufacturer, real maker, actual maker, actual manufacturer, original manufacturer, fabricante, brand manufacturer, hardware manufacturer, mfr name, mfg name, manufacturer brand, nvr make, nvr manufacturer',
    ),
    words('brand, camera brand, brand name, marca'),
    words('vendor, vendor name, vendors, hardware vendor, device vendor, camera vendor'),
  ),
  model: {
    ...evidence(
      words(
        'model number, model no, model num, device model number, camera model number, numero de modelo, model id, model code',
      ),
      words(
        'model, model name, camera model, device model, product model, make model, make and model, manufacturer model, brand model, model make, mfr model, mfg model, hardware model, asset model, model type, unit model, modelo, marca modelo, marca y modelo, nvr model',
      ),
      words(
        'mpn, mfr part number, mfg part number, manufacturer part number, mfr number, mfg number, mfr part, part number, part no, part, partno, mfr item number, manufacturer number',
      ),
      words('product, product name, product number, sku, device type model, catalog number, hardware'),
      words('device, equipment, equipo'),
    ),
    isFilledUp: true,
  },
  macAddress: of(
    'mac',
    words(
      'mac address, mac, mac addr, macaddr, ethernet address, hardware mac, mac id, wired mac, lan mac, ethernet mac, hardware address, hw address, camera mac, camera mac address, device mac, device mac address, mac addresses, nic mac, direccion mac, eth0 mac, primary mac, primary mac address, wired mac address',
    ),
    words('physical address'),
  ),
  fccId: tag(50, words('fcc id, fcc, fcc number, fcc identifier')),
  firmwareVersion: evidence(
    words(
      'firmware version, firmware, fw, fw version, firmware rev, firmware revision, current firmware, current firmware version, camera firmware, fw ver, firmware ver, version de firmware, version del firmware, installed firmware',
    ),
    words('software version, sw version, version de software, os version'),
    words('version'),
  ),
  deviceClass: of(
    'word',
    words(
      'device class, class, category, asset category, device category, equipment type, asset type, camera type, device kind, role, device role, hardware type, categoria, clase, asset class, equipment category, item type, tipo de camara, tipo de equipo, model category',
    ),
  ),
  hasRadio: of('flag', words('has radio, radio, wireless, has wireless, has wifi, wifi')),
  status: of(
    'word',
    words(
      'status, current status, device status, camera status, asset status, lifecycle status, lifecycle state, install status, status label, status name, estado actual, life cycle stage, in service status',
    ),
    words('operational status, connection status, connection state, online status, estado'),
    words('state, condition, condicion, operational state'),
  ),
  purpose: of('word', words('purpose, use, use case, primary use, camera purpose')),
  enforcementUse: of('flag', words('enforcement use, enforcement, used for enforcement')),
  acquiredOn: of(
    'date',
    words(
      'acquired on, acquired, acquisition date, date acquired, purchase date, purchased, date purchased, purchased on, bought on, date bought, buy date, acq date, date of purchase, acquire date, fecha de compra, fecha de adquisicion, purch date, procured on, procurement date, date procured',
    ),
    words('order date, date ordered, invoice date, received, received date, date received, receipt date'),
  ),
  obligatedOn: of(
    'date',
    words('obligated on, obligation date, date obligated, contract date, po date, purchase order date'),
  ),
  paidOn: of('date', words('paid on, payment date, date paid, paid date, invoice paid')),
  installedOn: of(
    'date',
    words('installed on, installed, install date, installed date, installation date, date installed'),
    words(
      'turn on date, in service date, date in service, in service, commissioned, commission date, date commissioned, go live, go live date, put in service, placed in service, date placed in service',
    ),
  ),
  producedOn: of(
    'date',
    words(
      'produced on, production date, date produced, manufacture date, manufactured on, date of manufacture, manufacturing date, mfg date, year manufactured, manufacture year, manufactured date, fecha de fabricacion',
    ),
  ),
  fundingSource: of(
    'word',
    words(
      'funding source, funding, fund source, source of funds, funded by, funding type, paid by, paid from, grant funding, grant, grant name, fuente de fondos, fuente de financiamiento, financiamiento',
    ),
    words('fund'),
  ),
  federalPassThrough: of('flag', words('federal pass through, pass through, federal pass thru')),
  acquisitionCostCents: of(
    'money',
    words('acquisition cost cents'),
    words(
      'acquisition cost, purchase cost, purchase price, price paid, amount paid, original cost, acquisition value, acq cost, purchase value, costo de adquisicion',
    ),
    words(
      'unit cost, unit price, cost each, price each, cost per unit, price per unit, each, costo unitario, precio unitario, cost ea, unit cost usd',
    ),
    words('cost, price, costo, coste, precio, amount'),
    words(
      'total cost, total price, total, extended cost, extended price, ext cost, ext price, line total, total amount, costo total',
    ),
  ),
  currency: of('currency', words('currency, currency code')),
  latitude: of('degrees', words('latitude, lat, gps lat, gps latitude, y coord, lat dd, latitud')),
  longitude: of(
    'degrees',
    words('longitude, lon, long, lng, gps lon, gps long, gps longitude, x coord, lon dd, long dd, longitud'),
  ),
  coordinates: of(
    'point',
    words(
      'coordinates, coordinate, lat long, lat lon, lat lng, latitude longitude, gps, gps coordinates, geolocation, geo location, georeference, geometry, geom, the geom, wkt, point',
    ),
  ),
  quantity: of(
    'count',
    words(
      'qty, quantity, number of cameras, number of devices, number of units, camera count, device count, cameras count, no of cameras, no of units, no of devices, qty installed, quantity on hand, qty on hand, cantidad, cant, num cameras, numero de camaras',
    ),
    words('count, units, cameras, devices'),
  ),
  updateChannel: of('word', words('update channel, firmware source, update source')),
  networkExposure: of('word', words('network exposure, exposure, network zone, network access')),
  paidSupport: of(
    'flag',
    words('paid support, support contract, maintenance plan, under maintenance, under support'),
  ),
  firmwareObtainedOn: of('date', words('firmware obtained on, firmware date, firmware obtained')),
  fccSubsidy: of(
    'flag',
    words('fcc subsidy, fcc support, e rate, erate, e rate funded, universal service, usf funded'),
  ),
  producedIn: of(
    'country',
    words(
      'produced in, country of origin, country of manufacture, manufactured in, made in, origin country, coo, country produced',
    ),
  ),
  consumerGrade: of('flag', words('consumer grade, consumer product, consumer, household product')),
  modelAuthorizedOn: of(
    'date',
    words('model authorized on, fcc authorization date, fcc grant date, authorization date, grant date'),
  ),
  coveredComponent: of(
    'flag',
    words('covered component, covered components, contains covered components, has covered component'),
  ),
  socMaker: text(
    200,
    words('soc maker, soc vendor, soc manufacturer, soc, chipset, chipset maker, chipset vendor, main chip'),
  ),
  siteName: text(
    200,
    words('site name, site, sitio, nombre del sitio'),
    words('location name, site location, default location'),
    words('facility, facility name, instalacion, campus, school'),
    words('building, building name, edificio'),
    words('intersection, cross street, cross streets, interseccion'),
    words(
      'location, loc, where, ubicacion, camera location, device location, localizacion, installed location, install location',
    ),
    words('location description'),
    words('address, street address, site address, location address, direccion, physical address'),
  ),
  department: text(
    200,
    words(
      'department, dept, division, owning department, owner department, agency, bureau, custodian department, departamento, dependencia, tenant, department name',
    ),
  ),
  notes: text(
    2000,
    words('notes, note, notas, nota'),
    words('comments, comment, comentarios, comentario'),
    words('remarks, remark, observaciones, observacion'),
    words('asset notes, additional information, additional info'),
  ),
}

export const COLUMN_FIELDS = Object.keys(FIELDS) as readonly ColumnField[]

/** At least one of these is needed: a row without them says nothing about a device. */
export const TELLING_FIELDS = [
  'assetTag',
  'serialNumber',
  'manufacturer',
  'model',
  'macAddress',
  'fccId',
] as const satisfies readonly DeviceField[]

/** Names that mean the model in one program and the class in another. The cells decide, or a person. */
export const MODEL_OR_CLASS: readonly string[] = words(
  'type, device type, kind, asset kind, product type, tipo, unit type, type of device, tipo de dispositivo',
)

/** Headers that name one thing in one file and something else in the next: these fields need cells that fit. */
export const CELLS_DECIDE: ReadonlySet<string> = new Set(
  words(
    'physical address, version, state, condition, condicion, estado, unit, entity, alias, count, units, cameras, devices, device, equipment, equipo, hardware, cam, camera, camara, part, each, total, grant, serie, number, no, numero, id, school, default location, role, instalacion, service tag, alias, received, amount, received date',
  ),
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
