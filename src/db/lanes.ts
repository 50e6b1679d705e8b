/**
 * Keeps connections free for short work, however much long work there is.
 *
 * A request that reads a page holds its connection for milliseconds, an import for minutes. Were both taken from
 * one queue, ten imports would leave nobody able to sign in. So long work passes through here before it asks the
 * pool for a connection.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { ConnectionsBusyError } from './failures.ts'

/**
 * `short`: a request; any connection. `batches`: one of many short transactions of something large (an export, a
 * background pass). `long`: a transaction that may last for minutes (an import); leaves one connection to batches,
 * so that an export which has begun does not stand still behind imports.
 */
export type Lane = 'short' | 'batches' | 'long'

/** How many connections a pool of this size gives to long work together, and to the longest. */
export function sharesOf(poolSize: number): { readonly batches: number; readonly long: number } {
  const batches = Math.max(1, Math.floor(poolSize * 0.6))
  return { batches, long: Math.max(1, batches - 1) }
}

const ambient = new AsyncLocalStorage<Lane>()

/** Every transaction that the work opens, and that names no lane itself, goes by this lane. */
export function inLane<T>(lane: Lane, work: () => T): T {
  return ambient.run(lane, work)
}

/** The same items; each step towards the next goes by the lane, whoever asks for it. */
export async function* eachInLane<T>(lane: Lane, items: AsyncIterable<T>): AsyncGenerator<T> {
  const iterator = items[Symbol.asyncIterator]()
  try {
    for (;;) {
      const next = await inLane(lane, () => iterator.next())
      if (next.done) return
      yield next.value
    }
  } finally {
    await iterator.return?.()
  }
}

export interface EnterOptions {
  /** Without it, the lane of the surrounding work, else `short`. */
  readonly lane?: Lane | undefined
  /** How long to wait for a connection of the lane. */
  readonly waitLimitMillis?: number | undefined
  /** Stop waiting when the caller has gone away. */
  readonly signal?: AbortSignal | undefined
}

export function laneOf({ lane }: EnterOptions): Lane {
  return lane ?? ambient.getStore() ?? 'short'
}

interface Waiting {
  readonly lane: LimitedLane
  readonly admit: () => void
}

type LimitedLane = Exclude<Lane, 'short'>
type Leave = () => void

export interface Lanes {
  /** Resolves to the call that gives the place back. Throws ConnectionsBusyError, or the signal's reason. */
  enter(options: EnterOptions): Promise<Leave>
  /** How many pieces of work wait for a place now. */
  waiting(): number
}

/** A transfer that has begun breaks when its next batch is refused, so batches wait longer. */
const WAIT_MILLIS = { batches: 60_000, long: 30_000 } as const

export function openLanes(poolSize: number): Lanes {
  const most = sharesOf(poolSize)
  const inUse = { batches: 0, long: 0 }
  const queue: Waiting[] = []
  const isFree = (lane: LimitedLane) =>
    inUse.batches + inUse.long < most.batches && (lane === 'batches' || inUse.long < most.long)

  function take(lane: LimitedLane): Leave {
    inUse[lane]++
    return () => {
      inUse[lane]--
      // In the order of coming, past those whose lane is still full.
      const next = queue.findIndex((waiting) => isFree(waiting.lane))
      if (next >= 0) queue.splice(next, 1)[0]!.admit()
    }
  }

  function wait(lane: LimitedLane, limitMillis: number, signal: AbortSignal | undefined): Promise<Leave> {
    return new Promise((resolve, reject) => {
      const end = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', onAbort)
      }
      const waiting: Waiting = {
        lane,
        admit: () => {
          end()
          resolve(take(lane))
        },
      }
      const giveUp = (reason: unknown) => {
        end()
        queue.splice(queue.indexOf(waiting), 1)
        reject(reason)
      }
      const onAbort = () => giveUp(signal?.reason)
      const timer = setTimeout(
        () =>
          giveUp(new ConnectionsBusyError(`No connection for long work was free within ${limitMillis} ms.`)),
        limitMillis,
      )
      signal?.addEventListener('abort', onAbort, { once: true })
      queue.push(waiting)
    })
  }

  return {
    waiting: () => queue.length,
    enter: async (options) => {
      const { waitLimitMillis, signal } = options
      signal?.throwIfAborted()
      const lane = laneOf(options)
      if (lane === 'short') return () => {}
      if (isFree(lane)) return take(lane)
      return wait(lane, waitLimitMillis ?? WAIT_MILLIS[lane], signal)
    },
  }
}
