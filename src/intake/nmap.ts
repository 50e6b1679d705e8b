/**
 * A scan that nmap wrote as XML: each host that answers is a row. What nmap says of the maker is the registrant of the
 * MAC address and the software behind a port: both are evidence, no label, and go into the notes.
 * Entities and document types are never expanded. Source of the names: nmap.dtd.
 */
import { SaxesParser } from 'saxes'
import type { Scanner, TableRecord } from './table.ts'

const NMAP_COLUMNS = ['host name', 'IP address', 'MAC address', 'device class', 'notes'] as const

interface Host {
  host: string
  address: string
  mac: string
  vendor: string
  type: string
  notes: string
}

/** Services of a host that are kept. */
const SERVICES = 20
/** Kinds of devices that nmap names and that are cameras. */
const CAMERAS = ['webcam', 'camera', 'security-misc']

export class NmapScanner implements Scanner {
  width: number | null = null
  readonly header: string[] = [...NMAP_COLUMNS]
  readonly #parser = new SaxesParser({ fragment: false })
  #found: TableRecord[] = []
  #host: Host | null = null
  #isUp = true
  #services: string[] = []
  #row = 0
  #failure: string | null = null

  constructor() {
    this.#parser.on('opentag', ({ name, attributes }) =>
      this.#open(name, attributes as Record<string, string>),
    )
    this.#parser.on('closetag', ({ name }) => {
      if (name === 'host') this.#close()
    })
    this.#parser.on('error', (error) => {
      this.#failure ??= error.message
    })
  }

  *scan(chunk: string, isLast: boolean): Generator<TableRecord> {
    if (this.#failure !== null) return
    this.#parser.write(chunk)
    if (isLast && this.#failure === null) this.#parser.close()
    yield* this.#found
    this.#found = []
    if (this.#failure !== null) {
      const message = `The rest of the file cannot be read as XML (${this.#failure}).`
      const problem = { code: 'not-xml', column: null, message } as const
      yield { row: ++this.#row, cells: [], isBlank: false, mayBeLong: false, problem }
    }
  }

  #open(name: string, attributes: Record<string, string>): void {
    if (name === 'host') {
      this.#host = { host: '', address: '', mac: '', vendor: '', type: '', notes: '' }
      this.#isUp = true
      this.#services = []
      return
    }
    const host = this.#host
    if (host === null) return
    if (name === 'status') this.#isUp = attributes.state !== 'down'
    else if (name === 'hostname') host.host ||= attributes.name ?? ''
    else if (name === 'address' && attributes.addrtype === 'mac') {
      host.mac = attributes.addr ?? ''
      host.vendor = attributes.vendor ?? ''
    } else if (name === 'address') {
      // A host may have both kinds; lists of cities have that of version 4.
      if (host.address === '' || attributes.addrtype === 'ipv4') host.address = attributes.addr ?? ''
    } else if (name === 'service' || name === 'osclass') this.#service(host, attributes)
  }

  #service(
    host: Host,
    { name, product, version, extrainfo, devicetype, type, vendor }: Record<string, string>,
  ): void {
    const kind = devicetype ?? type ?? ''
    if (host.type === '' && CAMERAS.includes(kind.toLowerCase())) host.type = 'camera'
    const words = [product ?? vendor, version, extrainfo].filter((word) => word !== undefined && word !== '')
    if (words.length > 0 && this.#services.length < SERVICES)
      this.#services.push([name, ...words].filter((word) => word !== undefined).join(' '))
  }

  #close(): void {
    const host = this.#host
    this.#host = null
    if (host === null) return
    const found = [host.vendor === '' ? '' : `MAC registered to ${host.vendor}`, ...this.#services]
    host.notes = [...new Set(found)]
      .filter((text) => text !== '')
      .join('; ')
      .slice(0, 2000)
    // A host that is down, or of which nothing was learned but its address, is no device yet.
    const isBlank = !this.#isUp || (host.mac === '' && host.notes === '' && host.host === '')
    const cells = [host.host, host.address, host.mac, host.type, host.notes]
    this.#found.push({ row: ++this.#row, cells, isBlank, mayBeLong: false, problem: null })
  }
}
