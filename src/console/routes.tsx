/**
 * The console under `/console`: pages from `pages/`, the session, files of the API for whoever has signed in, assets.
 * It calls the API as any client does and adds nothing to it.
 */
import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { DomainError, toDomainError, toProblem } from '../http/problems.ts'
import type { App } from '../http/services.ts'
import { readAway } from '../http/spool.ts'
import { type Assets, readAssets } from './assets.ts'
import { ApiRefusal } from './client.ts'
import { Closed, Failed, failureOf } from './failures.tsx'
import { registerFiles } from './files.ts'
import { apiOf, type Frame, mustBeSignedIn, sendShown } from './frame.tsx'
import { type FormWithFile, readForm } from './multipart.ts'
import { nameBook } from './names.ts'
import { type Asked, GoTo, type Opened, type Page } from './page.ts'
import { PAGES } from './pages/index.ts'
import { setPolicy } from './policy.ts'
import { isFromHere } from './same-origin.ts'
import type { ConsoleServices } from './services.ts'
import { actorIn, type SignedIn, signedIn } from './session.ts'
import { registerSignIn } from './sign-in-routes.tsx'
import { FAILURES } from './words.ts'

const HTML_FORM = 'application/x-www-form-urlencoded'
const FORM_BYTES = 256 * 1024
const FILE_FORM = 'multipart/form-data'
/** The API limits the file itself; its form is a little larger. */
const FILE_BYTES = 1025 * 1024 * 1024

type TakenIn = (error: null, body: unknown) => void
const YEAR = 'public, max-age=31536000, immutable'
const HIDDEN = { schema: { hide: true } }

export async function consoleRoutes(app: App, services: ConsoleServices): Promise<void> {
  const assets = readAssets()
  const frame: Frame = { services, assets, names: nameBook() }
  leadThere(app)
  await app.register(
    async (scope: FastifyInstance) => {
      scope.addContentTypeParser(
        HTML_FORM,
        { parseAs: 'string', bodyLimit: FORM_BYTES },
        async (_request: FastifyRequest, body: string | Buffer) => new URLSearchParams(body.toString()),
      )
      scope.addContentTypeParser(FILE_FORM, (_request: unknown, body: unknown, done: TakenIn) =>
        done(null, body),
      )
      scope.addHook('onRequest', async (request, reply) => {
        setPolicy(reply)
        if (!isFromHere(request.method, request.headers, request.host))
          throw new DomainError('forbidden', 'A form of another site was sent here. Nothing was done.')
      })
      scope.setErrorHandler((error, request, reply) => answerFailure(frame, error, request, reply))
      scope.setNotFoundHandler(async () => {
        throw new DomainError('not-found', '')
      })
      registerAssets(scope, assets)
      registerSignIn(scope, frame)
      registerFiles(scope, frame)
      for (const page of PAGES) registerPage(scope, frame, page)
    },
    { prefix: '/console' },
  )
}

/** Whoever comes with a browser is led to the console; programs are answered as before. */
function leadThere(app: App): void {
  app.get('/', HIDDEN, async (request, reply) => {
    if (!request.headers.accept?.includes('text/html'))
      throw new DomainError('not-found', 'There is no such address; see /docs.')
    return reply.redirect('/console', 303)
  })
}

function registerAssets(scope: FastifyInstance, assets: Assets): void {
  scope.get('/assets/:name', HIDDEN, async (request, reply) => {
    const { name } = request.params as { name: string }
    const asset = assets.find(name)
    if (asset === undefined) throw new DomainError('not-found', '')
    reply.headers({ 'cache-control': YEAR, 'content-type': asset.type, vary: 'Accept-Encoding' })
    if (!/\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))) return reply.send(asset.bytes)
    return reply.header('content-encoding', 'gzip').send(asset.gzip())
  })
}

