/**
 * WS-Discovery, as ONVIF devices answer it: who is there, without a login. Pure.
 * Source: WS-Discovery 1.1 draft of April 2005, as the ONVIF Core Specification names it (chapter 7).
 */
import { SaxesParser } from 'saxes'
import { scopesIn } from './scopes.ts'

/** Cameras and recorders answer to one of these. */
const TYPES = [
  ['dn', 'http://www.onvif.org/ver10/network/wsdl', 'NetworkVideoTransmitter'],
  ['tds', 'http://www.onvif.org/ver10/device/wsdl', 'Device'],
] as const

/** The two questions; each has an id of its own. */
export function probes(ids: readonly [string, string]): string[] {
  return TYPES.map(
    ([prefix, namespace, type], i) =>
      `<?xml version="1.0" encoding="UTF-8"?><e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope" xmlns:w="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" xmlns:${prefix}="${namespace}"><e:Header><w:MessageID>uuid:${ids[i]}</w:MessageID><w:To e:mustUnderstand="true">urn:schemas-xmlsoap-org:ws:2005:04:discovery</w:To><w:Action e:mustUnderstand="true">http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</w:Action></e:Header><e:Body><d:Probe><d:Types>${prefix}:${type}</d:Types></d:Probe></e:Body></e:Envelope>`,
  )
}

/** What one device answered; blank where it did not say. */
export interface Discovered {
  readonly name: string
  readonly manufacturer: string
  readonly model: string
  readonly macAddress: string
  readonly serialNumber: string
  readonly location: string
  /** Its endpoint, by which it is known again. */
  readonly id: string
}

const ENDPOINT_MOST = 200

/** null for what is no answer to a probe. Entities are never expanded: text that has some is no answer. */
export function discovered(xml: string): Discovered | null {
  const texts = { Scopes: '', Address: '' }
  const path: string[] = []
  let isAnswer = false
  let failed = false
  const parser = new SaxesParser({ fragment: false })
  parser.on('opentag', ({ name }) => {
    const local = name.replace(/^.*:/, '')
    path.push(local)
    isAnswer ||= local === 'ProbeMatch'
  })
  parser.on('text', (text) => {
    const at = path.at(-1)
    if (!path.includes('ProbeMatch')) return
    if (at === 'Scopes') texts.Scopes += text
    else if (at === 'Address' && texts.Address === '') texts.Address = text.trim()
  })
  parser.on('closetag', () => path.pop())
  parser.on('error', () => {
    failed = true
  })
  parser.write(xml).close()
  if (failed || !isAnswer) return null
  const said = new Map(scopesIn(texts.Scopes) ?? [])
  const of = (name: string) => (said.get(name) ?? '').trim()
  return {
    name: of('name'),
    manufacturer: of('manufacturer'),
    model: of('model'),
    macAddress: of('macAddress'),
    serialNumber: of('serialNumber'),
    location: of('location'),
    id: texts.Address.slice(0, ENDPOINT_MOST),
  }
}
