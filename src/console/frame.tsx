/** From what a page shows to the bytes of an answer. */
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ComponentChildren } from 'preact'
import { renderToString } from 'preact-render-to-string'
import type { Assets } from './assets.ts'
import { type Api, apiFor } from './client.ts'
import { UNSENT } from './form.ts'
import { Layout } from './layout.tsx'
import type { NameBook } from './names.ts'
import { PAGES } from './pages/index.ts'
import type { ConsoleServices } from './services.ts'
import { cookieFor, isThisMachine, nextAddress, type SignedIn, signedIn } from './session.ts'
import { SignIn } from './sign-in.tsx'
import { DONE } from './words.ts'

export interface Frame {
  readonly services: ConsoleServices
  readonly assets: Assets
  readonly names: NameBook
}

/** What stands in the frame. */
export interface Shown {
  readonly status: number
  readonly title: string
  readonly trail?: readonly (readonly [label: string, address: string])[]
  readonly view: ComponentChildren
  /** Addresses of the API behind it. */
  readonly calls?: readonly string[]
  readonly scripts?: readonly string[]
}

const DAY = 86_400_000
/** What was typed is written into a form once more, where each character may take three; that form is limited. */
const MOST_KEPT = 60_000
/** Below it compressing takes longer than sending. */
const COMPRESSED_FROM = 2_000
const compress = promisify(gzip)

export async function sendShown(
  frame: Frame,
  request: FastifyRequest,
  reply: FastifyReply,
  who: SignedIn | null,
  shown: Shown,
): Promise<FastifyReply> {
  const { services, assets } = frame
  const [path = '', query = ''] = request.url.slice('/console'.length).split('?')
  const done = new URLSearchParams(query).get('done')
  const html = renderToString(
    <Layout
      assets={assets}
      scripts={['console.js', ...(shown.scripts ?? [])]}
      title={shown.title}
      trail={shown.trail ?? []}
      who={who}
      whose={who === null ? '' : await whose(frame, request, who)}
      path={path}
      pages={who === null ? [] : PAGES.filter(({ roles }) => roles.includes(who.principal.role))}
      notices={who === null ? [] : noticesFor(services, request, who)}
      done={done !== null && Object.hasOwn(DONE, done) ? DONE[done as keyof typeof DONE] : null}
      law={services.law()}
      calls={shown.calls ?? []}
    >
      {shown.view}
    </Layout>,
  )
  const bytes = Buffer.from(`<!doctype html>${html}`)
  reply.code(shown.status).type('text/html; charset=utf-8').header('cache-control', 'no-store')
  const isSmall = bytes.length < COMPRESSED_FROM
  // Nothing in a page is secret from whoever reads it, and no page repeats what another site sent.
  if (isSmall || !/\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))) return reply.send(bytes)
  return reply.header('content-encoding', 'gzip').send(await compress(bytes))
}

export function apiOf({ services }: Frame, request: FastifyRequest, { principal }: SignedIn): Api {
  return apiFor({ app: services.api, principal, remoteAddress: request.ip })
}

/** The city of a key, by name. Without it a page can still be read. */
async function whose(frame: Frame, request: FastifyRequest, who: SignedIn): Promise<string> {
  const { jurisdictionId: id, role } = who.principal
  if (id === null) return role === 'admin' ? 'All cities' : 'Your cities'
  try {
    return (await apiOf(frame, request, who).get('/v1/jurisdictions/{id}', { params: { id } })).name
  } catch {
    return 'Your city'
  }
}

function noticesFor(services: ConsoleServices, request: FastifyRequest, { principal }: SignedIn): string[] {
  const notices: string[] = []
  if (request.protocol !== 'https' && !isThisMachine(request.hostname))
    notices.push('This connection is not encrypted: others on the network can read along.')
  if (services.isEmbedded && principal.role === 'admin')
    notices.push(
      'This service runs on its embedded database: a power failure can lose data. Use PostgreSQL for real work.',
    )
  const left = principal.expiresAt === null ? null : principal.expiresAt - services.now().getTime()
  if (left !== null && left < 14 * DAY)
    notices.push(`Your key ends in ${Math.max(1, Math.ceil(left / DAY))} days. Ask for a new one.`)
  return notices
}

/** Null when the answer is the way to the sign-in page. */
export async function mustBeSignedIn(
  { services, assets, names }: Frame,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<SignedIn | null> {
  const who = await signedIn(services, request)
  if (who !== null) return who
  const next = nextAddress(request.url)
  if (request.body instanceof URLSearchParams && request.body.toString().length <= MOST_KEPT) {
    const form = { ...UNSENT, sent: new URLSearchParams({ kept: request.body.toString() }) }
    await sendShown({ services, assets, names }, request, reply, null, {
      status: 401,
      title: 'Sign in',
      view: (
        <SignIn
          form={form}
          next={next}
          kept={request.body.toString()}
          isPossible={cookieFor(request, services.plainHttp) !== null}
        />
      ),
    })
    return null
  }
  const query = next === '/console' ? '' : `?next=${encodeURIComponent(next)}`
  reply.redirect(`/console/login${query}`, 303)
  return null
}
