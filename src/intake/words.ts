/**
 * The words cities and other programs write for the closed lists of the API.
 *
 * Phrases are looked up whole; then keywords, stricter reading first: a "federal match bond" is federal.
 * What is in neither list is not guessed: a capital program may hold federal money, an intersection may be
 * watched by the police. Not knowing leads to the stricter rule, a wrong word past it.
 */
import type { DeviceField } from './fields.ts'

interface Vocabulary {
  readonly values: readonly string[]
  readonly phrases: ReadonlyMap<string, string>
  readonly keywords: readonly (readonly [RegExp, string])[]
}

function vocabulary(
  table: Readonly<Record<string, string>>,
  keywords: readonly (readonly [RegExp, string])[] = [],
): Vocabulary {
  const phrases = new Map<string, string>()
  for (const [value, list] of Object.entries(table)) {
    phrases.set(foldWords(value), value)
    for (const phrase of list.split(', ')) if (phrase !== '') phrases.set(phrase, value)
  }
  return { values: Object.keys(table), phrases, keywords }
}

const VOCABULARIES: Partial<Record<DeviceField, Vocabulary>> = {
  status: vocabulary(
    {
      planned:
        'desired, plan, proposed, design, in design, ordered, on order, pending, future, requested, budgeted, approved, staged, to be installed, not yet installed, under construction, pending installation, pending install, awaiting installation, not installed, planeado, pendiente',
      // Switched off, broken, offline or on its way out, it still hangs on the pole. So do those of discovery tools
      // that say whether a password was set (initialized, inactive).
      active:
        'turned on, on, online, in service, operational, in use, installed, live, working, up, ok, enabled, deployed, production, turned off, offline, failed, no communication, active online, functional, yes, y, good, fair, poor, new, excellent, in production, connected, disconnected, not connected, down, off, out of service, oos, inactive, not active, not working, non operational, not operational, inoperable, broken, defective, damaged, faulty, needs repair, needs replacement, needs maintenance, maintenance, under maintenance, in maintenance, under repair, repair, degraded, warning, error, alerting, dormant, unreachable, not responding, initialized, uninitialized, activated, not activated, recording, running, idle, disabled, decommissioning, to be decommissioned, to be removed, to be replaced, scheduled for replacement, pending removal, pending replacement, pending decommission, end of life, eol, obsolete, in operation, assigned, checked out, leased, en servicio, activo, activa, en uso, instalado, instalada, operativo, operativa, fuera de servicio, inactivo, inactiva, funcionando, danado, danada, en reparacion, fuera de linea, en linea, retirement pending, login success, login fail, login failed, authenticated, not authenticated, present, not present, reachable, aktiv, in betrieb, ausser betrieb, außer betrieb, defekt',
      stored:
        'spare, storage, in storage, stock, in stock, inventory, warehouse, shelf, on shelf, ready to deploy, surplus, spares, out for repair, out for diagnostics, rma, in inventory, stored, available, in warehouse, at depot, boxed, en almacen, en bodega, almacenado, almacenada, en existencia, repuesto, bodega, almacen, lager, im lager',
      decommissioned:
        'removed, void, retired, disposed, disposed of, scrapped, scrap, salvaged, sold, archived, lost, stolen, lost stolen, decom, decommission, destroyed, replaced, broken not fixable, auctioned, recycled, donated, missing, written off, uninstalled, e waste, baja, dado de baja, dada de baja, retirado, retirada, desechado, desechada, vendido, vendida, robado, robada, perdido, extraviado, desinstalado, eliminado, ausgemustert, demontiert, entsorgt',
    },
    [
      // "Retired 2022", "Replaced w/ Axis 2023": something was done with it, and there is more to say.
      [
        /^(?:decommissioned|retired|disposed|scrapped|salvaged|sold|stolen|destroyed|auctioned|recycled|removed|uninstalled|replaced (?:w|with|by|in|on|\d)|dado de baja|retirado)\b(?!.*\b(?:reinstalled|back in|returned to)\b)/,
        'decommissioned',
      ],
      [/^(?:in storage|in stock|spare|surplus)\b/, 'stored'],
      [/^(?:active|in service|in use|online|offline|out of service|installed)\b/, 'active'],
    ],
  ),
  purpose: vocabulary(
    {
      'public-safety': 'police, fire, law enforcement, safety, crime prevention, public safety',
      'government-facility':
        'facility, facilities, building, building security, city hall, government building, facility security, municipal building',
      'critical-infrastructure':
        'infrastructure, utility, utilities, water, wastewater, electric, power, airport, dam, water treatment',
      traffic:
        'traffic management, traffic monitoring, traffic signal, signal, transportation, traffic camera',
      other: '',
    },
    [
      [/\b(?:safety|security|surveillance|police|law enforcement|crime)\b/, 'public-safety'],
      [
        /\b(?:critical infrastructure|water treatment|wastewater|power plant|substation)\b/,
        'critical-infrastructure',
      ],
      [/\btraffic\b/, 'traffic'],
    ],
  ),
  fundingSource: vocabulary(
    {
      local:
        'city, city funds, general fund, gf, bond, sales tax, enterprise fund, operating, operating budget, local funds, county, donation, donated',
      'state-grant': 'state, state funds, state grant',
      'federal-grant':
        'federal, federal funds, federal grant, arpa, uasi, hsgp, shsp, jag, byrne jag, cops, cmaq, cdbg, ss4a, fema, fhwa, fta, dhs',
      'federal-contract': 'federal contract, gsa contract',
    },
    [
      [/\bfederal contract\b/, 'federal-contract'],
      [
        /\b(?:federal|arpa|slfrf|american rescue plan|cares|iija|uasi|hsgp|shsp|nsgp|psgp|tsgp|empg|slcgp|jag|bja|ojp|doj|cmaq|stbg|hsip|cdbg|hud|ss4a|fema|fhwa|fta|fra|faa|nhtsa|usdot|esser|dhs|homeland security)\b/,
        'federal-grant',
      ],
      [/\bstate\b.*\bgrant\b/, 'state-grant'],
      [/^(?!.*\bgrant\b).*\b(?:bond|general fund|1 4 cent|quarter cent|sales tax)\b/, 'local'],
    ],
  ),
  deviceClass: vocabulary(
    {
      camera:
        'cameras, ip camera, ip cam, cctv, ptz, dome, bullet, turret, fisheye, box, pan tilt zoom, fixed, thermal, multisensor, ipc, webcam, bwc, video surveillance camera, camara, camaras, kamera, kameras',
      recorder: 'nvr, dvr, xvr, vms recorder, hybrid recorder, hvr, grabador, grabadora, nvss, rekorder',
      encoder: 'video encoder, decoder, video server, dvs',
      lpr: 'alpr, anpr, plate reader, license plate reader, lpr camera',
      'access-control':
        'access controller, door controller, card reader, badge reader, access panel, asi, asc, acs, door access',
      intercom:
        'door station, video intercom, video door station, call box, vto, vth, doorbell, video doorbell, videoportero, intercomunicador, portero',
      router: 'modem, cellular router, lte router, cellular gateway, gateway, cell modem, wireless router',
      uas: 'drone, drones, uav, suas, unmanned aircraft, quadcopter, dron, drones y accesorios',
      server: 'vms server, vms, workstation',
      robot: 'robots, robot dog, quadruped, security robot, patrol robot',
      'power-inverter': 'inverter, inverters, solar inverter, power inverters',
      other:
        'switch, network switch, ups, monitor, display, accessory, mount, radio, laptop, desktop, computer, phone, printer, tablet, television, tv, license, software, cable, hard drive, access point, interruptor, pantalla',
    },
    [
      [
        /\b(?:lpr|alpr|anpr)s?\b|\bplate (?:readers?|recognition|capture)\b|\blector(?:es)? de placas\b/,
        'lpr',
      ],
      [/\b(?:drones?|uavs?|s?uas|quadcopters?|unmanned)\b/, 'uas'],
      [/\b(?:nvr|dvr|xvr|hvr)s?\b|\brecorders?\b|\bgrabador(?:a|es|as)?\b/, 'recorder'],
      [/\b(?:en|de)coders?\b/, 'encoder'],
      [/\b(?:intercoms?|doorbells?|videoporteros?)\b|\bdoor stations?\b/, 'intercom'],
      [
        /\baccess control|\bcontrol de acceso\b|\bdoor controllers?\b|\b(?:card|badge) readers?\b/,
        'access-control',
      ],
      // Before the routers: a "switch/router" of the city is no product for consumers.
      [/^(?!.*\b(?:cameras?|camaras?|cctv)\b).*\bswitch(?:es)?\b/, 'other'],
      [/\b(?:routers?|modems?)\b|\bcell(?:ular)? gateways?\b/, 'router'],
      [/\brobots?\b/, 'robot'],
      [/\binverters?\b/, 'power-inverter'],
      [/\bservers?\b|\bservidor(?:es)?\b/, 'server'],
      // Whatever it is worn on or built into, a body or dash camera is a camera.
      [
        /\b(?:cameras?|camaras?|cams?|bodycams?|dashcams?|webcams?|cctv|ptzs?|domes?|bullets?|turrets?|fisheyes?)\b/,
        'camera',
      ],
      [/\b(?:laptops?|desktops?|monitors?|printers?|radios?|phones?|access points?)\b/, 'other'],
    ],
  ),
  updateChannel: vocabulary({
    'vendor-portal-us': 'us portal, vendor portal, us vendor portal, manufacturer us website',
    'vendor-portal-global': 'global portal, global vendor portal',
    'vendor-portal-cn': 'china portal, chinese portal',
    distributor: 'reseller, integrator, dealer',
    'oem-brand-portal': 'oem portal, brand portal, oem, oem website',
    'vendor-cloud-push': 'cloud, vendor cloud, automatic cloud, cloud push',
    'vms-push': 'vms, via vms',
    'offline-media': 'usb, offline, sd card, usb stick, manual offline',
    none: 'never, not updated, no updates',
  }),
  networkExposure: vocabulary({
    isolated:
      'air gapped, airgapped, closed, closed network, standalone, offline, isolated network, no network',
    routed: 'lan, internal, internal network, city network, corporate, vpn, wan, traffic network',
    internet: 'public, public ip, internet facing, cloud, port forwarded, cellular, open',
  }),
}

