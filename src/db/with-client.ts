/** One connection to PostgreSQL for some work, outside of any pool. */
import pg from 'pg'

/** The connection is closed in any case. `applicationName` is what the server shows it as. */
export async function withClient<T>(
  url: string,
  work: (client: pg.Client) => Promise<T>,
  applicationName?: string,
): Promise<T> {
  const client = new pg.Client({
    connectionString: url,
    ...(applicationName === undefined ? {} : { application_name: applicationName }),
  })
  // A lost connection, or a server that is stopped, fails the query under way; without a listener it would end the process first.
  client.on('error', () => {})
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end().catch(() => {})
  }
}
