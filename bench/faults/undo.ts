import { slowest, whileAsking } from './asking.ts'
import { type City, cityWith, countDevices, devicesFile, sendFile } from './cities.ts'
import { below, exactly, type Finding, type Scenario } from './scenario.ts'
import type { Service } from './service.ts'

const FEW = 15_000
const MANY = 60_000
/** What is linear takes four times as long for four times as many; the rest is noise of the machine. */
const MOST_TIMES = 6

export const undo: Scenario = {
  name: 'undo',
  fault: `cities take back an import that changed ${MANY.toLocaleString('en-US')} devices, and one that brought as many`,
  promise: 'the register is as it was, in a time that grows with the devices; others read meanwhile',
  on: ['PostgreSQL', 'embedded'],
  timeoutSeconds: 900,
  run: async (stage) => {
    const service = await stage.serve()
    const other = await cityWith(service, 500)
    const few = await undoBoth(service, other, FEW)
    const many = await undoBoth(service, other, MANY)
    return [
      exactly('devices that are as they were', many.restored, MANY),
      exactly('devices that left', many.removed, MANY),
      exactly('that stayed', many.stayed, 0),
      times('changes', many.seconds.changes, few.seconds.changes),
      times('devices', many.seconds.devices, few.seconds.devices),
      below("slowest read of another city's devices", Math.max(few.slowest, many.slowest), 1, 's'),
      exactly('failures of others', few.failures + many.failures, 0),
    ]
  },
}

function times(what: string, many: number, few: number): Finding {
  return below(`${what} taken back in ${many.toFixed(1)} s, to fewer`, many / few, MOST_TIMES, 'x')
}

/** A city takes back what changed all its devices, another what brought them. */
async function undoBoth(service: Service, other: City, devices: number) {
  const changed = await cityWith(service, devices)
  await sendFile(service, changed, devicesFile(devices, '.1'))
  const changes = await undoNewest(service, other, changed)
  const brought = await cityWith(service, devices)
  const arrival = await undoNewest(service, other, brought)
  return {
    restored: changes.undone.restored,
    removed: arrival.undone.removed,
    stayed: await countDevices(service, brought),
    seconds: { changes: changes.seconds, devices: arrival.seconds },
    slowest: Math.max(changes.slowest, arrival.slowest),
    failures: changes.failures + arrival.failures,
  }
}

async function undoNewest(service: Service, other: City, { key }: City) {
  const { items } = await service.json<{ items: { id: string }[] }>('GET', '/v1/imports', { key })
  const { id } = items[0]!
  const began = performance.now()
  let undone = { restored: 0, removed: 0 }
  const seen = await whileAsking(service, other, async () => {
    const answer = await service.json<{ undone: typeof undone }>('POST', `/v1/imports/${id}/undo`, { key })
    undone = answer.undone
  })
  const seconds = (performance.now() - began) / 1000
  return { undone, seconds, slowest: slowest(seen.reads), failures: seen.failures.length }
}
