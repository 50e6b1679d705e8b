/**
 * How long a body may take to come: in all, between two pieces, and on the average. A sender that gives a byte now
 * and then keeps within any limit between two pieces alone.
 */
import { performance } from 'node:perf_hooks'
import { DomainError } from './problems.ts'

export interface BodyLimits {
  /** The whole body. */
  readonly totalMillis: number
  /** Between two pieces. */
  readonly stallMillis: number
  /** Before this the average is not looked at: a connection needs a while to get going. */
  readonly graceMillis: number
  /** The least average after it, in bytes a second. */
  readonly leastRate: number
}

/** A file may be a gibibyte, and come over a slow line. */
export const FILE_LIMITS: BodyLimits = {
  totalMillis: 30 * 60_000,
  stallMillis: 30_000,
  graceMillis: 30_000,
  leastRate: 8 * 1024,
}

/** A JSON body is held in memory while it comes. */
export const JSON_LIMITS: BodyLimits = {
  totalMillis: 5 * 60_000,
  stallMillis: 15_000,
  graceMillis: 15_000,
  leastRate: 8 * 1024,
}

export interface BodyClock {
  /** Tell of a piece that came. */
  came(bytes: number): void
  stop(): void
}

/** Watch a body that begins now; `late` is called once, with what to answer, when it takes too long. */
export function startBodyClock(limits: BodyLimits, late: (error: DomainError) => void): BodyClock {
  const { totalMillis, stallMillis, graceMillis, leastRate } = limits
  const everyMillis = Math.max(10, Math.min(1000, stallMillis / 4, graceMillis / 4))
  const began = performance.now()
  let total = 0
  // Counted in looks and not in time: a process that was busy has not yet heard of what came meanwhile.
  let looksWithout = 0
  const look = () => {
    const elapsed = performance.now() - began
    if (++looksWithout * everyMillis > stallMillis)
      fail(`Nothing of the body came for ${seconds(stallMillis)}.`)
    else if (elapsed > totalMillis) fail(`The body took longer than ${seconds(totalMillis)}.`)
    else if (elapsed > graceMillis && (total * 1000) / elapsed < leastRate)
      fail(`The body came with less than ${leastRate} bytes a second.`)
  }
  const timer = setInterval(look, everyMillis)
  timer.unref()
  const stop = () => clearInterval(timer)
  const fail = (detail: string) => {
    stop()
    late(new DomainError('body-too-slow', detail, { headers: { connection: 'close' } }))
  }
  return {
    came: (bytes) => {
      looksWithout = 0
      total += bytes
    },
    stop,
  }
}

const seconds = (millis: number) => `${Math.round(millis / 1000)} seconds`
