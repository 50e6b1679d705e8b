import { cityWith } from './cities.ts'
import { below, exactly, holds, type Scenario } from './scenario.ts'

export const folder: Scenario = {
  name: 'folder',
  fault: 'a second service on the folder of an embedded database that is in use',
  promise: 'the second is refused with the reason; the first goes on',
  on: ['embedded'],
  timeoutSeconds: 60,
  run: async (stage) => {
    const service = await stage.serve()
    const city = await cityWith(service, 500)
    const began = performance.now()
    const refusal = await stage.serve().then(
      () => 'it started',
      (error: Error) => error.message,
    )
    const seconds = (performance.now() - began) / 1000
    const read = await service.ask('GET', '/v1/devices?limit=1', { key: city.key })
    return [
      holds(
        'the second ends and names the process that has the folder',
        refusal.includes('ended with 1') && refusal.includes(`in use by process ${service.pid}`),
        refusal,
      ),
      below('after', seconds, 10, 's'),
      exactly('the first answers', read.status, 200),
    ]
  },
}
