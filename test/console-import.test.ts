/** A spreadsheet, from a browser into the register: each step with script and without. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import {
  listening,
  openBrowser,
  signInThere,
  sticksOut,
  violations,
  watched,
  withoutBrowser,
} from './support/chromium.ts'
import { harness } from './support/harness.ts'
import { signedInAs, textOf, type Visitor } from './support/visitor.ts'

const h = await harness(t)
const root = (path: string) => fileURLToPath(import.meta.resolve(`#root/${path}`))
const SAMPLE = root('examples/riverbend-cameras.csv')
const FROM_HERE = { 'sec-fetch-site': 'same-origin' }

async function newCity() {
  const id = await h.jurisdiction({ state: 'OH', timezone: 'America/New_York' })
  return { id, key: await h.key('city-editor', id), viewer: await h.key('city-viewer', id) }
}

/** A form as a browser sends it that has no script. */
function fileForm(fields: Readonly<Record<string, string>>, name: string, content: string | Buffer) {
  const edge = '----camledgerTest'
  const texts = Object.entries(fields).map(
    ([key, value]) => `--${edge}\r\nContent-Disposition: form-data; name="${key}"\r\n\r\n${value}\r\n`,
  )
  const head = `--${edge}\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\nContent-Type: text/csv\r\n\r\n`
  const payload = Buffer.concat([
    Buffer.from(texts.join('') + head),
    Buffer.from(content),
    Buffer.from(`\r\n--${edge}--\r\n`),
  ])
  return { payload, headers: { 'content-type': `multipart/form-data; boundary=${edge}` } }
}

async function sendFile(someone: Visitor, name: string, content: string | Buffer, source = '') {
  const { payload, headers } = fileForm({ source }, name, content)
  const reply = await h.app.inject({
    method: 'POST',
    url: '/console/imports/new',
    payload,
    headers: { ...headers, ...FROM_HERE, accept: 'text/html', cookie: someone.cookie() },
  })
  return { status: reply.statusCode, html: reply.body, location: reply.headers.location ?? '' }
}

/** Open an address, and whatever it leads to, until work in progress has ended. */
async function follow(someone: Visitor, address: string) {
  let at = address
  for (;;) {
    const visit = await someone.open(at)
    if (visit.location !== undefined) at = visit.location
    else if (visit.html.includes('data-job=')) await new Promise((resolve) => setTimeout(resolve, 30))
    else return { ...visit, address: at }
  }
}

t.test('before there is a city, the operator who imports is led to adding one', async (t) => {
  const operator = await signedInAs(h, h.admin)
  const { html } = await operator.open('/console/imports/new')
  t.match(html, /href="\/console\/jurisdictions\/new"/)
  t.notMatch(html, 'type="file"', 'a form that nobody could send is not shown')
})

t.test('a city takes its list in by forms alone: file, columns, check, done, undo', async (t) => {
  const city = await newCity()
  const someone = await signedInAs(h, city.key)
  const none = await sendFile(someone, '', '')
  t.match(textOf(none.html), 'Choose a file first')
  const sent = await sendFile(someone, 'cameras.csv', readFileSync(SAMPLE))
  t.equal(sent.status, 303, textOf(sent.html))
  const columns = await someone.open(sent.location)
  t.match(textOf(columns.html), 'removed because it holds logins')
  t.notMatch(columns.html, /admin[:/]/, 'nothing of a login is shown')

  const tried = await someone.post(sent.location, {})
  t.match(tried.location, '/console/jobs/')
  const check = await follow(someone, tried.location!)
  t.match(textOf(check.html), /58 new on the register|58 would be new/)
  t.match(textOf(check.html), '2 rows will be left out')
  t.equal(
    (await h.call('GET', '/v1/devices', { key: city.key })).body.items.length,
    0,
    'nothing is changed yet',
  )

  const twice = [
    await someone.post(check.address, { do: 'import' }),
    await someone.post(check.address, { do: 'import' }),
  ]
  t.equal(twice[0]!.location, twice[1]!.location, 'sent twice, it is done once')
  const done = await follow(someone, twice[0]!.location!)
  t.match(done.address, /^\/console\/imports\/[0-9a-f-]{36}\?done=imported$/)
  t.match(textOf(done.html), '58 devices added')
  const rejects = /href="(\/console\/v1\/imports\/[^"]+\/rejects)"/.exec(done.html)![1]!
  t.match((await someone.open(rejects)).html, /error/)

  const undo = `${done.address.split('?')[0]}/undo`
  t.match(textOf((await someone.open(undo)).html), '58 devices that it added would leave the register')
  const undone = await follow(someone, (await someone.post(undo, {})).location!)
  t.match(textOf(undone.html), 'This import was undone')
  t.equal((await h.call('GET', '/v1/devices', { key: city.key })).body.items.length, 0)
  t.match(textOf((await someone.open('/console/imports')).html), 'undone')
  await h.call('POST', '/v1/devices', { key: city.key, body: { assetTag: 'BY-HAND', manufacturer: 'Axis' } })
  t.match(textOf((await someone.open('/console')).html), /Last import .*58 new.* It was undone on/)
})

