/**
 * Background work: idempotent passes over what is stale, on a timer and when triggered.
 *
 * What there is to do follows from the tables alone, so a lost trigger costs only time, and several processes
 * can run the same passes (each claims rows with `for update skip locked`).
 */
import { inLane } from '../db/lanes.ts'
import type { Logger } from '../db/log.ts'

export interface Pass {
  readonly name: string
  readonly everyMillis: number
  /** Does what there is to do; gives how many things it did. May end early when the signal is aborted. */
  readonly run: (signal: AbortSignal) => Promise<number>
}

export interface PassStatus {
  readonly name: string
  readonly running: boolean
  readonly lastRunAt: string | null
  readonly lastDid: number | null
  readonly failures: number
}

export interface Background {
  trigger(name: string): void
  status(): PassStatus[]
  /** Waits for the pass and those it asks for; for tests and for a clean end. */
  settle(): Promise<void>
  stop(): Promise<void>
}

interface State {
  readonly pass: Pass
  running: Promise<void> | null
  again: boolean
  timer: NodeJS.Timeout | null
  lastRunAt: string | null
  lastDid: number | null
  failures: number
}

const stateOf = (pass: Pass): State => ({
  pass,
  running: null,
  again: false,
  timer: null,
  lastRunAt: null,
  lastDid: null,
  failures: 0,
})

/** Start the passes. Each runs alone; a trigger while it runs makes it run once more. */
export function startBackground(
  passes: readonly Pass[],
  log: Logger,
  now: () => Date,
  timers = true,
): Background {
  const states = new Map(passes.map((pass) => [pass.name, stateOf(pass)]))
  const stopping = new AbortController()

  async function loop(state: State): Promise<void> {
    do {
      state.again = false
      try {
        state.lastDid = await inLane('batches', () => state.pass.run(stopping.signal))
        state.failures = 0
      } catch (error) {
        if (stopping.signal.aborted) break
        state.failures++
        log.error({ err: error, pass: state.pass.name }, 'background pass failed; it will run again')
      }
      state.lastRunAt = now().toISOString()
    } while (state.again && !stopping.signal.aborted)
    state.running = null
    schedule(state)
  }

  function start(state: State): void {
    if (stopping.signal.aborted) return
    if (state.timer) clearTimeout(state.timer)
    state.timer = null
    if (state.running) {
      state.again = true
      return
    }
    state.running = loop(state)
  }

  function schedule(state: State): void {
    if (stopping.signal.aborted || !timers) return
    state.timer = setTimeout(() => start(state), state.pass.everyMillis)
    state.timer.unref()
  }

  for (const state of states.values()) schedule(state)

  const settle = async () => {
    for (;;) {
      const running = [...states.values()].flatMap((state) => state.running ?? [])
      if (running.length === 0) return
      await Promise.all(running)
    }
  }

  return {
    trigger: (name) => {
      const state = states.get(name)
      if (state) start(state)
    },
    status: () =>
      [...states.values()].map(({ pass, running, lastRunAt, lastDid, failures }) => ({
        name: pass.name,
        running: running !== null,
        lastRunAt,
        lastDid,
        failures,
      })),
    settle,
    stop: async () => {
      stopping.abort(new Error('The service is stopping.'))
      for (const state of states.values()) if (state.timer) clearTimeout(state.timer)
      await settle()
    },
  }
}
