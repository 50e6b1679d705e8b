/**
 * A connection that is lost, a database that is away, long work on every connection: the service goes on, answers
 * 503 with Retry-After where it cannot do better, and recovers by itself.
 */
import t from 'tap'
import {
  CommitUnknownError,
  ConnectionLostError,
  ConnectionsBusyError,
  NoConnectionError,
  type OutageKind,
  outageOf,
} from '../src/db/failures.ts'
import { eachInLane, inLane, openLanes, sharesOf } from '../src/db/lanes.ts'
import { toDomainError } from '../src/http/problems.ts'
import { describeError } from '../src/log.ts'

const sqlState = (code: string, message = 'said the server') => Object.assign(new Error(message), { code })
const system = (code: string, syscall: string) =>
  Object.assign(new Error(`${syscall} ${code}`), { code, syscall })
const named = (name: string, cause?: unknown) => Object.assign(new Error('x', { cause }), { name })
const query = (cause: unknown) =>
  Object.assign(new Error('Failed query: select $1\nparams: SECRET-7', { cause }), {
    query: '',
    params: ['SECRET-7'],
  })

t.test('what keeps the database from answering is 503 with Retry-After, all else is not', async (t) => {
  const cases: readonly [error: unknown, kind: OutageKind | null][] = [
    // The server's own codes, as drizzle wraps them and bare.
    ['57P01', 'lost'],
    ['57P02', 'lost'],
    ['57P03', 'starting'],
    ['57P04', 'refused'],
    ['57P05', 'lost'],
    ['25P03', 'lost'],
    ['08000', 'lost'],
    ['08003', 'lost'],
    ['08006', 'lost'],
    ['08P01', 'lost'],
    ['25006', 'read-only'],
    ['28000', 'refused'],
    ['28P01', 'refused'],
    ['3D000', 'refused'],
    ['40001', 'conflict'],
    ['40P01', 'conflict'],
    ['55P03', 'conflict'],
    ['53100', 'full'],
    ['53200', 'full'],
    ['53300', 'crowded'],
    ['57014', 'slow'],
    ['58030', 'failing'],
    ['22001', null],
    ['23505', null],
    ['42501', null],
    ['42P01', null],
    ['XX000', null],
    ['XX001', null],
  ].flatMap(([code, kind]) => [
    [sqlState(code as string), kind as OutageKind | null] as const,
    [query(sqlState(code as string)), kind as OutageKind | null] as const,
  ])
  const others: readonly [error: unknown, kind: OutageKind | null][] = [
    // The driver, which gives no code.
    [new Error('timeout exceeded when trying to connect'), 'crowded'],
    [new Error('Connection terminated due to connection timeout'), 'unreachable'],
    [new Error('Connection terminated unexpectedly'), 'lost'],
    [query(new Error('Connection terminated unexpectedly')), 'lost'],
    [new Error('Client has encountered a connection error and is not queryable'), 'lost'],
    [new Error('Cannot use a pool after calling end on the pool'), 'starting'],
    // The operating system.
    [system('ECONNREFUSED', 'connect'), 'unreachable'],
    [system('ENOTFOUND', 'getaddrinfo'), 'unreachable'],
    [system('EAI_AGAIN', 'getaddrinfo'), 'unreachable'],
    [system('ETIMEDOUT', 'connect'), 'unreachable'],
    [system('ECONNRESET', 'read'), 'lost'],
    [system('EPIPE', 'write'), 'lost'],
    [
      new AggregateError([system('ECONNREFUSED', 'connect'), system('ECONNREFUSED', 'connect')]),
      'unreachable',
    ],
    [new NoConnectionError(new AggregateError([system('EHOSTUNREACH', 'connect')])), 'unreachable'],
    // What the door makes of it; the cause says more.
    [new NoConnectionError(new Error('anything')), 'unreachable'],
    [new NoConnectionError(sqlState('53300')), 'crowded'],
    [new NoConnectionError(sqlState('57P03')), 'starting'],
    [new NoConnectionError(named('DatabaseStoppedError')), 'stopped'],
    [
      new NoConnectionError(named('SessionBusyError', new Error('timeout exceeded when trying to connect'))),
      'crowded',
    ],
    [new ConnectionLostError(new TypeError('of the work, after its connection was lost')), 'lost'],
    [new CommitUnknownError(sqlState('57P01')), 'commit-unknown'],
    [new ConnectionsBusyError(), 'crowded'],
    [named('DatabaseStoppedError'), 'stopped'],
    // A client that leaves, a file, a bug.
    [Object.assign(new Error('aborted'), { code: 'ECONNRESET' }), null],
    [system('ENOENT', 'open'), null],
    [system('EPIPE', 'spawn'), null],
    [new TypeError('x is not a function'), null],
    ['a text that was thrown', null],
    [undefined, null],
  ]
  for (const [error, kind] of [...cases, ...others]) {
    const title = `${JSON.stringify(describeError(error)).slice(0, 80)} is ${kind}`
    t.equal(outageOf(error)?.kind ?? null, kind, title)
    const problem = toDomainError(error)
    if (kind === null) {
      t.not(problem.code, 'not-ready')
      continue
    }
    t.equal(problem.code, 'not-ready')
    t.match(problem.headers, { 'retry-after': /^[1-9]\d*$/ })
    t.notMatch(problem.message, /SECRET|select|SQLSTATE/, 'nothing of the statement is shown')
    t.notMatch(JSON.stringify(describeError(error)), 'SECRET-7', 'or logged')
  }
  const loop = new Error('a cause of itself')
  loop.cause = loop
  t.equal(outageOf(loop), null)
})

