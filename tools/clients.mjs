// Two generators make a client of openapi/openapi.yaml, and a program that uses each is type-checked. Needs the npm
// registry; they are no dependencies of the project, since one of them wants another TypeScript.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const document = fileURLToPath(new URL('../openapi/openapi.yaml', import.meta.url))
const PACKAGES = [
  'openapi-typescript@7.13.0',
  'openapi-fetch@0.17.0',
  '@hey-api/openapi-ts@0.95.0',
  'typescript@5.9.3',
]

const FETCH = `
import createClient from 'openapi-fetch'
import type { paths } from './api.js'
const api = createClient<paths>({ baseUrl: 'http://localhost:8080' })
export async function main() {
  const { data, error } = await api.GET('/v1/devices', { params: { query: { hasFindings: true, limit: 5 } } })
  if (typeof data === 'object') console.log(data.items.length, data.nextCursor)
  if (error) console.log(error.title, error.type)
  const header = { 'If-Match': '"1"' }
  await api.PATCH('/v1/devices/{id}', { params: { path: { id: '' }, header }, body: { notes: '' } })
  await api.POST('/v1/plans', { params: { header: { 'Idempotency-Key': 'k' } }, body: { name: '' } })
  await api.POST('/v1/advisories/imports', { params: { query: { format: 'kev' } }, body: {} })
}
`
const HEY_API = `
import { changeDevice, importAdvisories, listDevices } from './client/index.js'
export async function main() {
  const { data, error } = await listDevices({ query: { hasFindings: true } })
  if (typeof data === 'object') console.log(data.items.length)
  if (error) console.log(error.type)
  await changeDevice({ path: { id: '' }, headers: { 'If-Match': '"1"' }, body: { notes: '' } })
  await importAdvisories({ query: { format: 'kev' }, body: {} })
}
`

const folder = mkdtempSync(join(tmpdir(), 'camledger-clients-'))
const run = (command, ...args) => execFileSync(command, args, { cwd: folder, stdio: 'inherit' })
try {
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }')
  writeFileSync(join(folder, 'use-fetch.ts'), FETCH)
  writeFileSync(join(folder, 'use-hey-api.ts'), HEY_API)
  run('npm', 'install', '--no-audit', '--no-fund', '--ignore-scripts', ...PACKAGES)
  run('npx', 'openapi-typescript', document, '--default-non-nullable', 'false', '--output', 'api.d.ts')
  run('npx', 'openapi-ts', '--input', document, '--output', 'client')
  const options = ['--noEmit', '--strict', '--skipLibCheck', '--target', 'es2022']
  const modules = ['--module', 'esnext', '--moduleResolution', 'bundler']
  run('npx', 'tsc', ...options, ...modules, 'use-fetch.ts', 'use-hey-api.ts')
  console.log('Both clients type-check.')
} finally {
  rmSync(folder, { recursive: true, force: true })
}
