/** Signing in with a key, and out. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { callerOf } from '../http/addresses.ts'
import { limiter } from '../http/limits.ts'
import { hashKey } from '../tenancy/auth.ts'
import { ApiRefusal, tryKey } from './client.ts'
import { type FormState, UNSENT, wrongForm } from './form.ts'
import { type Frame, sendShown } from './frame.tsx'
import { actorIn, clearCookie, cookieFor, nextAddress, setCookie, signedIn } from './session.ts'
import { SendAgain, SignIn } from './sign-in.tsx'

const HIDDEN = { schema: { hide: true } }
/** Wrong keys a minute and address. */
const TRIES = 5
const NAME_MOST = 100

export function registerSignIn(scope: FastifyInstance, frame: Frame): void {
  const { services } = frame
  const tries = limiter(TRIES, services.now)

  const show = (request: FastifyRequest, reply: FastifyReply, form: FormState, next: string) =>
    sendShown(frame, request, reply, null, {
      status: form.problem?.status ?? 200,
      title: 'Sign in',
      view: (
        <SignIn
          form={form}
          next={next}
          kept={form.sent?.get('kept') ?? null}
          isPossible={cookieFor(request, services.plainHttp) !== null}
        />
      ),
    })

  scope.get('/login', HIDDEN, async (request, reply) => {
    const next = nextAddress(new URLSearchParams(request.url.split('?')[1] ?? '').get('next'))
    if ((await signedIn(services, request)) !== null) return reply.redirect(next, 303)
    return show(request, reply, UNSENT, next)
  })

  scope.post('/login', HIDDEN, async (request, reply) => {
    const form = request.body instanceof URLSearchParams ? request.body : new URLSearchParams()
    const next = nextAddress(form.get('next'))
    const cookie = cookieFor(request, services.plainHttp)
    if (cookie === null) return show(request, reply, UNSENT, next)
    const caller = callerOf(request.ip)
    const wrong = await refusedKey(frame, form, request.ip)
    if (wrong !== null) {
      // A good key is taken however many wrong ones came before it: colleagues share an address.
      const standing = tries.take(caller)
      if (!services.isLimited || standing.allowed) return show(request, reply, wrong, next)
      reply.header('retry-after', String(standing.resetSeconds))
      return show(request, reply, tooMany(form, standing.resetSeconds), next)
    }
    const key = keyIn(form)
    const principal = await services.keyRing.principalOf(hashKey(key))
    if (principal === null) return show(request, reply, wrongKey(form), next)
    const statedName = (form.get('name') ?? '').trim().slice(0, NAME_MOST) || null
    const actor = actorIn(request, { ...principal, statedName })
    // Whoever was signed in here before is not any longer.
    const before = await signedIn(services, request)
    if (before !== null) await services.sessions.end(before.session.id, actorIn(request, before.principal))
    const { token } = await services.sessions.begin({ principal, statedName, actor })
    setCookie(reply, cookie, token)
    const kept = form.get('kept')
    if (kept === null) return reply.redirect(next, 303)
    return sendShown(frame, request, reply, null, {
      status: 200,
      title: 'Signed in again',
      view: <SendAgain address={next} kept={kept} />,
    })
  })

  scope.post('/logout', HIDDEN, async (request, reply) => {
    const who = await signedIn(services, request)
    if (who !== null) await services.sessions.end(who.session.id, actorIn(request, who.principal))
    const cookie = cookieFor(request, services.plainHttp)
    if (cookie !== null) clearCookie(reply, cookie)
    return reply.redirect('/console/login?done=signed-out', 303)
  })
}

/** What was copied comes with blanks around it. */
const keyIn = (form: URLSearchParams) => (form.get('key') ?? '').trim()

/** Null when the key is good. */
async function refusedKey(
  { services }: Frame,
  form: URLSearchParams,
  address: string,
): Promise<FormState | null> {
  const key = keyIn(form)
  if (key === '') return wrongForm(form, { key: 'is needed' })
  if (!/^[\x21-\x7e]{1,200}$/.test(key)) return wrongKey(form)
  try {
    await tryKey(services.api, key, address)
    return null
  } catch (error) {
    if (!(error instanceof ApiRefusal)) throw error
    if (error.problem.status === 401) return wrongKey(form)
    if (error.problem.status === 429) return tooMany(form, Number(error.headers['retry-after'] ?? 60))
    throw error
  }
}

const wrongKey = (form: URLSearchParams): FormState => ({
  ...wrongForm(form, { key: 'is not a key of this service, or it has ended' }),
  problem: { status: 401, title: 'You are not signed in.', type: '/problems/unauthenticated' },
})

const tooMany = (form: URLSearchParams, seconds: number): FormState => ({
  ...wrongForm(form, {}),
  problem: {
    status: 429,
    title: `Too many wrong keys came from your network. Try again in ${seconds} seconds.`,
    type: '/problems/too-many-requests',
  },
})
