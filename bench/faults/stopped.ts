import { setTimeout as pause } from 'node:timers/promises'
import { cityWith, fileOf, newCity, sendFile } from './cities.ts'
import { below, exactly, holds, type Scenario } from './scenario.ts'
import { isHonestRefusal, secondsUntilAnswered, Writers } from './writers.ts'

const DOWN_MILLIS = 3_000

export const stopped: Scenario = {
  name: 'stopped',
  fault: 'PostgreSQL stopped with -m immediate amid writes and an import, and started again after 3 s',
  promise: '503 with Retry-After meanwhile; it recovers by itself; nothing acknowledged is lost',
  on: ['PostgreSQL'],
  timeoutSeconds: 120,
  run: async (stage) => {
    const service = await stage.serve()
    const city = await cityWith(service, 500)
    const importing = await newCity(service)
    const writers = new Writers(city)
    const { bytes } = fileOf(10)
    let slowestRefusal = 0
    let isHealthy = false
    let importWas = ''
    await writers.during(service, 4, async () => {
      const sent = sendFile(service, importing, bytes)
      await pause(2_000)
      await stage.server!.stop()
      const end = performance.now() + DOWN_MILLIS
      while (performance.now() < end) {
        const began = performance.now()
        const answer = await service.ask('GET', '/v1/devices?limit=1', { key: city.key })
        slowestRefusal = Math.max(slowestRefusal, (performance.now() - began) / 1000)
        if (!isHonestRefusal(answer)) throw new Error(`answered ${answer.status} while the server was down`)
        await pause(100)
      }
      isHealthy = (await service.ask('GET', '/healthz')).status === 200
      const answer = await sent
      importWas = isHonestRefusal(answer) ? 'refused' : `${answer.status} ${answer.text.slice(0, 200)}`
      await stage.server!.start()
    })
    const recovered = await secondsUntilAnswered(service, city)
    const again = await sendFile(service, importing, fileOf(1).bytes)
    return [
      below('slowest refusal while it is down', slowestRefusal, 5, 's'),
      holds('/healthz answers', isHealthy),
      holds('the import under way is refused with 503', importWas === 'refused', importWas),
      below('answers again after', recovered, 5, 's'),
      exactly('writes answered otherwise', writers.wrong.length + writers.broken, 0),
      await writers.lost(service),
      exactly('the next import is answered', again.status, 201),
    ]
  },
}
