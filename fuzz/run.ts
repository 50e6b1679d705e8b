/**
 * `npm run fuzz [-- --requests N --seed N]`: requests made from the OpenAPI document, good and broken, with keys of
 * every role and of three cities, against the real service on a real database. On PostgreSQL with TEST_DATABASE_URL
 * (a user that may create databases and is no superuser), else on the embedded one.
 *
 * Fails on an answer of 500 and above, one that the document does not describe, another city's ids or words in a
 * city's answer, a secret in the log, an event loop that stands still, an operation that never succeeded in a long
 * run, and the end of the process. Prints the seed, and for each fault the smallest request that shows it.
 */
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { type Checks, type Fault, faultOf } from './checks.ts'
import { type ApiDocument, type Operation, readDocument } from './document.ts'
import { type Draw, drawFrom } from './draw.ts'
import { STEPS } from './examples.ts'
import { Known } from './known.ts'
import { broken } from './mutations.ts'
import { asCurl, type Caller, type FuzzRequest, makeRequest } from './requests.ts'
import { type Reply, send } from './send.ts'
import { startVictim, type Victim } from './service.ts'
import { smallest } from './smaller.ts'

/** An answer that takes longer is none. */
const ANSWER_LIMIT_MILLIS = 60_000
/** Everybody else waits while the loop stands still. Generous: the machine is shared with the fuzzer itself. */
const LOOP_LIMIT_MILLIS = 2_000
const LOOP_EVERY = 20
/** Requests that fit the document, of a hundred. */
const GOOD_SHARE = 45
/** Tries, at the end, for each operation that has not succeeded yet. */
const LAST_TRIES = 200
/** What a request draws decides whether it succeeds; with fewer an operation without a success is only printed. */
const ENOUGH_TO_REACH_ALL = 10_000

interface Found {
  readonly fault: Fault
  readonly request: FuzzRequest
  times: number
}

class Run {
  readonly found = new Map<string, Found>()
  readonly successes = new Map<string, number>()
  readonly lastAnswer = new Map<string, string>()
  readonly statuses = new Map<number, number>()
  readonly secrets = new Set<string>()
  sent = 0
  longestLoop = 0
  slowest = 0
  readonly #victim: Victim
  readonly #origin: URL
  readonly #document: ApiDocument
  readonly #draw: Draw
  readonly #known = new Known()
  readonly #checks: Checks
  readonly #marks: ReadonlyMap<string, string>
  #sinceLoop: FuzzRequest[] = []

  constructor(victim: Victim, document: ApiDocument, draw: Draw) {
    this.#victim = victim
    this.#origin = new URL(victim.ready.origin)
    this.#document = document
    this.#draw = draw
    this.#marks = new Map(victim.ready.marks)
    this.#checks = { document, known: this.#known, marks: this.#marks }
    for (const { key } of victim.ready.callers) this.secrets.add(key)
    for (const [city] of victim.ready.marks) this.#known.learn('/v1/jurisdictions', city, city)
  }

