// Makes the picture of the console that leads the README, of the sample city, with Debian's Chromium:
// npm run build && node tools/console-picture.mjs
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'

const ADMIN = `picture-${'x'.repeat(40)}`
const folder = mkdtempSync(join(tmpdir(), 'camledger-picture-'))
const service = spawn(process.execPath, ['build/src/cli.js', 'serve'], {
  env: {
    PATH: process.env.PATH,
    HOST: '127.0.0.1',
    PORT: '0',
    DATA_DIR: folder,
    BOOTSTRAP_ADMIN_KEY: ADMIN,
    LOG_LEVEL: 'error',
  },
  stdio: ['ignore', 'pipe', 'inherit'],
})

const address = await new Promise((resolve, reject) => {
  let said = ''
  service.once('exit', () => reject(new Error('The service did not start.')))
  service.stdout.on('data', (text) => {
    said += text
    const found = /http:\/\/[\w.]+:\d+/.exec(said)
    if (found) resolve(found[0])
  })
})

async function ask(path, key, body, type = 'application/json') {
  const headers = { authorization: `Bearer ${key}`, 'content-type': type }
  const answer = await fetch(address + path, { method: 'POST', headers, body })
  if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`)
  return answer.json()
}

try {
  const city = { name: 'Riverbend', state: 'OH', timezone: 'America/New_York', federalContractor: false }
  const { id } = await ask('/v1/jurisdictions', ADMIN, JSON.stringify({ ...city, sellsToFederal: false }))
  const wanted = { label: 'Riverbend IT', role: 'city-editor', jurisdictionId: id }
  const { key } = await ask('/v1/keys', ADMIN, JSON.stringify(wanted))
  await ask('/v1/imports', key, readFileSync('examples/riverbend-cameras.csv'), 'text/csv')
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  })
  const page = await browser.newPage({ viewport: { width: 1280, height: 960 } })
  await page.goto(`${address.replace('127.0.0.1', 'localhost')}/console/login?next=/console/devices`)
  await page.fill('input[name=key]', key)
  await Promise.all([page.waitForURL(/\/console\/devices/), page.click('main button')])
  await page.screenshot({ path: 'docs/images/console.png' })
  await browser.close()
} finally {
  service.kill()
  rmSync(folder, { recursive: true, force: true })
}
