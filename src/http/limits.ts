/**
 * How many requests a caller may make in a minute. Counted in memory, by each process for itself.
 *
 * What is remembered is bounded: when more callers than that come within one window, those for whom there is no
 * room share one allowance. So a flood from many addresses costs neither memory nor those already known.
 */

/** Where a caller stands after a request. */
export interface Standing {
  readonly allowed: boolean
  readonly limit: number
  readonly remaining: number
  /** Whole seconds until the allowance is whole again, at least 1. */
  readonly resetSeconds: number
}

export interface Limiter {
  /** Count a request, also one that is over the limit. */
  take(caller: string): Standing
  /** Give back what `take` counted: it was no request of the kind that is limited. */
  giveBack(caller: string): void
}

const WINDOW_MILLIS = 60_000
const CALLERS_MOST = 10_000

interface Window {
  count: number
  /** Milliseconds since 1970. */
  until: number
}

/** A limiter of `limit` requests a minute and caller. */
export function limiter(limit: number, now: () => Date, callersMost = CALLERS_MOST): Limiter {
  // In the order in which their windows end.
  const windows = new Map<string, Window>()
  let shared: Window = { count: 0, until: 0 }

  const isOver = (window: Window, millis: number) =>
    // A clock that was set back must not lengthen a window.
    window.until <= millis || window.until > millis + WINDOW_MILLIS

  function windowOf(caller: string, millis: number): Window {
    const known = windows.get(caller)
    if (known && !isOver(known, millis)) return known
    windows.delete(caller)
    for (const [other, window] of windows) {
      if (!isOver(window, millis)) break
      windows.delete(other)
    }
    const fresh = { count: 0, until: millis + WINDOW_MILLIS }
    if (windows.size < callersMost) {
      windows.set(caller, fresh)
      return fresh
    }
    if (isOver(shared, millis)) shared = fresh
    return shared
  }

  return {
    take(caller) {
      const millis = now().getTime()
      const window = windowOf(caller, millis)
      window.count++
      return {
        allowed: window.count <= limit,
        limit,
        remaining: Math.max(0, limit - window.count),
        resetSeconds: Math.max(1, Math.ceil((window.until - millis) / 1000)),
      }
    },
    giveBack(caller) {
      const window = windows.get(caller) ?? shared
      if (window.count > 0) window.count--
    },
  }
}
