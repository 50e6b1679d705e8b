import { request } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { slowest, whileAsking } from './asking.ts'
import { cityWith, newCity } from './cities.ts'
import { below, exactly, type Scenario } from './scenario.ts'

const SENDERS = 10

/** A byte a second is far below the rate that a file must have after its first 30 seconds. */
export const trickling: Scenario = {
  name: 'trickling',
  fault: `${SENDERS} imports of which a byte comes each second`,
  promise: 'others read and write as ever; the slow ones are refused with 408',
  on: ['PostgreSQL', 'embedded'],
  timeoutSeconds: 120,
  run: async (stage) => {
    const service = await stage.serve()
    const other = await cityWith(service, 500)
    const cities = await Promise.all(Array.from({ length: SENDERS }, () => newCity(service)))
    let refused = 0
    const seen = await whileAsking(
      service,
      other,
      () =>
        Promise.all(
          cities.map(
            ({ key }) =>
              new Promise<void>((resolve) => {
                const headers = { authorization: `Bearer ${key}`, 'content-type': 'text/csv' }
                const sent = request(`${service.address}/v1/imports`, {
                  method: 'POST',
                  headers,
                  agent: false,
                })
                stage.after(() => sent.destroy())
                sent.on('error', () => {}).once('close', resolve)
                sent.once('response', (answer) => {
                  if (answer.statusCode === 408) refused++
                  answer.resume()
                })
                sent.write('Asset Tag,Manufacturer\n')
                void trickle(sent)
              }),
          ),
        ),
      true,
    )
    return [
      below("slowest read of another city's devices", slowest(seen.reads), 1, 's'),
      below('slowest write', slowest(seen.writes), 1, 's'),
      exactly('failures of others', seen.failures.length, 0),
      exactly('slow ones refused', refused, SENDERS),
    ]
  },
}

async function trickle(sent: { readonly destroyed: boolean; write(text: string): unknown }): Promise<void> {
  while (!sent.destroyed) {
    sent.write('A')
    await pause(1000)
  }
}
