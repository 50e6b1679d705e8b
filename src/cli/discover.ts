/**
 * `camledger discover`: which cameras and recorders answer on a network of the city's own, as a list that `import`
 * reads. It sends two questions and no credentials, and leaves out what answers from elsewhere.
 */
import { randomUUID } from 'node:crypto'
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { createReadStream } from 'node:fs'
import { BlockList, isIPv4 } from 'node:net'
import { networkInterfaces } from 'node:os'
import { Readable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { type Command, InvalidArgumentError } from 'commander'
import { type Discovered, discovered, probes } from '../intake/discovery.ts'
import { NmapScanner } from '../intake/nmap.ts'
import { counted } from '../lib/counted.ts'
import { csvLine } from '../lib/csv.ts'
import { UsageError } from './errors.ts'
import { writeWhole } from './files.ts'
import type { CliParts } from './parts.ts'
import { onOneLine, ownCommand } from './text.ts'

/** Source: WS-Discovery, section 2.4. */
const GROUP = '239.255.255.250'
const PORT = 3702
/** Longest datagram that is read, in bytes. */
const MOST_BYTES = 65_536
const MOST_DEVICES = 10_000
const MOST_HOSTS = 256
/** Between two datagrams: fifty a second at most. */
const BETWEEN_MILLIS = 20

interface DiscoverOptions {
  readonly network: readonly Network[]
  readonly host: readonly Host[]
  readonly wait: number
  readonly nmap?: string
  readonly out: string
}

interface Network {
  readonly text: string
  has(address: string): boolean
}

interface Host {
  readonly address: string
  readonly port: number
}

export function discoverCommand(command: Command, { print }: CliParts): void {
  command
    .requiredOption(
      '--network <cidr>',
      'a network of your own, such as 10.20.0.0/24; repeatable',
      network,
      [],
    )
    .option(
      '--host <address>',
      'ask this device itself, where questions to all do not reach; repeatable',
      host,
      [],
    )
    .option('--wait <seconds>', 'how long to wait for answers', seconds, 5)
    .option('--nmap <file>', 'a scan of nmap as XML: adds MAC addresses, and devices that did not answer')
    .option('--out <file>', 'the list, as CSV', 'discovered.csv')
    .action(async (options: DiscoverOptions) => {
      await discover(options, print)
    })
}

async function discover(options: DiscoverOptions, print: CliParts['print']): Promise<void> {
  const { network: networks, host: hosts, nmap, out } = options
  if (networks.length === 0)
    throw new UsageError(
      'Name a network of your own with --network, such as 10.20.0.0/24: no other is asked.',
    )
  const isNamed = (address: string) => networks.some((one) => one.has(address))
  const stranger = hosts.find(({ address }) => !isNamed(address))
  if (stranger) throw new UsageError(`${stranger.address} is in none of the networks named with --network.`)
  if (hosts.length > MOST_HOSTS) throw new UsageError(`--host names at most ${MOST_HOSTS} devices.`)
  const own = ownAddresses().filter(isNamed)
  if (own.length === 0 && hosts.length === 0)
    throw new UsageError(
      `This machine is in none of these networks; it is at ${ownAddresses().join(', ')}. Name its network, or devices with --host.`,
    )
  const found = new Map<string, Discovered>()
  let leftOut = 0
  const take = (bytes: Buffer, { address }: Pick<RemoteInfo, 'address'>) => {
    const answer = bytes.length > MOST_BYTES ? null : discovered(bytes.toString('utf8'))
    if (answer === null || found.size >= MOST_DEVICES) return
    if (isNamed(address)) found.set(address, found.get(address) ?? answer)
    else leftOut++
  }
  await ask(hosts.length > 0 ? [undefined] : own, hosts, options.wait, take)
  const scanned = nmap === undefined ? [] : (await scannedBy(nmap)).filter(({ address }) => isNamed(address))
  const rows = rowsOf(found, scanned)
  await writeWhole(out, Readable.from([csvLine(HEADER), ...rows.map((cells) => csvLine(cells))]))
  const lines = [
    `${counted(found.size, 'device')} answered${nmap === undefined ? '' : `, ${counted(scanned.length, 'host')} of the scan`}${leftOut > 0 ? `; ${counted(leftOut, 'answer')} from outside of the networks left out` : ''}.`,
    `The list: ${out}`,
    `Next: ${ownCommand()} import ${out} --source discovery --dry-run`,
  ]
  print(lines.map(onOneLine).join('\n'))
}

/** Sends the questions, to all from each address of this machine or to each host, and waits for answers. */
async function ask(
  from: readonly (string | undefined)[],
  hosts: readonly Host[],
  waitSeconds: number,
  take: (bytes: Buffer, from: RemoteInfo) => void,
): Promise<void> {
  const to: readonly Host[] = hosts.length > 0 ? hosts : [{ address: GROUP, port: PORT }]
  const sockets = await Promise.all(from.map((address) => opened(address, take)))
  try {
    for (const socket of sockets) {
      for (const probe of probes([randomUUID(), randomUUID()])) {
        for (const { address, port } of to) {
          await new Promise<void>((resolve, reject) => {
            socket.send(probe, port, address, (error) => (error ? reject(error) : resolve()))
          })
          await pause(BETWEEN_MILLIS)
        }
      }
    }
    await pause(waitSeconds * 1000)
  } finally {
    for (const socket of sockets) socket.close()
  }
}

async function opened(
  address: string | undefined,
  take: (bytes: Buffer, from: RemoteInfo) => void,
): Promise<Socket> {
  const socket = createSocket({ type: 'udp4' })
  socket.on('message', take)
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject)
    socket.bind(0, address, resolve)
  })
  // Of a device that is not there the system says so; the others still answer.
  socket.on('error', () => {})
  if (address !== undefined) {
    socket.setMulticastInterface(address)
    // No further than the network of this address.
    socket.setMulticastTTL(1)
  }
  return socket
}

function ownAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((all) =>
    (all ?? []).filter(({ family }) => family === 'IPv4').map(({ address }) => address),
  )
}

interface Scanned {
  readonly host: string
  readonly address: string
  readonly mac: string
  readonly type: string
  readonly notes: string
}

async function scannedBy(file: string): Promise<Scanned[]> {
  const scanner = new NmapScanner()
  const found: Scanned[] = []
  const keep = (chunk: string, isLast: boolean) => {
    for (const { cells, isBlank, problem } of scanner.scan(chunk, isLast)) {
      if (problem !== null) throw new UsageError(`${file}: ${problem.message}`)
      const [host = '', address = '', mac = '', type = '', notes = ''] = cells
      if (!isBlank) found.push({ host, address, mac, type, notes })
    }
  }
  for await (const chunk of createReadStream(file, { encoding: 'utf8' })) keep(chunk as string, false)
  keep('', true)
  return found
}

const HEADER = [
  ...['IP Address', 'Host Name', 'Name', 'Manufacturer', 'Model', 'MAC Address', 'Serial Number'],
  ...['External ID', 'Device Class', 'Notes'],
]

function rowsOf(found: ReadonlyMap<string, Discovered>, scanned: readonly Scanned[]): string[][] {
  const scans = new Map(scanned.map((one) => [one.address, one]))
  const addresses = [...new Set([...found.keys(), ...scans.keys()])].sort()
  return addresses.map((address) => {
    const said = found.get(address)
    const scan = scans.get(address)
    const place = said?.location ? `ONVIF location: ${said.location}` : ''
    return [
      address,
      scan?.host ?? '',
      said?.name ?? '',
      said?.manufacturer ?? '',
      said?.model ?? '',
      said?.macAddress || (scan?.mac ?? ''),
      said?.serialNumber ?? '',
      said?.id ?? '',
      scan?.type ?? '',
      [place, scan?.notes ?? ''].filter((text) => text !== '').join('; '),
    ]
  })
}

/** Smallest network mask that is taken: a city's own network, and not the Internet. */
const WIDEST = 8

function network(text: string, before: readonly Network[]): readonly Network[] {
  const [address = '', bits = ''] = text.split('/')
  const width = Number(bits)
  if (!isIPv4(address) || !/^\d{1,2}$/.test(bits) || width < WIDEST || width > 32)
    throw new InvalidArgumentError(`must be written as 10.20.0.0/24, with ${WIDEST} to 32 bits`)
  const list = new BlockList()
  list.addSubnet(address, width, 'ipv4')
  return [...before, { text, has: (one) => isIPv4(one) && list.check(one, 'ipv4') }]
}

function host(text: string, before: readonly Host[]): readonly Host[] {
  const [address = '', port = String(PORT)] = text.split(':')
  if (!isIPv4(address) || !/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65_535)
    throw new InvalidArgumentError('must be an IPv4 address, such as 10.20.0.5')
  return [...before, { address, port: Number(port) }]
}

function seconds(text: string): number {
  const value = Number(text)
  if (!(value > 0 && value <= 60)) throw new InvalidArgumentError('must be seconds, 60 at most')
  return value
}