const YES = new Set('yes, y, true, t, 1, x, on, enabled, active, current, si, verdadero'.split(', '))
const NO = new Set('no, n, false, f, 0, off, disabled, expired, lapsed, falso'.split(', '))
const RADIO = new Map([
  ...['wifi', 'wi fi', 'wireless', 'cellular', 'lte', '4g', '5g', 'radio', 'bluetooth'].map(
    (word) => [word, true] as const,
  ),
  ...['wired', 'none'].map((word) => [word, false] as const),
])

/** Text that says nothing is known. Not used for names, which are kept to the letter. */
const UNKNOWN = new Set(
  'n a, na, none, unknown, tbd, tba, null, nil, not known, unk, none identified, not applicable, to be determined, undefined, nan, not set, not specified, unspecified, blank, empty, desconocido, desconocida, ninguno, ninguna, no aplica, sin dato, sin datos'.split(
    ', ',
  ),
)

/** What people write into a field of identity that must not be empty. It is never the name of one device. */
const PLACEHOLDER =
  /^(?:no (?:tag|asset|asset tag|serial|serial number|id|number|sticker|label)|not (?:tagged|available|assigned|labell?ed|applicable|found|visible|legible|listed|provided|recorded)|untagged|unassigned|pending|missing|same|same as above|ditto|see notes?|see comments?|various|multiple|several|mixed|no asset number|needs tag|tag (?:missing|pending|needed)|to come|to follow|awaiting tag|without tag|illegible|unreadable|x{2,}|0+|tag|serial|serial number|default|test|temp|sin (?:etiqueta|placa|numero|serie)|no tiene|pendiente|s n)$/

