/**
 * The device fields a table can fill, and the words a city uses for them. Names are those of the API.
 */
import type { DeviceClass, FundingSource, Purpose, UpdateChannel } from '../regimes/determination.ts'

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

/** A column may also hold both coordinates in one cell; it fills `latitude` and `longitude`. */
export type ColumnField = DeviceField | 'coordinates'

export type FieldKind =
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

export interface FieldSpec {
  readonly kind: FieldKind
  /** Longest text, in characters; 0 where the kind sets its own. */
  readonly maxLength: number
  /**
   * Header words, folded by `foldHeader`. The first list wins over the second: `Camera ID` is an asset tag
   * even when there is a column `ID` beside it. Two columns in the same list are a question for a person.
   */
  readonly headers: readonly (readonly string[])[]
}

const text = (maxLength: number, ...headers: string[][]): FieldSpec => ({ kind: 'text', maxLength, headers })
const tag = (maxLength: number, ...headers: string[][]): FieldSpec => ({ kind: 'tag', maxLength, headers })
const of = (kind: FieldKind, ...headers: string[][]): FieldSpec => ({ kind, maxLength: 0, headers })

/** No column we know has a longer name. */
const MAX_NAME_LENGTH = 200

export const FIELDS: Readonly<Record<ColumnField, FieldSpec>> = {
  assetTag: tag(
    100,
    words(
      'asset tag, asset id, asset number, asset, tag number, tag id, property tag, property number, inventory number, inventory id',
    ),
    words(
      'camera id, camera number, cam id, cam number, device id, device number, unit id, unit number, equipment id, equipment number, inv number, item number',
    ),
    words('tag'),
    words('id, number'),
  ),
  serialNumber: tag(
    200,
    words(
      'serial number, serial, serial no, serial num, sn, device serial number, device serial, mfg serial, manufacturer serial number',
    ),
  ),
  name: text(
    200,
    words('name, camera name, device name, asset name, item name, hardware name, nickname'),
    words('host name'),
    words('camera'),
    words('label, title'),
    words('description'),
  ),
  manufacturer: text(
    200,
    words(
      'manufacturer, camera manufacturer, device manufacturer, manufacturer name, mfr, mfg, mfgr, manuf, make, maker, vendor name, camera make, oem, oem manufacturer, real maker, actual maker, actual manufacturer, original manufacturer',
    ),
    words('brand, camera brand, vendor'),
  ),
  model: text(
    200,
    words(
      'model, model number, model no, model num, model name, camera model, device model, product model, make model, part number, part no',
    ),
    words('product, product name, product number, sku, device type model'),
  ),
  macAddress: of(
    'mac',
    words(
      'mac address, mac, mac addr, ethernet address, hardware mac, mac id, wired mac, lan mac, ethernet mac, hardware address, hw address, physical address',
    ),
  ),
  fccId: tag(50, words('fcc id, fcc, fcc number, fcc identifier')),
  firmwareVersion: text(
    200,
    words('firmware version, firmware, fw, fw version, firmware rev'),
    words('software version'),
  ),
  deviceClass: of(
    'word',
    words(
      'device class, class, category, asset category, device category, equipment type, asset type, camera type, device kind',
    ),
  ),
  hasRadio: of('flag', words('has radio, radio, wireless, has wireless, has wifi, wifi')),
  status: of(
    'word',
    words('status, current status, device status, camera status, asset status, lifecycle status'),
    words('operational status'),
  ),
  purpose: of('word', words('purpose, use, use case, primary use, camera purpose')),
  enforcementUse: of('flag', words('enforcement use, enforcement, used for enforcement')),
  acquiredOn: of(
    'date',
    words(
      'acquired on, acquired, acquisition date, date acquired, purchase date, purchased, date purchased, purchased on, bought on, date bought, buy date',
    ),
    words('order date, date ordered'),
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
      'produced on, production date, date produced, manufacture date, manufactured on, date of manufacture, manufacturing date, mfg date',
    ),
  ),
  fundingSource: of(
    'word',
    words(
      'funding source, funding, fund source, source of funds, funded by, funding type, paid by, paid from',
    ),
    words('fund'),
  ),
  federalPassThrough: of('flag', words('federal pass through, pass through, federal pass thru')),
  acquisitionCostCents: of(
    'money',
    words('acquisition cost cents'),
    words('acquisition cost, purchase cost, purchase price, price paid, amount paid'),
    words('unit cost, unit price'),
    words('cost, price'),
    words('total cost'),
  ),
  currency: of('currency', words('currency, currency code')),
  latitude: of('degrees', words('latitude, lat, gps lat, gps latitude, y coord, lat dd')),
  longitude: of(
    'degrees',
    words('longitude, lon, long, lng, gps lon, gps long, gps longitude, x coord, lon dd, long dd'),
  ),
  coordinates: of(
    'point',
    words(
      'coordinates, coordinate, lat long, lat lon, lat lng, latitude longitude, gps, gps coordinates, geolocation, geo location, georeference, geometry, geom, the geom, wkt, point',
    ),
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
    words('site name, site'),
    words('location name, site location'),
    words('facility, facility name'),
    words('building'),
    words('intersection'),
    words('location, loc, where'),
    words('location description'),
    words('address'),
  ),
  department: text(
    200,
    words(
      'department, dept, division, owning department, owner department, agency, bureau, custodian department',
    ),
  ),
  notes: text(2000, words('notes, note'), words('comments, comment'), words('remarks'), words('asset notes')),
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
export const MODEL_OR_CLASS: readonly string[] = words('type, device type, kind, asset kind')

function words(list: string): string[] {
  return list.split(', ').map(foldHeader)
}

/** Header text without case, spaces and punctuation; `#` and a last `No.` read as "number", a trailing unit in brackets is left out, but not one that would make an amount another ("in thousands"). '' when too long to be a name. */
export function foldHeader(header: string): string {
  if (header.length > MAX_NAME_LENGTH) return ''
  return header
    .normalize('NFKC')
    .replace(/[([](?![^)\]]*(?:thousand|million|000|\bk\b))[^)\]]*[)\]]\s*\*?\s*$/i, '')
    .replaceAll('#', 'number')
    .toLowerCase()
    .replace(/(?<=[\p{L}\p{N}][^\p{L}\p{N}]+)(?:no|num|nbr)[^\p{L}\p{N}]*$/u, 'number')
    .replace(/[^\p{L}\p{N}]+/gu, '')
}
