/**
 * The configuration of Frigate (YAML): each camera is a row, with the address of its stream. Logins in addresses are
 * never kept, nor is what follows a question mark, where they stand too. Source: docs.frigate.video, "Camera
 * Configuration".
 */
import { parse } from 'yaml'
import type { Scanner, TableRecord } from './table.ts'

const COLUMNS = ['name', 'IP address', 'host name', 'model', 'notes'] as const
/** Longest text; such a file has some kilobytes. */
const MOST_CHARACTERS = 4_000_000
const MOST_ALIASES = 100

/** Whether a text is such a file, by its beginning. */
export const isFrigate = (text: string): boolean =>
  /^cameras:[ \t]*(?:#.*)?\r?\n(?:[ \t]*(?:#.*)?\r?\n)*[ \t]+\S/m.test(text)

type Node = Readonly<Record<string, unknown>>
const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

interface Stream {
  readonly host: string
  readonly path: string
}

export class FrigateScanner implements Scanner {
  width: number | null = null
  readonly header: string[] = [...COLUMNS]
  #text = ''

  scan(chunk: string, isLast: boolean): TableRecord[] {
    this.#text += chunk
    // What follows is not kept; the end says that it was too long.
    if (this.#text.length > MOST_CHARACTERS) this.#text = this.#text.slice(0, MOST_CHARACTERS + 1)
    return isLast ? camerasIn(this.#text) : []
  }
}

function camerasIn(text: string): TableRecord[] {
  if (text.length > MOST_CHARACTERS) return [refused(1, `it is longer than ${MOST_CHARACTERS} characters`)]
  let file: unknown
  try {
    file = parse(text, { maxAliasCount: MOST_ALIASES, merge: true })
  } catch (error) {
    return [refused(1, error instanceof Error ? error.message.split('\n')[0]!.slice(0, 200) : 'not YAML')]
  }
  if (!isNode(file) || !isNode(file.cameras)) return []
  const { cameras, go2rtc } = file
  const restreams = isNode(go2rtc) && isNode(go2rtc.streams) ? go2rtc.streams : {}
  return Object.entries(cameras).map(([name, camera], i) => rowOf(i + 1, name, streamOf(camera, restreams)))
}

function rowOf(row: number, name: string, stream: Stream | null): TableRecord {
  const host = stream?.host ?? ''
  const isAddress = /^[\d.]+$|:/.test(host)
  const notes = stream === null || stream.path === '' ? '' : `Stream ${stream.path}`.slice(0, 500)
  const cells = [name, isAddress ? host : '', isAddress ? '' : host, '', notes]
  return { row, cells, isBlank: false, mayBeLong: true, problem: null }
}

function refused(row: number, why: string): TableRecord {
  const message = `The file cannot be read as YAML (${why}).`
  return {
    row,
    cells: [],
    isBlank: false,
    mayBeLong: false,
    problem: { code: 'not-yaml', column: null, message },
  }
}

/** The first stream of a camera; of one that Frigate sends on itself, where it comes from. */
function streamOf(camera: unknown, restreams: Node): Stream | null {
  const inputs = isNode(camera) && isNode(camera.ffmpeg) ? camera.ffmpeg.inputs : null
  if (!Array.isArray(inputs)) return null
  for (const input of inputs) {
    const stream = isNode(input) ? addressIn(input.path) : null
    if (stream === null) continue
    if (!/^(?:127\.0\.0\.1|localhost|::1)$/.test(stream.host)) return stream
    const sources = [restreams[stream.path.replace(/^\//, '')]].flat()
    return sources.map(addressIn).find((source) => source !== null) ?? null
  }
  return null
}

const ADDRESS =
  /^(?:ffmpeg:)?[a-z][a-z\d+.-]*:\/\/(?:[^/]*@)?(?:\[(?<v6>[^\]]+)\]|(?<host>[^:/?#@\s]+))(?::\d+)?(?<path>\/[^?#\s]*)?/i

function addressIn(text: unknown): Stream | null {
  const { v6, host, path = '' } = (typeof text === 'string' ? ADDRESS.exec(text)?.groups : undefined) ?? {}
  const found = v6 ?? host
  // A path may name a login as well: `/user=admin_password=...`.
  return found === undefined ? null : { host: found, path: /passw|pwd|user=|login/i.test(path) ? '' : path }
}
