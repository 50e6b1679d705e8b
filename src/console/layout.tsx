/** The frame of every page: head, navigation, messages, foot. */
import type { ComponentChildren } from 'preact'
import { shownLabel } from '../tenancy/actor.ts'
import type { Assets } from './assets.ts'
import { GROUPS, type Page } from './page.ts'
import { Day } from './parts/words.tsx'
import type { LawInForce } from './services.ts'
import type { SignedIn } from './session.ts'
import { ROLE_WORDS } from './words.ts'

export interface FrameOf {
  readonly assets: Assets
  readonly scripts: readonly string[]
  /** Of the browser's tab: the page, then what it belongs to. */
  readonly title: string
  readonly trail: readonly (readonly [label: string, address: string])[]
  /** Null before signing in. */
  readonly who: SignedIn | null
  /** Whose register is shown: the city, or several. */
  readonly whose: string
  /** Path of the page, to mark its line in the navigation. */
  readonly path: string
  /** What the role may open. */
  readonly pages: readonly Page[]
  /** What is not as usual. */
  readonly notices: readonly string[]
  /** What the last form did. */
  readonly done: string | null
  readonly law: LawInForce
  /** Addresses of the API behind the page. */
  readonly calls: readonly string[]
  readonly children: ComponentChildren
}

export function Layout(frame: FrameOf) {
  const { assets, title, who, whose, children, done, notices } = frame
  return (
    <html lang="en-US">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>
          {[title, ...frame.trail.map(([label]) => label).reverse(), whose, 'camledger']
            .filter(Boolean)
            .join(' · ')}
        </title>
        <link rel="stylesheet" href={assets.address('console.css')} />
        <link rel="icon" type="image/svg+xml" href={assets.address('icon.svg')} />
        {frame.scripts.map((script) => (
          <script key={script} type="module" src={assets.address(script)} />
        ))}
      </head>
      <body>
        <a class="skip" href="#main">
          Skip to the page
        </a>
        <Top {...frame} />
        <div class={who ? 'body' : 'body alone'}>
          {who ? <Navigation {...frame} /> : null}
          <main id="main" tabIndex={-1}>
            <Trail steps={frame.trail} title={title} />
            {notices.map((notice) => (
              <p class="notice" key={notice}>
                {notice}
              </p>
            ))}
            {done === null ? null : (
              <p class="done" role="status">
                {done}
              </p>
            )}
            <h1>{title}</h1>
            {children}
          </main>
        </div>
        <Foot {...frame} />
      </body>
    </html>
  )
}

function Top({ who, whose }: FrameOf) {
  return (
    <header class="top">
      <a class="brand" href="/console">
        camledger
      </a>
      {whose === '' ? null : <span class="whose">{whose}</span>}
      {who === null ? null : (
        <>
          <search>
            <form class="find" action="/console/search" method="get">
              <label for="find">Search</label>
              <input id="find" name="q" type="search" maxLength={100} />
              <button type="submit" class="quiet">
                Find
              </button>
            </form>
          </search>
          <div class="who">
            <a href="/console/account">{shownLabel(who.principal)}</a>
            <form action="/console/logout" method="post">
              <button type="submit" class="link">
                Sign out
              </button>
            </form>
          </div>
        </>
      )}
    </header>
  )
}

function Navigation({ pages, path, who }: FrameOf) {
  const groups = GROUPS.map((group) => ({
    group,
    entries: pages.filter(({ place }) => place?.group === group),
  })).filter(({ entries }) => entries.length > 0)
  const here = pages
    .filter(({ place, path: own }) => place !== undefined && isAt(path, own))
    // Of pages that stand below one another the nearest.
    .toSorted((a, b) => b.path.length - a.path.length)[0]
  return (
    <nav class="side" aria-label="Pages">
      <details open>
        <summary>Menu</summary>
        {groups.map(({ group, entries }) => (
          <div key={group}>
            <h2 class="group">{group}</h2>
            <ul>
              {entries.map((entry) => (
                <li key={entry.path}>
                  <a href={`/console${entry.path}`} aria-current={entry === here ? 'page' : undefined}>
                    {entry.place?.label}
                  </a>
                </li>
              ))}
            </ul>
          </div>
        ))}
      </details>
      <p class="role">{who ? ROLE_WORDS[who.principal.role] : ''}</p>
    </nav>
  )
}

const isAt = (path: string, entry: string) =>
  entry === '' ? path === '' : path === entry || path.startsWith(`${entry}/`)

function Trail({ steps, title }: { readonly steps: FrameOf['trail']; readonly title: string }) {
  if (steps.length === 0) return null
  return (
    <nav class="trail" aria-label="Where this page stands">
      <ol>
        {steps.map(([label, address]) => (
          <li key={address}>
            <a href={address}>{label}</a>
          </li>
        ))}
        <li aria-current="page">{title}</li>
      </ol>
    </nav>
  )
}

function Foot({ who, law, calls }: FrameOf) {
  if (who === null) return null
  return (
    <footer class="foot">
      <p>
        Law as of <Day day={law.asOf} /> · list data version {law.version} ·{' '}
        <span class="digest">digest {law.digest.slice(0, 12)}</span> · not legal advice
      </p>
      {calls.length === 0 ? null : (
        <details class="calls">
          <summary>This page as API calls</summary>
          <ul>
            {calls.map((call) => (
              <li key={call}>
                <code>GET {call}</code>
              </li>
            ))}
          </ul>
        </details>
      )}
      <p>
        <a href="/docs">Reference of the API</a>
      </p>
    </footer>
  )
}