function registerPage(scope: FastifyInstance, frame: Frame, page: Page): void {
  const answer = async (
    request: FastifyRequest,
    reply: FastifyReply,
    roles: Page['roles'],
    open: (api: ReturnType<typeof apiOf>, asked: Asked) => Promise<Opened | GoTo>,
  ) => {
    const who = await mustBeSignedIn(frame, request, reply)
    if (who === null) return reply
    const asked = await askedOf(frame, request, who)
    if (!roles.includes(who.principal.role)) return sendClosed(frame, request, reply, page, asked)
    const api = apiOf(frame, request, who)
    const opened = await open(api, asked)
    if (opened instanceof GoTo) return reply.redirect(opened.address, 303)
    return sendShown(frame, request, reply, who, { ...opened, calls: api.calls })
  }
  scope.get(page.path, HIDDEN, (request, reply) => answer(request, reply, page.roles, page.open))
  if (!page.takesForms && !page.takesFiles) return
  const options = {
    ...HIDDEN,
    config: { takesBody: page.takesFiles },
    bodyLimit: page.takesFiles ? FILE_BYTES : FORM_BYTES,
  }
  scope.post(page.path, options, (request, reply) =>
    answer(request, reply, page.submitRoles ?? page.roles, (api, asked) =>
      isFile(request) && page.takesFiles
        ? received(request, (form) => page.receive(api, asked, form))
        : page.submit(api, asked, formOf(request.body)),
    ).finally(() => {
      // A browser shows an answer when it has sent all of its form.
      if (isFile(request)) readAway(request.body as Readable)
    }),
  )
}

const isFile = ({ body }: FastifyRequest) => body instanceof Readable

async function received<T>(request: FastifyRequest, take: (form: FormWithFile) => Promise<T>): Promise<T> {
  const body = request.body as Readable
  const form = await readForm(body, request.headers)
  try {
    return await take(form)
  } finally {
    body.unpipe()
    form.file?.stream.destroy()
  }
}

function formOf(body: unknown): URLSearchParams {
  if (body instanceof URLSearchParams) return body
  throw new DomainError('unsupported-media-type', 'A form is sent as a browser sends it.')
}

async function askedOf(frame: Frame, request: FastifyRequest, who: SignedIn): Promise<Asked> {
  const { services } = frame
  const query = new URLSearchParams(request.url.split('?')[1] ?? '')
  query.delete('done')
  const { keyId } = who.principal
  const account = {
    sessions: () => services.sessions.listOf(keyId),
    signOutEverywhere: () => services.sessions.endAllOf(keyId, actorIn(request, who.principal)),
  }
  // Read with a client of its own: these calls are not the page's.
  const names = await frame.names.read(apiOf(frame, request, who), services.law().digest)
  return { params: request.params as Record<string, string>, query, who, now: services.now(), account, names }
}

function sendClosed(frame: Frame, request: FastifyRequest, reply: FastifyReply, page: Page, asked: Asked) {
  const { title } = FAILURES[403]!
  return sendShown(frame, request, reply, asked.who, {
    status: 403,
    title,
    view: <Closed page={page} asked={asked} />,
  })
}

async function answerFailure(frame: Frame, error: unknown, request: FastifyRequest, reply: FastifyReply) {
  const refusal = error instanceof ApiRefusal ? error : ofOurs(error, request)
  const failure = failureOf(refusal)
  if (failure.status >= 500) request.log.error({ err: error }, 'a page could not be shown')
  if (failure.retryAfter !== undefined) reply.header('retry-after', failure.retryAfter)
  const who = await signedIn(frame.services, request).catch(() => null)
  if (failure.status === 401) return reply.redirect('/console/login', 303)
  return sendShown(frame, request, reply, who, {
    status: failure.status,
    title: failure.title,
    view: <Failed failure={failure} address={request.url} />,
  })
}

/** What did not come from the API: limits, forms of other sites, faults of our own. */
function ofOurs(error: unknown, request: FastifyRequest): ApiRefusal {
  const known = toDomainError(error)
  return new ApiRefusal(toProblem(known, request.id), { ...known.headers })
}