t.test('what is unclear is asked, and every wrong step says what to do', async (t) => {
  const city = await newCity()
  const someone = await signedInAs(h, city.key)
  const unclear = await sendFile(
    someone,
    'two.csv',
    'Asset Tag,Manufacturer,OEM,Funded By\nQ-1,Hanwha,Hikvision,CIP\n',
  )
  const asked = await someone.open(unclear.location)
  t.match(textOf(asked.html), 'could each be “Manufacturer”')
  const still = await someone.post(unclear.location, {})
  t.equal(still.status, 422, 'it does not go on')
  const both = await someone.post(unclear.location, {
    'column-0-1': 'manufacturer',
    'column-0-2': 'manufacturer',
  })
  t.match(textOf(both.html), 'Two columns are chosen for this')
  const chosen = await someone.post(unclear.location, {
    'column-0-1': 'manufacturer',
    'column-0-3': 'fundingSource',
  })
  const check = await follow(someone, chosen.location!)
  t.match(textOf(check.html), '“CIP” as Funding source')
  const again = await someone.post(check.address, {
    do: 'words',
    word: 'CIP',
    field: 'fundingSource',
    'word-0': 'local',
  })
  const settled = await follow(someone, again.location!)
  t.notMatch(textOf(settled.html), '“CIP” as Funding source')
  const done = await follow(someone, (await someone.post(settled.address, { do: 'import' })).location!)
  t.match(textOf(done.html), '1 device added')
  t.match((await h.call('GET', '/v1/devices?include=all', { key: city.key })).body.items, [
    { manufacturer: 'Hanwha', fundingSource: 'local' },
  ])

  const bad = await sendFile(someone, 'report.csv', '%PDF-1.7 nothing')
  t.match(textOf((await someone.open(bad.location)).html), 'This file cannot be read as it is')
  const all = await sendFile(
    someone,
    'all.csv',
    'Asset Tag,Manufacturer,Acquired\nA-1,Axis,2020-01-01\nA-1,Axis,2020-01-01\n',
  )
  const refused = await follow(someone, (await someone.post(all.location, { atomic: 'true' })).location!)
  t.match(textOf(refused.html), 'You chose to take all rows or nothing')
  const good = await follow(someone, (await someone.post(refused.address, { do: 'good-rows' })).location!)
  t.match(textOf(good.html), '1 device added')
})

t.test('an upload of one city is no page of another, and a key that reads imports nothing', async (t) => {
  const [city, other] = [await newCity(), await newCity()]
  const sent = await sendFile(await signedInAs(h, city.key), 'a.csv', 'Asset Tag\nX-1\n')
  t.equal((await (await signedInAs(h, other.key)).open(sent.location)).status, 404)
  const viewer = await signedInAs(h, city.viewer)
  t.equal((await viewer.open('/console/imports/new')).status, 403)
  t.equal((await sendFile(viewer, 'a.csv', 'Asset Tag\nX-1\n')).status, 403)
  t.notMatch((await viewer.open('/console/imports')).html, 'href="/console/imports/new"')
  const forged = fileForm({}, 'a.csv', 'Asset Tag\nX-1\n')
  const cookie = (await signedInAs(h, city.key)).cookie()
  const reply = await h.app.inject({
    method: 'POST',
    url: '/console/imports/new',
    payload: forged.payload,
    headers: { ...forged.headers, 'sec-fetch-site': 'cross-site', cookie },
  })
  t.equal(reply.statusCode, 403, 'a form of another site')
})

