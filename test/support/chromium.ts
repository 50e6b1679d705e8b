/** Debian's Chromium, driven over its debugging port; nothing is downloaded. */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { chromium } from 'playwright-core'
import type { Test } from 'tap'
import type { Harness } from './harness.ts'

const PATH = process.env.CHROMIUM ?? '/usr/bin/chromium'

/** Why browser tests are skipped; false when they are not. They look at pages, which are the same on both databases. */
export const withoutBrowser: string | false =
  process.env.TEST_DATABASE_URL !== undefined
    ? 'browser tests run on the embedded database'
    : existsSync(PATH)
      ? false
      : `no browser at ${PATH}: install Debian's chromium, or name one in CHROMIUM`

/** Started once for a test file. */
export async function openBrowser(t: Test): Promise<Browser> {
  const browser = await chromium.launch({
    executablePath: PATH,
    // CI runs in a container as root, where the sandbox does not start.
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  })
  t.teardown(() => browser.close())
  return browser
}

/** The address at which the service of a test listens. */
export async function listening(h: Harness): Promise<string> {
  await h.app.listen({ port: 0, host: '127.0.0.1' })
  const address = h.app.server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return `http://localhost:${address.port}`
}

/** What must not happen on any page: a request elsewhere, a message of the policy, an error. */
export function watched(context: BrowserContext, origin: string): string[] {
  const seen: string[] = []
  context.on('request', (request) => {
    if (!request.url().startsWith(`${origin}/`)) seen.push(`request to ${request.url()}`)
  })
  context.on('console', (message) => {
    // A page that answers 404 to its reader is said to have failed to load.
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text()))
      seen.push(message.text())
  })
  context.on('weberror', (error) => {
    // The browser's own word on its fading between two pages, when a test changes the size of the window meanwhile.
    if (!/Transition was (?:aborted|skipped)/.test(String(error.error()))) seen.push(String(error.error()))
  })
  return seen
}

export async function signInThere(page: Page, origin: string, key: string): Promise<void> {
  await page.goto(`${origin}/console/login`)
  await page.getByLabel('Access key').fill(key)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForURL((url) => !url.pathname.endsWith('/login'))
}

const axe = () => readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8')
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'section508', 'best-practice']

/** What axe finds wrong on the page that is open: rule and element, one line each. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(`${axe()};0`)
  const run = `axe.run({ runOnly: ${JSON.stringify(RULES)} }).then(({ violations }) =>
    violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => id + ': ' + html.slice(0, 200) + ' ' + failureSummary)))`
  return (await page.evaluate(run)) as string[]
}

/** Whether something sticks out to the right, so that a reader has to scroll sideways. */
export async function sticksOut(page: Page): Promise<boolean> {
  return (await page.evaluate(
    'document.documentElement.scrollWidth > document.documentElement.clientWidth',
  )) as boolean
}

/** Opens an address at both widths: axe finds nothing wrong, and nothing sticks out. */
export async function fits(t: Test, page: Page, address: string): Promise<void> {
  const { pathname, search } = new URL(address)
  for (const width of [1280, 320]) {
    await page.setViewportSize({ width, height: 900 })
    // Some pages compute what they show; a busy machine takes its time.
    await page.goto(address, { timeout: 120_000 })
    t.same(await violations(page), [], `${pathname}${search}: axe at ${width} px`)
    t.notOk(await sticksOut(page), `${pathname}${search}: ${width} px`)
  }
}

/** Opens every page, each as the one who reads it; nothing is asked of other hosts, and the policy finds nothing. */
export async function eachFits<Who extends string>(
  t: Test,
  browser: Browser,
  origin: string,
  keys: Readonly<Record<Who, string>>,
  pages: readonly (readonly [Who, string])[],
): Promise<void> {
  const context = await browser.newContext()
  const seen = watched(context, origin)
  const page = await context.newPage()
  let signedIn: Who | null = null
  for (const [who, address] of pages) {
    if (who !== signedIn) {
      await context.clearCookies()
      await signInThere(page, origin, keys[who])
      signedIn = who
    }
    await fits(t, page, origin + address)
  }
  t.same(seen, [])
  await context.close()
}
