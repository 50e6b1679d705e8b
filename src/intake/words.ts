/**
 * The words cities and other programs write for the closed lists of the API.
 *
 * Phrases are looked up whole; then keywords, stricter reading first: a "federal match bond" is federal.
 * What is in neither list is not guessed: a capital programme may hold federal money, an intersection may be
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
  status: vocabulary({
    planned:
      'desired, plan, proposed, design, in design, ordered, on order, pending, future, requested, budgeted, approved, staged, to be installed, not yet installed, under construction, pending installation',
    // Switched off, broken or offline, it still hangs on the pole.
    active:
      'turned on, on, online, in service, operational, in use, installed, live, working, up, ok, enabled, deployed, production, turned off, offline, failed, no communication, active online, functional, yes',
    stored:
      'spare, storage, in storage, stock, in stock, inventory, warehouse, shelf, on shelf, ready to deploy, surplus, spares, out for repair, out for diagnostics',
    decommissioned:
      'removed, void, retired, disposed, disposed of, scrapped, scrap, salvaged, sold, archived, lost, stolen, lost stolen, decom, decommission, destroyed, replaced, broken not fixable',
  }),
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
        'cameras, ip camera, ip cam, cctv, ptz, dome, bullet, turret, fisheye, box, pan tilt zoom, fixed, thermal, multisensor',
      recorder: 'nvr, dvr, xvr, vms recorder, hybrid recorder',
      encoder: 'video encoder, decoder, video server',
      lpr: 'alpr, anpr, plate reader, license plate reader, lpr camera',
      'access-control': 'access controller, door controller, card reader, badge reader, access panel',
      intercom: 'door station, video intercom, video door station, call box',
      router: 'modem, cellular router, lte router, cellular gateway, gateway, cell modem, wireless router',
      uas: 'drone, drones, uav, suas, unmanned aircraft, quadcopter',
      server: 'vms server, vms, workstation',
      robot: 'robots, robot dog, quadruped, security robot, patrol robot',
      'power-inverter': 'inverter, inverters, solar inverter, power inverters',
      other: 'switch, network switch, ups, monitor, display, accessory, mount, radio',
    },
    [
      [/\b(?:lpr|alpr|anpr)\b|\bplate (?:reader|recognition)\b/, 'lpr'],
      [/\b(?:drone|uav|uas|suas|quadcopter|unmanned)\b/, 'uas'],
      [/\b(?:nvr|dvr|xvr|recorder)\b/, 'recorder'],
      [/\bencoder\b/, 'encoder'],
      [/\bintercom\b|\bdoor station\b/, 'intercom'],
      [/\baccess control|\bdoor controller\b|\b(?:card|badge) reader\b/, 'access-control'],
      [/\b(?:router|modem)\b|\bcell(?:ular)? gateway\b/, 'router'],
      [/\brobots?\b/, 'robot'],
      [/\binverters?\b/, 'power-inverter'],
      [/\bserver\b/, 'server'],
      [/\b(?:cameras?|cctv|ptz|dome|bullet|turret|fisheye)\b/, 'camera'],
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

const YES = new Set('yes, y, true, t, 1, x, on, enabled, active, current'.split(', '))
const NO = new Set('no, n, false, f, 0, off, disabled, expired, lapsed'.split(', '))
const RADIO = new Map([
  ...['wifi', 'wi fi', 'wireless', 'cellular', 'lte', '4g', '5g', 'radio', 'bluetooth'].map(
    (word) => [word, true] as const,
  ),
  ...['wired', 'none'].map((word) => [word, false] as const),
])

/** Text that says nothing is known. Not used for names, which are kept to the letter. */
const UNKNOWN = new Set(
  'n a, na, none, unknown, tbd, tba, null, nil, not known, unk, none identified, not applicable, to be determined'.split(
    ', ',
  ),
)

/** Lower case words parted by single spaces; punctuation and underscores part words. */
export function foldWords(text: string): string {
  return text
    .normalize('NFKC')
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

/** The value of a closed list that the text means; null when it means none of them. */
export function valueOfWord(field: DeviceField, text: string): string | null {
  const vocabulary = VOCABULARIES[field]
  if (vocabulary === undefined) return null
  const folded = foldWords(text)
  const phrase = vocabulary.phrases.get(folded)
  if (phrase !== undefined) return phrase
  return vocabulary.keywords.find(([pattern]) => pattern.test(folded))?.[1] ?? null
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
