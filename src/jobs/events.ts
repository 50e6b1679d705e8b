/**
 * Progress as server-sent events. An event is the job as it is then; what happened while a client was slow or away
 * is not sent again, only what is so now. `Last-Event-ID` is the version the client has.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { type JobNow, toJob, versionOf } from './shapes.ts'
import { isEnded } from './store.ts'

/** Proxies end a connection on which nothing was sent for a minute or less. */
const HEARTBEAT_MILLIS = 15_000
/** How often a job that runs elsewhere is looked at. */
const LOOK_MILLIS = 400
/** Of one that runs here, no more often than a person can see. */
const LEAST_MILLIS = 200
/** When a client whose connection broke shall come again. */
const RETRY_MILLIS = 3_000

export async function* jobEvents(
  read: () => Promise<JobNow | null>,
  known: number,
  signal: AbortSignal,
): AsyncGenerator<string> {
  yield `retry: ${RETRY_MILLIS}\n\n`
  let sent = known
  let quiet = 0
  while (!signal.aborted) {
    const now = await read()
    if (now === null) return
    const version = versionOf(now)
    const hasEnded = isEnded(now.row)
    if (version > sent || hasEnded) {
      sent = version
      quiet = 0
      const event = hasEnded ? now.row.state : 'progress'
      yield `id: ${version}\nevent: ${event}\ndata: ${JSON.stringify(toJob(now.row, now.live))}\n\n`
      if (hasEnded) return
    } else if (quiet >= HEARTBEAT_MILLIS) {
      quiet = 0
      yield ': still here\n\n'
    }
    quiet += await change(now, signal)
  }
}

/** Wait for the next look; gives about how long it took. */
async function change({ live }: JobNow, signal: AbortSignal): Promise<number> {
  const over = () => {}
  await pause(LEAST_MILLIS, undefined, { signal }).catch(over)
  const rest = LOOK_MILLIS - LEAST_MILLIS
  const waited = new AbortController()
  const limit = pause(rest, undefined, { signal: AbortSignal.any([signal, waited.signal]) }).catch(over)
  await (live ? Promise.race([live.changed(), limit]) : limit)
  waited.abort()
  return LOOK_MILLIS
}
