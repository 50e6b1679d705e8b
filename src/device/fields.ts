/**
 * What a device is made of: one row a field, in the order in which devices are shown.
 *
 * Shapes of the API, columns of answers and of files, what a screening reads and what an import writes are made from
 * it. A new field is a row here, its column in `db/schema/inventory.ts` with a migration, and, when a rule reads it, its
 * type in `catalogue/facts.ts`.
 */
import { z } from 'zod'
import type { DeviceFacts } from '../catalogue/facts.ts'
import { Cents, Country, Currency, Id, IpAddress, Latitude, Longitude } from '../http/schemas.ts'
import { DEVICE_CLASSES, EXPOSURES, FUNDING_SOURCES, PURPOSES, STATUSES, UPDATE_CHANNELS } from './choices.ts'
import { CustomRead, CustomWrite } from './custom.ts'
import { cells, choice, day, type Field, type Screened, words, yesNo } from './field.ts'
import { MakerStatement } from './statement.ts'

export const DEVICE_FIELDS = {
  siteId: {
    column: 'site_id',
    type: 'uuid',
    write: Id.nullable(),
    read: z.string().nullable(),
    screened: null,
    cells: null,
    filter: { kind: 'id' },
  },
  assetTag: words('asset_tag', {
    maxLength: 100,
    kind: 'tag',
    about: 'unique within a jurisdiction; imports match on it',
    screened: 'mention',
    headers: [
      'asset tag, asset id, asset number, asset, tag number, tag id, property tag, property number, inventory number, inventory id, fixed asset number, fixed asset id, asset code, asset tag number, barcode, etiqueta de activo, numero de activo, numero de inventario, placa de inventario, no de inventario, n de inventario, numero inventario, folio de inventario, inventarnummer, inventarnr',
      'camera id, camera number, cam id, cam number, device id, device number, unit id, unit number, equipment id, equipment number, inv number, item number, nvr id, dvr id, nvr number, dvr number, recorder id, hardware id, camera tag, device tag, numero de camara, id de camara',
      'tag, etiqueta',
      'id, number, no, numero',
    ],
  }),
  serialNumber: words('serial_number', {
    maxLength: 100,
    kind: 'tag',
    maxInFiles: 200,
    screened: 'mention',
    headers: [
      'serial number, serial, serial no, serial num, sn, device serial number, device serial, mfg serial, manufacturer serial number, camera serial number, camera serial, hardware serial, serial id, hardware serial number, service tag, numero de serie, serie, n serie, no serie, no de serie, n de serie, num de serie, seriennummer, seriennr',
    ],
  }),
  name: words('name', {
    maxLength: 200,
    screened: 'mention',
    headers: [
      'name, camera name, device name, asset name, item name, node name, nickname, short name, display name, nombre, nombre de la camara, nombre del dispositivo, nombre de camara',
      'camera, camara, cam',
      'nvr, dvr, recorder, video recorder, grabadora',
      'hardware name',
      'label, title, unit, entity, alias',
      'description, asset description, item description, descripcion, concepto, bezeichnung, kamera',
    ],
  }),
  manufacturer: words('manufacturer', {
    maxLength: 200,
    isRepeating: true,
    isEvidence: true,
    about: 'as declared, kept verbatim',
    screened: 'evidence',
    headers: [
      'manufacturer, camera manufacturer, device manufacturer, manufacturer name, mfr, mfg, mfgr, manuf, make, maker, camera make, device make, make name, oem, oem manufacturer, real maker, actual maker, actual manufacturer, original manufacturer, model manufacturer, model id manufacturer, fabricante, hersteller, fabricant, brand manufacturer, hardware manufacturer, mfr name, mfg name, manufacturer brand, nvr make, nvr manufacturer',
      'brand, camera brand, brand name, marca, marke, marque',
      'vendor, vendor name, vendors, hardware vendor, device vendor, camera vendor',
    ],
  }),
  model: words('model', {
    maxLength: 200,
    isRepeating: true,
    isEvidence: true,
    isFilledUp: true,
    about: 'as declared, kept verbatim',
    screened: 'evidence',
    headers: [
      'model number, model no, model num, device model number, camera model number, numero de modelo, model id, model code',
      'model, model name, camera model, device model, product model, make model, make and model, manufacturer model, brand model, model make, mfr model, mfg model, hardware model, asset model, model type, unit model, modelo, modell, modele, marca modelo, marca y modelo, nvr model',
      'mpn, mfr part number, mfg part number, manufacturer part number, mfr number, mfg number, mfr part, part number, part no, part, partno, mfr item number, manufacturer number',
      'product, product name, product number, sku, device type model, catalog number, hardware',
      'device, equipment, equipo',
      'market name',
      'machine type, platform, neighbor platform, remote platform',
    ],
  }),
  macAddress: words('mac_address', {
    maxLength: 40,
    kind: 'mac',
    about: 'any common notation is read',
    screened: 'evidence',
    headers: [
      'mac address, mac, mac addr, macaddr, ethernet address, hardware mac, mac id, wired mac, lan mac, ethernet mac, hardware address, hw address, camera mac, camera mac address, device mac, device mac address, mac addresses, nic mac, direccion mac, adresse mac, mac adresse, eth0 mac, primary mac, primary mac address, wired mac address',
      'physical address',
    ],
  }),
  externalId: words('external_id', {
    maxLength: 200,
    kind: 'tag',
    about:
      'what the program that the list comes from calls the device; imports of the same source match on it',
    screened: 'mention',
    headers: [
      'external id, guid, uuid, object guid, device guid, camera guid, hardware guid, entity guid, unit guid, sys id, netbox id, source id, global id, globalid',
      'object id, objectid, record id',
    ],
  }),
  ipAddress: {
    column: 'ip_address',
    type: 'text',
    write: IpAddress.nullable(),
    read: z.string().nullable(),
    screened: null,
    cells: cells('address', [
      'ip address, ip, ip addr, ipv4 address, ipv4, ip v4, ip v4 address, camera ip, camera ip address, device ip, device ip address, primary ip, primary ip4, primary ipv4, primary ip address, static ip, lan ip, nvr ip, direccion ip, unit ip address, network ip, local ip, ip local, mgmt ip, management ip, management address, mgmt address, management ip address, neighbor ip, address ipv4, network address, ip address ipv4, ip domain name, ip address domain, ip adresse, adresse ip',
      'host, xaddrs, xaddr, service address, device url, network parameters, hardware address, connection address',
      'address, ipv6 address, primary ip6, primary ipv6',
    ]),
    filter: { kind: 'text', compared: 'ip', maxLength: 60 },
  },
  hostName: words('host_name', {
    maxLength: 255,
    screened: 'mention',
    headers: [
      'host name, neighbor device id, neighbor name, system name, remote system name, dns name, dns host name, fqdn, device host name, camera host name, network name, nombre de host, nombre de red',
    ],
  }),
  fccId: words('fcc_id', {
    maxLength: 40,
    kind: 'tag',
    maxInFiles: 50,
    screened: 'evidence',
    headers: ['fcc id, fcc, fcc number, fcc identifier'],
  }),
  firmwareVersion: words('firmware_version', {
    maxLength: 200,
    compared: 'exact',
    isRepeating: true,
    isEvidence: true,
    screened: 'evidence',
    headers: [
      'firmware version, firmware, fw, fw version, firmware rev, firmware revision, current firmware, current firmware version, camera firmware, fw ver, firmware ver, version de firmware, version del firmware, installed firmware',
      'software version, sw version, version de software, os version',
      'version',
    ],
  }),
  deviceClass: choice('device_class', DEVICE_CLASSES, {
    screened: 'fact',
    headers: [
      'device class, class, sys class name, model key, kategorie, category, asset category, device category, equipment type, asset type, camera type, device kind, role, device role, hardware type, categoria, clase, asset class, equipment category, item type, tipo de camara, tipo de equipo, model category',
    ],
  }),
  hasRadio: yesNo('has_radio', {
    screened: 'fact',
    headers: ['has radio, radio, wireless, has wireless, has wifi, wifi'],
  }),
  status: {
    column: 'status',
    type: 'text',
    write: z.enum(STATUSES),
    read: z.enum(STATUSES),
    screened: 'fact',
    cells: cells('word', [
      'status, current status, device status, camera status, asset status, lifecycle status, lifecycle state, install status, status label, status name, estado actual, life cycle stage, in service status',
      'operational status, connection status, connection state, online status, estado',
      'state, condition, condicion, operational state',
    ]),
    filter: { kind: 'choice', values: STATUSES, isAlwaysKnown: true },
  },
  purpose: choice('purpose', PURPOSES, {
    screened: 'fact',
    headers: ['purpose, use, use case, primary use, camera purpose'],
  }),
  enforcementUse: yesNo('enforcement_use', {
    about: 'traffic devices: used for enforcement, plate reading or emergencies',
    screened: 'fact',
    headers: ['enforcement use, enforcement, used for enforcement'],
  }),
  acquiredOn: day('acquired_on', {
    screened: 'day',
    headers: [
      'acquired on, acquired, acquisition date, date acquired, purchase date, purchased, date purchased, purchased on, bought on, date bought, buy date, acq date, date of purchase, acquire date, fecha de compra, fecha de adquisicion, kaufdatum, anschaffungsdatum, date d achat, purch date, procured on, procurement date, date procured',
      'order date, date ordered, invoice date, fecha de factura, fecha factura, received, received date, date received, receipt date',
    ],
  }),
  obligatedOn: day('obligated_on', {
    screened: 'day',
    headers: ['obligated on, obligation date, date obligated, contract date, po date, purchase order date'],
  }),
  paidOn: day('paid_on', {
    screened: 'day',
    headers: ['paid on, payment date, date paid, paid date, invoice paid'],
  }),
  installedOn: day('installed_on', {
    screened: 'day',
    headers: [
      'installed on, installed, install date, installed date, installation date, date installed, fecha de instalacion, fecha instalacion, instalado el, installationsdatum, einbaudatum, date d installation',
      'install dt, inst date, turn on date, in service date, date in service, in service, commissioned, commission date, date commissioned, go live, go live date, put in service, placed in service, date placed in service',
    ],
  }),
  producedOn: day('produced_on', {
    screened: 'day',
    headers: [
      'produced on, production date, date produced, manufacture date, manufactured on, date of manufacture, manufacturing date, mfg date, year manufactured, manufacture year, manufactured date, fecha de fabricacion',
    ],
  }),
  fundingSource: choice('funding_source', FUNDING_SOURCES, {
    screened: 'fact',
    headers: [
      'funding source, funding, fund source, source of funds, funded by, funding type, paid by, paid from, grant funding, grant, grant name, fuente de fondos, fuente de financiamiento, financiamiento',
      'fund',
    ],
  }),
  federalPassThrough: yesNo('federal_pass_through', {
    about: 'state grants: federal money passed through',
    screened: 'fact',
    headers: ['federal pass through, pass through, federal pass thru'],
  }),
  awardNumber: words('award_number', {
    maxLength: 100,
    kind: 'tag',
    isRepeating: true,
    about: 'number of the award that paid: the FAIN of a federal one',
    headers: [
      'award number, award id, award identification number, federal award identification number, federal award number, federal award id, fain, grant number, grant award number, grant id, numero de subvencion',
    ],
  }),
  assistanceListing: words('assistance_listing', {
    maxLength: 20,
    kind: 'tag',
    isRepeating: true,
    about: 'program of the award: its Assistance Listing (CFDA) number, such as 97.067',
    headers: [
      'assistance listing, assistance listing number, aln, cfda, cfda number, cfda no, assistance listings number',
    ],
  }),
  passThroughEntity: words('pass_through_entity', {
    maxLength: 200,
    isRepeating: true,
    about: 'who passed federal money on to the city',
    headers: ['pass through entity, pass through agency, pass through entity name, passed through by'],
  }),
  acquisitionCostCents: {
    column: 'acquisition_cost_cents',
    type: 'bigint',
    write: Cents.nullable(),
    read: z.number().nullable(),
    screened: null,
    cells: cells('money', [
      'acquisition cost cents',
      'acquisition cost, purchase cost, purchase price, price paid, amount paid, original cost, acquisition value, acq cost, purchase value, costo de adquisicion, anschaffungswert, anschaffungskosten, kaufpreis',
      'unit cost, unit price, cost each, price each, cost per unit, price per unit, each, costo unitario, precio unitario, cost ea, unit cost usd',
      'cost, price, costo, coste, precio, amount, preis, cout, prix',
      'total cost, total price, total, extended cost, extended price, ext cost, ext price, line total, total amount, costo total, importe, importe total',
    ]),
    filter: { kind: 'number' },
  },
  currency: {
    column: 'currency',
    type: 'text',
    write: Currency.nullable(),
    read: z.string().nullable(),
    screened: null,
    cells: cells('currency', ['currency, currency code']),
    filter: { kind: 'text', compared: 'caseless', maxLength: 3 },
  },
  latitude: {
    column: 'latitude',
    type: 'double precision',
    write: Latitude.nullable(),
    read: z.number().nullable(),
    screened: null,
    cells: cells('degrees', ['latitude, lat, gps lat, gps latitude, y coord, point y, lat dd, latitud']),
    filter: { kind: 'number' },
  },
  longitude: {
    column: 'longitude',
    type: 'double precision',
    write: Longitude.nullable(),
    read: z.number().nullable(),
    screened: null,
    cells: cells('degrees', [
      'longitude, lon, long, lng, gps lon, gps long, gps longitude, x coord, point x, lon dd, long dd, longitud',
    ]),
    filter: { kind: 'number' },
  },
  updateChannel: choice('update_channel', UPDATE_CHANNELS, {
    screened: 'fact',
    headers: ['update channel, firmware source, update source'],
  }),
  networkExposure: choice('network_exposure', EXPOSURES, {
    screened: 'fact',
    headers: ['network exposure, exposure, network zone, network access'],
  }),
  paidSupport: yesNo('paid_support', {
    about: 'updates come under a paid maintenance or cloud plan',
    screened: 'fact',
    headers: ['paid support, support contract, maintenance plan, under maintenance, under support'],
  }),
  firmwareObtainedOn: day('firmware_obtained_on', {
    about: 'day on which a firmware image now held offline was obtained and hashed',
    screened: 'day',
    headers: ['firmware obtained on, firmware date, firmware obtained'],
  }),
  fccSubsidy: yesNo('fcc_subsidy', {
    about:
      'paid from support that the FCC administers, such as E-Rate; for most cities stated once, on the jurisdiction',
    screened: 'fact',
    headers: ['fcc subsidy, fcc support, e rate, erate, e rate funded, universal service, usf funded'],
  }),
  producedIn: {
    column: 'produced_in',
    type: 'text',
    write: Country.nullable().meta({
      description: 'country in which the unit was produced; the catalog fills in what it knows of a maker',
    }),
    read: z.string().nullable(),
    screened: 'fact',
    cells: cells('country', [
      'produced in, country of origin, country of manufacture, manufactured in, made in, origin country, coo, country produced',
    ]),
    filter: { kind: 'text', compared: 'caseless', maxLength: 2 },
  },
  consumerGrade: yesNo('consumer_grade', {
    about: 'made for households; read for routers',
    screened: 'fact',
    headers: ['consumer grade, consumer product, consumer, household product'],
  }),
  modelAuthorizedOn: day('model_authorized_on', {
    about: 'day on which the FCC (or the maker’s own declaration) first authorized the model',
    screened: 'day',
    headers: ['model authorized on, fcc authorization date, fcc grant date, authorization date, grant date'],
  }),
  coveredComponent: yesNo('covered_component', {
    about:
      'what a written statement of the maker on this model says: whether it holds a component of a maker that section 889 covers; a seller’s “NDAA compliant” is no such statement',
    screened: 'fact',
    headers: ['covered component, covered components, contains covered components, has covered component'],
  }),
  socMaker: words('soc_maker', {
    maxLength: 200,
    isRepeating: true,
    about: 'who made the main chip (system on a chip), as the maker or its data sheet states; kept verbatim',
    screened: 'fact',
    headers: [
      'soc maker, soc vendor, soc manufacturer, soc, chipset, chipset maker, chipset vendor, main chip',
    ],
  }),
  supplier: words('supplier', {
    maxLength: 200,
    isRepeating: true,
    about: 'who sold it, which says nothing of who made it',
    screened: 'mention',
    headers: [
      'supplier, supplier name, seller, reseller, integrator, dealer, distributor, purchased from, bought from, proveedor, vendedor, distribuidor, supplied by',
      'vendor, vendor name, vendors',
    ],
  }),
  purchaseOrder: words('purchase_order', {
    maxLength: 100,
    isRepeating: true,
    screened: 'mention',
    headers: [
      'purchase order, purchase order number, po, po number, po id, orden de compra, numero de orden de compra, numero de orden, no de orden, no de orden de compra',
      'order number, requisition, requisition number',
    ],
  }),
  invoice: words('invoice', {
    maxLength: 100,
    isRepeating: true,
    screened: 'mention',
    headers: [
      'invoice, invoice number, invoice id, voucher, voucher number, factura, numero de factura, no de factura, n de factura',
    ],
  }),
  warrantyUntil: day('warranty_until', {
    about: 'last day of the warranty',
    headers: [
      'warranty until, warranty end, warranty end date, warranty expires, warranty expires on, warranty expiration, warranty expiration date, warranty expiry, warranty expiry date, warranty exp, warranty exp date, warranty ends, end of warranty, fin de garantia, vencimiento de garantia, garantia hasta',
      'warranty, warranty date, garantia',
    ],
  }),
  usefulLifeYears: {
    column: 'useful_life_years',
    type: 'integer',
    write: z.int().min(1).max(100).nullable().meta({ description: 'years that it is meant to serve' }),
    read: z.int().nullable(),
    screened: null,
    cells: cells('years', [
      'useful life years, useful life, life years, expected life, expected life years, service life, lifespan, life span, life expectancy, vida util, depreciation years, useful life in years',
    ]),
    filter: { kind: 'number' },
  },
  room: words('room', {
    maxLength: 200,
    isRepeating: true,
    screened: 'mention',
    headers: [
      'room, room number, room name, telecom room, closet, idf, mdf, idf mdf, cuarto, sala, habitacion, salon, numero de sala',
      'floor, piso, planta',
    ],
  }),
  rack: words('rack', {
    maxLength: 200,
    isRepeating: true,
    screened: 'mention',
    headers: [
      'rack, rack name, rack id, rack number, cabinet, cabinet number, rack location, gabinete, armario',
    ],
  }),
  recorder: words('recorder', {
    maxLength: 200,
    isRepeating: true,
    about: 'asset tag, name, host name or address of the recorder or encoder that it hangs on',
    screened: 'mention',
    headers: [
      'recorder, recorder name, nvr, nvr name, dvr, dvr name, recording server, recording server name, connected server, connected recorder, connected nvr, archiver, grabadora, servidor de grabacion, video recorder, vms server, server, server name, encoder name, recorded by, recorded on',
    ],
  }),
  recorderChannel: words('recorder_channel', {
    maxLength: 50,
    about: 'its channel or port on the recorder or encoder',
    headers: [
      'recorder channel, channel, channel number, ch, nvr channel, dvr channel, camera channel, video input, canal',
    ],
  }),
  department: words('department', {
    maxLength: 200,
    isRepeating: true,
    screened: 'mention',
    headers: [
      'department, dept, division, owning department, owner department, agency, bureau, custodian department, departamento, dependencia, tenant, department name, abteilung, org unit, organizational unit, business unit',
    ],
  }),
  notes: words('notes', {
    maxLength: 2000,
    mayBeEmpty: true,
    screened: 'mention',
    headers: [
      'notes, note, notas, nota, notiz, notizen',
      'comments, comment, comentarios, comentario, commentaire, commentaires',
      'remarks, remark, observaciones, observacion, bemerkung, bemerkungen, remarques',
      'asset notes, additional information, additional info, short description',
    ],
  }),
  custom: {
    column: 'custom',
    type: 'jsonb',
    write: CustomWrite,
    read: CustomRead,
    screened: 'mention',
    cells: null,
    filter: { kind: 'presence' },
  },
  statements: {
    column: 'statements',
    type: 'jsonb',
    write: z.null(),
    read: z.array(MakerStatement).nullable().meta({
      description: 'what people state on who made it; made and withdrawn by requests of their own',
    }),
    screened: 'statement',
    cells: null,
    filter: { kind: 'presence' },
  },
} as const satisfies Record<string, Field<z.ZodType, z.ZodType, Screened | null>>

type Fields = typeof DEVICE_FIELDS
export type DeviceField = keyof Fields
export const FIELD_NAMES = Object.keys(DEVICE_FIELDS) as readonly DeviceField[]

/** Fields that a screening reads in one of these ways. */
export type ScreenedField<S extends Screened = Screened> = {
  [K in DeviceField]: Fields[K]['screened'] extends S ? K : never
}[DeviceField]

/** Every fact that rules may read is a field that is screened. */
type Unscreened = Exclude<keyof DeviceFacts, ScreenedField>
null satisfies [Unscreened] extends [never] ? null : Unscreened

export function fieldsScreened<S extends Screened>(as: S): readonly ScreenedField<S>[] {
  return FIELD_NAMES.filter((name) => DEVICE_FIELDS[name].screened === as) as ScreenedField<S>[]
}
