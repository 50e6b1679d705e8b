/**
 * Style sheet, scripts and pictures of the console, each at an address that changes with its content, so that browsers
 * keep them for good. They are few and small: they are held in memory, compressed once.
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

const TYPES: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
}

interface Asset {
  readonly type: string
  readonly bytes: Buffer
  readonly gzip: () => Buffer
}

export interface Assets {
  /** By the name of the file in `console/`: `console.css`. Throws when there is none. */
  address(file: string): string
  /** By the last part of the address. */
  find(name: string): Asset | undefined
}

export function readAssets(): Assets {
  const folder = fileURLToPath(import.meta.resolve('#root/console'))
  const addresses = new Map<string, string>()
  const assets = new Map<string, Asset>()
  for (const file of readdirSync(folder)) {
    const [, stem, ending = ''] = /^(.+)\.(\w+)$/.exec(file) ?? []
    const type = TYPES[ending]
    if (type === undefined) continue
    const bytes = readFileSync(join(folder, file))
    const digest = createHash('sha256').update(bytes).digest('hex').slice(0, 12)
    const name = `${stem}.${digest}.${ending}`
    addresses.set(file, `/console/assets/${name}`)
    let compressed: Buffer | undefined
    const gzip = () => {
      compressed ??= gzipSync(bytes, { level: 9 })
      return compressed
    }
    assets.set(name, { type, bytes, gzip })
  }
  return {
    address: (file) => {
      const address = addresses.get(file)
      if (address === undefined) throw new Error(`There is no console/${file}.`)
      return address
    },
    find: (name) => assets.get(name),
  }
}
