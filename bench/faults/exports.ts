import { request } from 'node:http'
import { slowest, whileAsking } from './asking.ts'
import { type City, cityWith } from './cities.ts'
import { below, exactly, type Scenario } from './scenario.ts'
import type { Service } from './service.ts'

const EXPORTS = 50
const DEVICES = 50_000
const NEW_LINE = 10

export const exports: Scenario = {
  name: 'exports',
  fault: `${EXPORTS} exports of ${DEVICES.toLocaleString('en-US')} devices at once, CSV and NDJSON`,
  promise: 'each is whole; memory stays below 1 GB; others read meanwhile',
  on: ['PostgreSQL'],
  timeoutSeconds: 300,
  run: async (stage) => {
    const service = await stage.serve()
    const other = await cityWith(service, 500)
    const large = await cityWith(service, DEVICES)
    const began = performance.now()
    let lines: number[] = []
    const seen = await whileAsking(service, other, async () => {
      lines = await Promise.all(
        Array.from({ length: EXPORTS }, (_, i) =>
          linesOf(service, large, i % 2 === 0 ? 'text/csv' : 'application/x-ndjson'),
        ),
      )
    })
    const seconds = Math.round((performance.now() - began) / 1000)
    return [
      // A CSV has a header.
      exactly(
        `whole within ${seconds} s`,
        lines.filter((n, i) => n === DEVICES + 1 - (i % 2)).length,
        EXPORTS,
      ),
      below('memory at most', service.peakMemory(), 1000, 'MB'),
      below('slowest read', slowest(seen.reads), 1, 's'),
      exactly('failures of others', seen.failures.length, 0),
    ]
  },
}

function linesOf(service: Service, { key }: City, accept: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${key}`, accept }
    request(`${service.address}/v1/devices`, { headers, agent: false }, (answer) => {
      let lines = 0
      answer.on('data', (piece: Buffer) => {
        for (let at = piece.indexOf(NEW_LINE); at >= 0; at = piece.indexOf(NEW_LINE, at + 1)) lines++
      })
      answer.on('error', reject).once('end', () => resolve(lines))
    })
      .on('error', reject)
      .end()
  })
}
