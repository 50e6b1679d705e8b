import { slowest, whileAsking } from './asking.ts'
import { cityWith, countDevices, fileOf, newCity, sendFile } from './cities.ts'
import { below, exactly, type Scenario, type Stage } from './scenario.ts'

const IMPORTS = 20
const MEGABYTES = 10
/** In MB; the embedded database is in the same process. */
const MOST_MEMORY = { PostgreSQL: 1000, embedded: 1500 } as const

export const imports: Scenario = {
  name: 'imports',
  fault: `${IMPORTS} cities send a file of ${MEGABYTES} MB at once`,
  promise: 'every import is answered with what it did, every row is there, others read meanwhile',
  on: ['PostgreSQL', 'embedded'],
  timeoutSeconds: 900,
  run: async (stage: Stage) => {
    const service = await stage.serve()
    const other = await cityWith(service, 500)
    const { bytes, devices } = fileOf(MEGABYTES)
    const cities = await Promise.all(Array.from({ length: IMPORTS }, () => newCity(service)))
    const began = performance.now()
    let taken = 0
    const seen = await whileAsking(service, other, async () => {
      const answers = await Promise.all(cities.map((city) => sendFile(service, city, bytes)))
      taken = answers.filter(({ status }) => status === 201).length
    })
    const seconds = (performance.now() - began) / 1000
    let whole = 0
    for (const city of cities) if ((await countDevices(service, city)) === devices) whole++
    return [
      exactly(`answered 201 within ${Math.round(seconds)} s`, taken, IMPORTS),
      exactly(`whole, with ${devices.toLocaleString('en-US')} devices each`, whole, IMPORTS),
      below("slowest read of another city's devices", slowest(seen.reads), 1, 's'),
      exactly('failures of others', seen.failures.length, 0),
      below('memory at most', service.peakMemory(), MOST_MEMORY[stage.place], 'MB'),
    ]
  },
}
