/** Long work in this thread gives others a turn of the event loop, by the clock: what a step costs differs too much. */
import { setPriority } from 'node:os'
import { setImmediate as yieldToEventLoop } from 'node:timers/promises'
import type { Steps } from './steps.ts'

/** Others wait no longer than this and one step of the work. */
const MOST_MILLIS = 8

/** There is one event loop in a thread, and so one queue for its turns. */
let lastInQueue: Promise<void> = Promise.resolve()

/** One piece of long work goes on in each turn: were it all of them, requests would wait for the sum of their slices. */
function turn(): Promise<void> {
  lastInQueue = lastInQueue.then(() => yieldToEventLoop())
  return lastInQueue
}

/** Call it after each step and wait for what it gives. */
export function pacer(): () => Promise<void> | undefined {
  let since = performance.now()
  return () => {
    if (performance.now() - since < MOST_MILLIS) return undefined
    return turn().then(() => {
      since = performance.now()
    })
  }
}

/** Does work step by step; meanwhile others have turns of the event loop. */
export async function withPauses<T>(steps: Steps<T>): Promise<T> {
  const pause = pacer()
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
    await pause()
  }
}

const NICENESS = 5

/** In a thread of its own: requests are answered first where there are not cores enough. */
export function letRequestsGoFirst(): void {
  // Elsewhere than on Linux this would be the priority of the whole service.
  if (process.platform === 'linux') setPriority(NICENESS)
}
