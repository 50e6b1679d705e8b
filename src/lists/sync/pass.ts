/** The lists that are to be fetched by themselves, each when it is due. */
import type { Logger } from '../../db/log.ts'
import type { ListServices } from '../operation.ts'
import { type SyncTerms, syncList } from './run.ts'

/** Gives how many were fetched. */
export async function syncDue(
  services: ListServices,
  lists: readonly string[],
  terms: Omit<SyncTerms, 'always'>,
  log: Pick<Logger, 'info' | 'warn'>,
): Promise<number> {
  let done = 0
  for (const list of lists) {
    terms.signal.throwIfAborted()
    const synced = await syncList(services, list, { ...terms, always: false })
    if (synced === null) continue
    done++
    const isGood = synced.outcome === 'loaded' || synced.outcome === 'unchanged'
    log[isGood ? 'info' : 'warn'](synced, 'a list was fetched')
  }
  return done
}