/** Whether a tag or serial number stands for "none". A register full of them would be one device. */
export function isPlaceholder(text: string): boolean {
  // Most tags have a digit, and no text of one character but 0 stands for none.
  if (text.length > 40 || (text.length === 1 && text !== '0')) return false
  if (/\d/.test(text) && !/^[0\s.-]+$/.test(text)) return false
  return PLACEHOLDER.test(foldWords(text))
}

/** Most texts are, and need no other form. */
function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 127) return false
  return true
}

/** Lower case words without accents, parted by single spaces; punctuation and underscores part words. */
export function foldWords(text: string): string {
  return (isAscii(text) ? text : text.normalize('NFKD').replace(/\p{M}+/gu, ''))
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
}

/** Whether the text stands for "not known": `N/A`, `TBD`, `-`, `None Identified`. */
export function isUnknownWord(text: string): boolean {
  // None of the words has a digit, and most cells that are no words do.
  if (text.length > 40 || /\d/.test(text)) return false
  const folded = foldWords(text)
  return folded === '' || UNKNOWN.has(folded)
}

/** The value of a closed list that the text means; null when it means none of them, or several. */
export function valueOfWord(field: DeviceField, text: string): string | null {
  const vocabulary = VOCABULARIES[field]
  if (vocabulary === undefined) return null
  const whole = vocabulary.phrases.get(foldWords(text))
  if (whole !== undefined) return whole
  if (field === 'status') return statusOf(text, vocabulary)
  return field === 'deviceClass' ? classOf(text, vocabulary) : meaning(foldWords(text), vocabulary)
}

