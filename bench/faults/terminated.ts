import { setTimeout as pause } from 'node:timers/promises'
import type pg from 'pg'
import { withClient } from '../../src/db/with-client.ts'
import { cityWith, fileOf, newCity, sendFile } from './cities.ts'
import { below, exactly, holds, type Scenario } from './scenario.ts'
import { isHonestRefusal, secondsUntilAnswered, Writers } from './writers.ts'

const SECONDS = 20
const EVERY_MILLIS = 100

export const terminated: Scenario = {
  name: 'terminated',
  fault: `every backend of the service terminated ${1000 / EVERY_MILLIS} times a second for ${SECONDS} s, amid writes and imports`,
  promise: 'each request is answered, with a success or 503 and Retry-After; nothing acknowledged is lost',
  on: ['PostgreSQL'],
  timeoutSeconds: 120,
  run: async (stage) => {
    const service = await stage.serve()
    const city = await cityWith(service, 500)
    const importing = await newCity(service)
    const writers = new Writers(city)
    const { bytes } = fileOf(1)
    const imports: string[] = []
    let killed = 0
    let isOver = false
    const sendAgain = async () => {
      while (!isOver) {
        const answer = await sendFile(service, importing, bytes)
        imports.push(answer.status === 201 || isHonestRefusal(answer) ? 'right' : answer.text)
      }
    }
    await writers.during(service, 4, async () => {
      const sending = sendAgain()
      killed = await withClient(stage.superuserUrl!, terminateInLoop)
      isOver = true
      await sending
    })
    const wrong = writers.wrong.length + imports.filter((one) => one !== 'right').length + writers.broken
    return [
      exactly(
        `${killed} backends ended, ${writers.refused} writes refused with 503; answered otherwise or not at all`,
        wrong,
        0,
      ),
      holds('the process lives', service.isAlive),
      below('answers again after', await secondsUntilAnswered(service, city), 5, 's'),
      await writers.lost(service),
    ]
  },
}

async function terminateInLoop(client: pg.Client): Promise<number> {
  let killed = 0
  for (let i = 0; i < (SECONDS * 1000) / EVERY_MILLIS; i++) {
    const { rowCount } = await client.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and usename = 'camledger_service'`,
    )
    killed += rowCount ?? 0
    await pause(EVERY_MILLIS)
  }
  return killed
}