t.test('long work leaves connections to short work, and the longest one to batches', async (t) => {
  for (const size of [1, 2, 3, 4, 5, 10, 100]) {
    const { batches, long } = sharesOf(size)
    t.ok(batches >= 1 && long >= 1 && long <= batches && (size === 1 || batches < size), `a pool of ${size}`)
  }
  t.same(sharesOf(10), { batches: 6, long: 5 })

  const lanes = openLanes(5) // 3 for long work, of which 2 may be long
  const enter = (lane: 'short' | 'batches' | 'long') => lanes.enter({ lane, waitLimitMillis: 20 })
  const first = await enter('long')
  const second = await enter('long')
  await t.rejects(enter('long'), ConnectionsBusyError, 'a third import waits, and not for ever')
  const batch = await enter('batches')
  await t.rejects(enter('batches'), ConnectionsBusyError)
  for (let i = 0; i < 20; i++) await enter('short')
  t.pass('what is short never waits here')

  const order: string[] = []
  const waits = (['long', 'batches', 'long'] as const).map(async (lane, i) => {
    const leave = await lanes.enter({ lane })
    order.push(`${lane} ${i}`)
    return leave
  })
  batch()
  const afterBatch = await waits[1]!
  t.same(order, ['batches 1'], 'a batch passes the import before it, which would take the last of its kind')
  first()
  const afterFirst = await waits[0]!
  second()
  const afterSecond = await waits[2]!
  t.same(order, ['batches 1', 'long 0', 'long 2'], 'then the first that came')
  for (const leave of [afterBatch, afterFirst, afterSecond]) leave()

  const gone = new AbortController()
  await enter('long')
  await enter('long')
  const waiting = lanes.enter({ lane: 'long', signal: gone.signal })
  gone.abort(new Error('The caller has gone away.'))
  await t.rejects(waiting, { message: 'The caller has gone away.' })
})

t.test('what an export or a pass opens goes by its lane without naming it', async (t) => {
  const lanes = openLanes(1)
  const taken = await lanes.enter({ lane: 'batches' })
  await inLane('batches', () => t.rejects(lanes.enter({ waitLimitMillis: 5 }), ConnectionsBusyError))
  await t.resolves(lanes.enter({ waitLimitMillis: 5 }), 'outside of it, everything is short')
  async function* rows() {
    for (let i = 0; i < 2; i++) {
      await null
      yield await lanes.enter({ waitLimitMillis: 5 }).then(
        () => 'free',
        () => 'busy',
      )
    }
  }
  const seen: string[] = []
  for await (const one of eachInLane('batches', rows())) {
    await t.resolves(lanes.enter({ waitLimitMillis: 5 }), 'nor does it cling to who reads')
    seen.push(one)
    if (seen.length === 1) taken()
  }
  t.same(seen, ['busy', 'free'])
})