function meaning(folded: string, { phrases, keywords }: Vocabulary): string | null {
  return phrases.get(folded) ?? keywords.find(([pattern]) => pattern.test(folded))?.[1] ?? null
}

/**
 * A status with a remark behind it, "Ready to Deploy (deployed)": what is in use in either part is in use. Programs
 * write a label of their own beside the state, in either order.
 */
function statusOf(text: string, vocabulary: Vocabulary): string | null {
  const match = /^([^()]*)\(([^()]*)\)\s*$/.exec(text)
  const parts = match === null ? [text] : [match[1]!, match[2]!]
  const values = parts.map((part) => meaning(foldWords(part), vocabulary)).filter((value) => value !== null)
  if (parts.some((part) => foldWords(part) === 'deployed')) return 'active'
  return values[0] ?? null
}

/** Of a mixed list, "Cameras/Recorders", no class is that of the device. */
function classOf(text: string, vocabulary: Vocabulary): string | null {
  const parts = text.split(/[/,;&+|]|\band\b|\by\b/i).map(foldWords)
  const values = new Set(parts.map((part) => meaning(part, vocabulary)).filter((value) => value !== null))
  if (values.size > 1) return values.has('lpr') && values.size === 2 && values.has('camera') ? 'lpr' : null
  return [...values][0] ?? meaning(foldWords(text), vocabulary)
}

/** Words for countries beside the names and codes that the platform knows. */
const COUNTRY_WORDS: Readonly<Record<string, string>> = {
  usa: 'US',
  'u s': 'US',
  'u s a': 'US',
  america: 'US',
  uk: 'GB',
  england: 'GB',
  prc: 'CN',
  'p r c': 'CN',
  'mainland china': 'CN',
  'people s republic of china': 'CN',
  'republic of china': 'TW',
  roc: 'TW',
  korea: 'KR',
  rok: 'KR',
  'viet nam': 'VN',
  holland: 'NL',
  'the netherlands': 'NL',
  czechia: 'CZ',
  'czech republic': 'CZ',
}

/** Codes with a name that are no country: unions, private use, unknown. */
const NO_COUNTRIES = ['EU', 'EZ', 'UN', 'ZZ', 'XA', 'XB']

let countries: ReadonlyMap<string, string> | null = null

function countryNames(): ReadonlyMap<string, string> {
  if (countries !== null) return countries
  const names = new Map<string, string>()
  const inEnglish = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' })
  const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ']
  for (const code of letters.flatMap((first) => letters.map((second) => first + second))) {
    const name = inEnglish.of(code)
    if (name === undefined || NO_COUNTRIES.includes(code)) continue
    // Former codes stand for the one in use: UK for GB, DD for DE.
    const inUse = new Intl.Locale('und', { region: code }).region!
    names.set(foldWords(name), inUse)
    names.set(code.toLowerCase(), inUse)
  }
  for (const [word, code] of Object.entries(COUNTRY_WORDS)) names.set(word, code)
  countries = names
  return names
}

/** The ISO 3166-1 code of the country that the text names; null when it names none. */
export function countryOfWord(text: string): string | null {
  return countryNames().get(foldWords(text)) ?? null
}

/** The closed list of a field, as the API writes it. */
export function valuesOf(field: DeviceField): readonly string[] {
  return VOCABULARIES[field]?.values ?? []
}

/** true, false, or null when the text says neither. */
export function flagOfWord(field: DeviceField, text: string): boolean | null {
  const folded = foldWords(text)
  if (YES.has(folded)) return true
  if (NO.has(folded)) return false
  return field === 'hasRadio' ? (RADIO.get(folded) ?? null) : null
}
