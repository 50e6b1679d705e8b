import { connect } from 'node:net'
import { slowest, whileAsking } from './asking.ts'
import { cityWith } from './cities.ts'
import { below, exactly, type Scenario } from './scenario.ts'

const SOCKETS = 1000

export const headers: Scenario = {
  name: 'headers',
  fault: `${SOCKETS.toLocaleString('en-US')} connections from one address that send half a header`,
  promise: 'others are answered as ever; the connections are closed within 25 s',
  on: ['PostgreSQL'],
  timeoutSeconds: 60,
  run: async (stage) => {
    const service = await stage.serve()
    const other = await cityWith(service, 500)
    const began = performance.now()
    const seen = await whileAsking(service, other, () => {
      const sockets = Array.from({ length: SOCKETS }, () => {
        const socket = connect({ port: service.port, host: '127.0.0.1' }).on('error', () => {})
        socket.write('GET /v1/devices HTTP/1.1\r\nhost: x\r\nx-')
        stage.after(() => socket.destroy())
        return new Promise((resolve) => socket.once('close', resolve).resume())
      })
      return Promise.all(sockets)
    })
    return [
      below('slowest read', slowest(seen.reads), 1, 's'),
      exactly('failures of others', seen.failures.length, 0),
      below('the last one was closed after', (performance.now() - began) / 1000, 25, 's'),
    ]
  },
}
