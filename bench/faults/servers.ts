import { setTimeout as pause } from 'node:timers/promises'
import { AS_JOB, cityWith, countDevices, fileOf, newCity, sendFile } from './cities.ts'
import { awaitJob, hasEnded } from './long-work.ts'
import { below, exactly, holds, type Scenario } from './scenario.ts'
import type { Service } from './service.ts'
import { Writers } from './writers.ts'

const IMPORTS = 6

export const servers: Scenario = {
  name: 'servers',
  fault: `two services on one database: the same file ${IMPORTS} times to both at once, writes and jobs`,
  promise: 'no row double or lost, a job is done once, a revoked key ends at both',
  on: ['PostgreSQL'],
  timeoutSeconds: 600,
  run: async (stage) => {
    const first = await stage.serve()
    const second = await stage.serve()
    const city = await newCity(first)
    const { bytes, devices } = fileOf(2)
    const writing = await cityWith(first, 10)
    const writers = [new Writers(writing, 'A'), new Writers(writing, 'B')] as const
    let answered = 0
    await writers[0].during(first, 2, () =>
      writers[1].during(second, 2, async () => {
        const answers = await Promise.all(
          Array.from({ length: IMPORTS }, (_, i) => sendFile(i % 2 === 0 ? first : second, city, bytes)),
        )
        answered = answers.filter(({ status }) => status === 201).length
      }),
    )
    const other = await newCity(first)
    const asked = await sendFile(first, other, bytes, AS_JOB)
    const at = { location: String(asked.headers.location), key: other.key }
    const [seenByFirst, seenBySecond] = await Promise.all([
      awaitJob(first, at, hasEnded),
      awaitJob(second, at, hasEnded),
    ])
    const { items } = await first.json<{ items: unknown[] }>('GET', '/v1/imports', { key: other.key })
    return [
      exactly('imports answered', answered, IMPORTS),
      exactly(`devices of the city`, await countDevices(second, city), devices),
      await writers[0].lost(second),
      await writers[1].lost(first),
      exactly('writes answered wrongly', writers[0].wrong.length + writers[1].wrong.length, 0),
      holds(
        'both saw the job succeed',
        seenByFirst.state === 'succeeded' && seenBySecond.state === 'succeeded',
      ),
      exactly('the job was done', items.length, 1),
      below('a key revoked at one ends at the other after', await revokedAfter(first, second), 6, 's'),
    ]
  },
}

async function revokedAfter(first: Service, second: Service): Promise<number> {
  const { id, key } = await first.json<{ id: string; key: string }>('POST', '/v1/keys', {
    value: { label: 'short-lived', role: 'admin' },
  })
  await second.json('GET', '/v1/keys?limit=1', { key })
  await first.ask('DELETE', `/v1/keys/${id}`)
  const began = performance.now()
  // What is under way when it ends is cut off.
  const isOver = () =>
    second.ask('GET', '/v1/keys?limit=1', { key }).then(
      ({ status }) => status === 401,
      () => false,
    )
  while (!(await isOver())) await pause(50)
  return (performance.now() - began) / 1000
}