  /** Keys that the run lives by are not revoked by it. */
  async hideOwnKeys(): Promise<void> {
    const operation = this.#document.operations.find(({ id }) => id === 'listKeys')!
    const caller = this.#victim.ready.callers[0]!
    const headers = [['authorization', `Bearer ${caller.key}`]] as const
    const request = {
      operation,
      caller,
      method: 'GET',
      path: '/v1/keys',
      query: [['limit', '1000']],
      headers,
      body: null,
      broken: [],
    } as const
    const reply = await send(this.#origin, request, ANSWER_LIMIT_MILLIS)
    const { items } = JSON.parse(reply?.body.toString() ?? '{"items":[]}') as { items: { id: string }[] }
    for (const { id } of items) this.#known.hide(id)
  }

  async one(operation: Operation, isGood: boolean, caller = this.#callerFor(operation)): Promise<void> {
    const mark = this.#marks.get(caller.city ?? '') ?? 'Everywhere'
    const source = { draw: this.#draw, document: this.#document, known: this.#known, city: caller.city, mark }
    const good = makeRequest(operation, caller, source)
    const request = isGood ? good : broken(good, this.#draw)
    this.sent++
    this.#sinceLoop.push(request)
    const reply = await send(this.#origin, request, ANSWER_LIMIT_MILLIS)
    if (reply) this.#learn(request, reply)
    if (reply && isGood && reply.status !== 403)
      this.lastAnswer.set(operation.id, `${reply.status} ${reply.body.toString().slice(0, 400)}`)
    const fault = faultOf(this.#checks, request, reply)
    if (fault) await this.#keep(fault, request)
    if (this.sent % LOOP_EVERY === 0) await this.#watchLoop()
  }

  /** One key or another; for writes more often one that may write. */
  #callerFor(operation: Operation): Caller {
    const { callers } = this.#victim.ready
    if (operation.method === 'GET' || this.#draw.percent(25)) return this.#draw.one(callers)
    const fit = callers.filter(
      ({ role }) => role === 'admin' || role === 'city-editor' || role === 'city-budget',
    )
    return this.#draw.one(fit)
  }

  /** Tries for what has not succeeded: what it needs may have been taken away since, and is made again. */
  async lastTries(operation: Operation): Promise<void> {
    const { operations } = this.#document
    const steps = STEPS[operation.id]?.map((id) => operations.find((one) => one.id === id)!)
    const makers =
      steps ??
      operations.filter(
        ({ method, path }) => method === 'POST' && operation.path !== path && operation.path.startsWith(path),
      )
    this.#known.drawsNewest = true
    for (let i = 0; i < LAST_TRIES && !this.successes.has(operation.id) && this.#victim.end() === null; i++) {
      // A key that may make it, and may have the rest.
      const caller = this.#callerFor(makers[0] ?? operation)
      for (const maker of makers) await this.one(maker, true, caller)
      await this.one(operation, true, this.#draw.percent(70) ? caller : undefined)
    }
    this.#known.drawsNewest = false
  }

  #learn(request: FuzzRequest, reply: Reply): void {
    this.statuses.set(reply.status, (this.statuses.get(reply.status) ?? 0) + 1)
    this.slowest = Math.max(this.slowest, reply.millis)
    const isItself = request.broken.every((what) => !/path|method|an id/.test(what))
    if (reply.status >= 300 || !isItself) return
    const { operation, caller } = request
    this.successes.set(operation.id, (this.successes.get(operation.id) ?? 0) + 1)
    const location = /^(\/.*)\/([0-9a-f-]{36})$/.exec(reply.headers.location ?? '')
    if (location) this.#known.learn(location[1]!, location[2]!, caller.city)
    if (!(reply.headers['content-type'] ?? '').startsWith('application/json')) return
    let body: unknown
    try {
      body = JSON.parse(reply.body.toString())
    } catch {
      return
    }
    const { key } = (body ?? {}) as { key?: unknown }
    // Entries of lists have a `key` too.
    if (typeof key === 'string' && key.startsWith('clk_')) this.secrets.add(key)
    // 202 answers with a job, whatever was asked for.
    const kind = reply.status === 202 ? '/v1/jobs' : operation.path.replace(/\/\{\w+\}$/, '')
    this.#known.learnFrom(kind, body, caller.city)
    // What is made below another thing may have an address of its own: /v1/firmware-installations/{id}.
    const own = `/v1/${kind.split('/').at(-1)}`
    if (own !== kind) this.#known.learnFrom(own, body, caller.city)
  }

  async #keep(fault: Fault, request: FuzzRequest): Promise<void> {
    const name = `${request.operation.id}: ${fault.kind}`
    const known = this.found.get(name)
    if (known) {
      known.times++
      return
    }
    const least = await smallest(request, async (smaller) => {
      if (this.#victim.end() !== null) return false
      const again = faultOf(this.#checks, smaller, await send(this.#origin, smaller, ANSWER_LIMIT_MILLIS))
      return again?.kind === fault.kind
    })
    this.found.set(name, { fault, request: least, times: 1 })
    console.log(
      `\nFAULT ${name}\n  ${fault.detail}\n  broken: ${request.broken.join(', ') || 'nothing'}\n    ${asCurl(least)}`,
    )
  }

  async #watchLoop(): Promise<void> {
    const millis = await this.#victim.loopDelay()
    this.longestLoop = Math.max(this.longestLoop, millis)
    if (millis > LOOP_LIMIT_MILLIS) {
      const names = this.#sinceLoop.map((request) => asCurl(request)).join('\n    ')
      const fault = {
        kind: 'the event loop stood still',
        detail: `${Math.round(millis)} ms, in one of\n    ${names}`,
      }
      const name = `${fault.kind} ${this.sent}`
      this.found.set(name, { fault, request: this.#sinceLoop[0]!, times: 1 })
      console.log(`\nFAULT ${name}\n  ${fault.detail}`)
    }
    this.#sinceLoop = []
  }

  never(): Operation[] {
    return this.#document.operations.filter(({ id }) => !this.successes.has(id))
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      requests: { type: 'string', default: '20000' },
      seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    },
  })
  const [requests, seed] = [Number(values.requests), Number(values.seed)]
  const document = readDocument(
    await readFile(fileURLToPath(import.meta.resolve('#root/openapi/openapi.yaml')), 'utf8'),
  )
  const log: string[] = []
  const victim = await startVictim((line) => log.push(line))
  console.log(
    `${requests} requests, seed ${seed}, ${document.operations.length} operations, ${victim.ready.database} database`,
  )
  const draw = drawFrom(seed)
  const run = new Run(victim, document, draw)
  const began = performance.now()
  await run.hideOwnKeys()
  // What the others are made in, first: cities, sites, devices, plans.
  for (const operation of document.operations.filter(({ method }) => method === 'POST')) {
    for (let i = 0; i < 4; i++) await run.one(operation, true)
  }
  while (run.sent < requests && victim.end() === null) {
    const never = run.never()
    const operation = never.length > 0 && draw.percent(15) ? draw.one(never) : draw.one(document.operations)
    await run.one(operation, draw.percent(GOOD_SHARE))
  }
  for (const operation of run.never()) await run.lastTries(operation)
  const end = victim.end()
  await victim.stop()
  report(run, log, end, (performance.now() - began) / 1000)
}

function report(run: Run, log: readonly string[], end: string | null, seconds: number): void {
  const secrets = [...run.secrets, 'wrong-key-of-the-fuzzer']
  const spilled = log.filter((line) => secrets.some((secret) => line.includes(secret)))
  const failures = log.filter((line) => line.includes('"level":50') || line.includes('"level":60'))
  const never = run.never().map(({ id }) => id)
  const statuses = [...run.statuses].sort(([a], [b]) => a - b).map(([status, times]) => `${status}: ${times}`)
  console.log(`
${run.sent} requests in ${Math.round(seconds)} s (${Math.round(run.sent / seconds)}/s). Answers by status: ${statuses.join(', ')}.
Slowest answer ${Math.round(run.slowest)} ms; event loop held for ${Math.round(run.longestLoop)} ms at most.
Operations that never succeeded: ${never.length === 0 ? 'none' : never.join(', ')}.
Faults: ${run.found.size}. Secrets in ${log.length} lines of log: ${spilled.length}. The process ${end === null ? 'lives' : `ended: ${end}`}.`)
  for (const id of never) console.log(`  ${id} answered last: ${run.lastAnswer.get(id)}`)
  if (end !== null) console.log(`  its last words:\n${log.slice(-25).join('\n')}`)
  for (const line of spilled.slice(0, 3)) console.log(`  ${line.slice(0, 300)}`)
  for (const line of failures.slice(0, 10)) console.log(`  logged as an error: ${line.slice(0, 1200)}`)
  for (const [name, { times }] of run.found) console.log(`  ${times} x ${name}`)
  const isReached = never.length === 0 || run.sent < ENOUGH_TO_REACH_ALL
  const isGood = run.found.size === 0 && isReached && spilled.length === 0 && end === null
  process.exitCode = isGood ? 0 : 1
}

await main()
