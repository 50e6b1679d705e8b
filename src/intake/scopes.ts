/** Scopes of ONVIF: what a device says of itself when it is asked who is there. Pure. */

const SCOPE =
  /onvif:\/\/www\.onvif\.org\/(name|hardware|mac|macaddress|serialnumber|location|manufacturer)\/([^\s;,"]+)/gi
const SCOPE_COLUMNS: Readonly<Record<string, string>> = {
  name: 'name',
  hardware: 'model',
  mac: 'macAddress',
  macaddress: 'macAddress',
  serialnumber: 'serialNumber',
  location: 'location',
  manufacturer: 'manufacturer',
}

/** What a device says of itself in the answer to WS-Discovery. Source: ONVIF Core Specification, 7.3.2.2. */
export function scopesIn(value: unknown): [string, string][] | null {
  const text = Array.isArray(value) ? value.join(' ') : value
  if (typeof text !== 'string' || !text.includes('onvif://')) return null
  const found = new Map<string, string>()
  for (const [, kind, written] of text.matchAll(SCOPE)) {
    const name = SCOPE_COLUMNS[kind!.toLowerCase()]!
    if (!found.has(name)) found.set(name, decoded(written!))
  }
  return [...found]
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
