/** Long work in this thread gives others a turn of the event loop, by the clock: what a step costs differs too much. */
import { setImmediate as turnOfEvents } from 'node:timers/promises'

/** Others wait no longer than this and one step of the work. */
const MOST_MILLIS = 10

/** Call it after each step and wait for what it gives. */
export function pacer(): () => Promise<void> | undefined {
  let since = performance.now()
  return () => {
    if (performance.now() - since < MOST_MILLIS) return undefined
    return turnOfEvents().then(() => {
      since = performance.now()
    })
  }
}