t.test('in a browser', { skip: withoutBrowser }, async (t) => {
  const browser = await openBrowser(t)
  const origin = await listening(h)

  const look = async (t: Test, page: Page, name: string) => {
    for (const width of [1280, 320]) {
      await page.setViewportSize({ width, height: 900 })
      t.same(await violations(page), [], `${name}: axe at ${width} px`)
      t.notOk(await sticksOut(page), `${name}: ${width} px`)
      const folder = process.env.SCREENSHOTS
      if (folder) await page.screenshot({ path: `${folder}/${name}-${width}.png`, fullPage: true })
    }
    await page.setViewportSize({ width: 1280, height: 900 })
  }

  for (const javaScriptEnabled of [true, false]) {
    t.test(`the list of the sample city, ${javaScriptEnabled ? 'with' : 'without'} script`, async (t) => {
      const city = await newCity()
      const context = await browser.newContext({ javaScriptEnabled })
      const seen = watched(context, origin)
      const page = await context.newPage()
      const shown = async (name: string) => {
        if (javaScriptEnabled) await look(t, page, name)
      }
      await signInThere(page, origin, city.key)
      await page.goto(`${origin}/console/imports`)
      await shown('imports-empty')
      await page.getByRole('link', { name: 'Import a spreadsheet' }).click()
      await shown('import-1-file')
      await page.getByLabel('File', { exact: true }).setInputFiles(SAMPLE)
      await page.getByRole('button', { name: 'Go on to the columns' }).click()
      await page.getByRole('heading', { name: /Columns of/ }).waitFor()
      await shown('import-2-columns')
      await page.getByRole('button', { name: 'Check what would happen' }).click()
      await page.getByRole('heading', { name: /^Check/ }).waitFor({ timeout: 60_000 })
      await shown('import-3-check')
      await page.getByRole('button', { name: 'Import 58 devices' }).click()
      await page.getByRole('heading', { name: /^Import of/ }).waitFor({ timeout: 60_000 })
      await shown('import-4-done')
      t.match(await page.locator('main').textContent(), /58 devices added/)
      await page.getByRole('link', { name: /undoing this import/ }).click()
      await shown('import-5-undo')
      await page.goto(`${origin}/console/imports`)
      await shown('imports-list')
      t.same(seen, [])
      await context.close()
    })
  }

  t.test('a hostile file is text on every page of the way', async (t) => {
    const city = await newCity()
    const context = await browser.newContext()
    const seen = watched(context, origin)
    const page = await context.newPage()
    await signInThere(page, origin, city.key)
    await page.goto(`${origin}/console/imports/new`)
    const evil = '"><script>document.title=1</script>\u202E😀'
    const cell = `"${evil.replaceAll('"', '""')}"`
    const long = `${cell.slice(0, -1)}${'x'.repeat(300)}"`
    const buffer = Buffer.from(
      `Asset Tag,Manufacturer,Status,${long}\nH-1,${cell},${cell},${cell}\n${cell},${long},${long},${long}\nH-1,a,b,c\n`,
    )
    await page
      .getByLabel('File', { exact: true })
      .setInputFiles({ name: '<img src=x onerror=alert(1)>.csv', mimeType: 'text/csv', buffer })
    await page.getByRole('button', { name: 'Go on to the columns' }).click()
    await page.getByRole('heading', { name: /Columns of/ }).waitFor()
    await look(t, page, 'hostile-columns')
    await page.getByRole('button', { name: 'Check what would happen' }).click()
    await page.getByRole('heading', { name: /^Check/ }).waitFor({ timeout: 60_000 })
    await look(t, page, 'hostile-check')
    await page.getByRole('button', { name: /^Import \d/ }).click()
    await page.getByRole('heading', { name: /^Import of/ }).waitFor({ timeout: 60_000 })
    await look(t, page, 'hostile-done')
    t.same(seen, [])
    await context.close()
  })
})
