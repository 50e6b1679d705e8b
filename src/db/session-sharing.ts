/**
 * Reads between the statements of an import, for a database that has one session.
 *
 * An import holds the session of the embedded database for seconds. Reads of other cities are done meanwhile, each
 * inside a savepoint that is rolled back. Only reads whose scope leaves out the importing city are let in: what that
 * city has not committed is hidden from them by row security, as on a server by the transaction.
 */
import type pg from 'pg'

/** What was read; null when the holder ended before its turn came. */
type Read<T> = { readonly value: T } | null

const SAVEPOINT = 'read_between'
/** SQLSTATE in_failed_sql_transaction. */
const TRANSACTION_FAILED = '25P02'

export class SessionSharing {
  /** Who has the session or is next to have it, and those that wait for it, in the order of coming. */
  private readonly holders: Holder[] = []

  /** Run work of one jurisdiction that holds the session for long. It calls `share` once its transaction is open. */
  async hold<T>(jurisdictionId: string, run: (holder: Holder) => Promise<T>): Promise<T> {
    const holder = new Holder(jurisdictionId)
    this.holders.push(holder)
    try {
      return await run(holder)
    } finally {
      this.holders.splice(this.holders.indexOf(holder), 1)
      await holder.end()
    }
  }

  /** Reads by a transaction of others when they may; null when they must wait for a session of their own. */
  async read<T>(
    scope: readonly string[] | 'all',
    settings: string,
    work: (client: pg.PoolClient) => Promise<T>,
  ): Promise<Read<T>> {
    const [holder] = this.holders
    if (holder === undefined || scope === 'all' || scope.includes(holder.jurisdictionId)) return null
    return holder.between(settings, work)
  }
}

export class Holder {
  readonly jurisdictionId: string
  private client: pg.PoolClient | null = null
  private hasEnded = false
  private begin: () => void = () => {}
  /** The last in the queue for the session; nobody's turn comes before the transaction is open. */
  private last: Promise<unknown> = new Promise<void>((resolve) => {
    this.begin = resolve
  })

  constructor(jurisdictionId: string) {
    this.jurisdictionId = jurisdictionId
  }

  /** From now on others read between statements; gives the client through which the holder's own go. */
  share(client: pg.PoolClient): pg.PoolClient {
    this.client = client
    this.begin()
    return new Proxy(client, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target)
        if (typeof value !== 'function') return value
        if (name !== 'query') return value.bind(target)
        return (...given: unknown[]) => this.inTurn(() => value.apply(target, given))
      },
    })
  }

  /** Waits for the read that goes on; nobody's turn comes after it. */
  async end(): Promise<void> {
    if (this.hasEnded) return
    this.begin()
    await this.inTurn(async () => {
      this.hasEnded = true
    })
  }

  between<T>(settings: string, work: (client: pg.PoolClient) => Promise<T>): Promise<Read<T>> {
    return this.inTurn(async () => {
      const { client } = this
      if (this.hasEnded || client === null || !(await savepoint(client))) return null
      try {
        await client.query(settings)
        return { value: await work(client) }
      } finally {
        // The settings, the role among them, are those of the holder again.
        await client.query(`rollback to savepoint ${SAVEPOINT}; release savepoint ${SAVEPOINT}`)
      }
    })
  }

  private inTurn<T>(run: () => Promise<T>): Promise<T> {
    const mine = this.last.then(run)
    this.last = mine.catch(() => {})
    return mine
  }
}

/** False when a statement of the holder has failed: its transaction does nothing more, and ends. */
async function savepoint(client: pg.PoolClient): Promise<boolean> {
  try {
    await client.query(`savepoint ${SAVEPOINT}`)
    return true
  } catch (error) {
    if ((error as { code?: unknown }).code === TRANSACTION_FAILED) return false
    throw error
  }
}
