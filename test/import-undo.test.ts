/** Taking back large imports: in batches, all or nothing, with others served meanwhile. */
import { sql } from 'drizzle-orm'
import t from 'tap'
import type { Tx } from '../src/db/database.ts'
import { undoImport } from '../src/inventory/imports/undo.ts'
import { OPERATOR } from '../src/tenancy/audit.ts'
import { harness } from './support/harness.ts'

const h = await harness(t)

/** Devices of ten models at sites of ten each, all of a firmware. */
function fileOf(devices: number, firmware: string): string {
  const lines = Array.from({ length: devices }, (_, i) => {
    const site = Math.floor(i / 10)
    return `T${i},Axis,P${i % 10},${firmware},Site ${site}`
  })
  return `Asset Tag,Make,Model,Firmware,Site\n${lines.join('\n')}\n`
}

/** A city with so many devices, all of which a second import changed. */
async function changedCity(devices: number) {
  const id = await h.jurisdiction({ state: 'OH' })
  const key = await h.key('city-editor', id)
  const send = async (firmware: string) => {
    const answer = await h.call('POST', '/v1/imports', {
      key,
      body: fileOf(devices, firmware),
      headers: { 'content-type': 'text/csv' },
    })
    t.equal(answer.status, 201)
    return answer.body.id as string
  }
  h.setNow('2026-11-24T13:00:00Z')
  const brought = await send('1.0')
  h.setNow('2026-11-24T14:00:00Z')
  const changed = await send('2.0')
  h.setNow('2026-11-24T15:00:00Z')
  return { id, key, brought, changed, devices }
}
type City = Awaited<ReturnType<typeof changedCity>>

/** How many devices have which firmware. */
async function firmwares({ id }: City): Promise<Record<string, number>> {
  const { rows } = await h.database.inJurisdiction(id, (tx) =>
    tx.execute<{ firmware: string; devices: number }>(
      sql`select firmware_version as firmware, count(*)::int as devices from devices group by 1`,
    ),
  )
  return Object.fromEntries(rows.map(({ firmware, devices }) => [firmware, devices]))
}

class TakenBack extends Error {}

/** What it takes to undo an import: the statements, and the most rows that one of them gives or writes. Keeps nothing. */
async function costOf({ id }: City, importId: string) {
  const cost = { statements: 0, mostRows: 0 }
  const trying = h.database.inJurisdiction(id, async (tx) => {
    const client = tx.$client
    const query = client.query.bind(client) as (...given: unknown[]) => Promise<{ rowCount: number | null }>
    const counted = async (...given: unknown[]) => {
      cost.statements++
      const answer = await query(...given)
      cost.mostRows = Math.max(cost.mostRows, answer.rowCount ?? 0)
      return answer
    }
    client.query = counted as unknown as typeof client.query
    try {
      await undoImport(workOf(tx, id), importId)
    } finally {
      client.query = query as unknown as typeof client.query
    }
    throw new TakenBack()
  })
  await trying.catch((error: unknown) => {
    if (!(error instanceof TakenBack)) throw error
  })
  return cost
}

const workOf = (tx: Tx, jurisdictionId: string) => ({
  tx,
  jurisdictionId,
  actor: OPERATOR,
  now: h.now(),
  knowledge: h.knowledge(),
})

t.test('a large import is undone in batches, whose number grows with the devices', async (t) => {
  const [few, many] = [await changedCity(2_000), await changedCity(6_000)]
  for (const which of ['changed', 'brought'] as const) {
    const [less, more] = [await costOf(few, few[which]), await costOf(many, many[which])]
    t.ok(less.statements > 10, 'statements are counted')
    t.ok(
      more.statements <= 3 * less.statements,
      `${more.statements} statements, ${less.statements} of a third`,
    )
    t.ok(more.mostRows <= 1_000, `others are let in after ${more.mostRows} rows at most`)
  }
  t.same(await firmwares(many), { '2.0': 6_000 }, 'and nothing of it was kept')

  await t.test('given up amid it, nothing of it stands', async (t) => {
    const gone = new AbortController()
    const phases = new Set<string>()
    const undoing = h.database.inJurisdiction(many.id, (tx) =>
      undoImport(workOf(tx, many.id), many.changed, {
        signal: gone.signal,
        onProgress: ({ done, total, phase }) => {
          phases.add(phase)
          if (done / total > 0.4) gone.abort(new TakenBack())
        },
      }),
    )
    const why = await undoing.catch((error: unknown) => error)
    t.ok(why instanceof TakenBack, 'it ends with the reason')
    t.same([...phases], ['its devices are looked for', 'devices are made what they were'])
    t.same(await firmwares(many), { '2.0': 6_000 })
    const { body } = await h.call('GET', `/v1/imports/${many.changed}`, { key: many.key })
    t.equal(body.undoneAt, null)
  })

  await t.test('other cities read while it goes on', async (t) => {
    const other = await h.jurisdiction({ state: 'TX' })
    const key = await h.key('city-editor', other)
    await h.call('POST', '/v1/devices', { key, body: { assetTag: 'X1', manufacturer: 'Axis' } })
    let hasEnded = false
    const undoing = h.call('POST', `/v1/imports/${many.changed}/undo`, { key: many.key }).finally(() => {
      hasEnded = true
    })
    let reads = 0
    const seen = new Set<string>()
    while (!hasEnded) {
      const [page, health] = await Promise.all([
        h.call('GET', '/v1/devices', { key }),
        h.call('GET', '/readyz', { key: null }),
      ])
      seen.add(`${page.status} ${page.body.items?.length} ${health.status}`)
      if (!hasEnded) reads++
    }
    t.same([...seen], ['200 1 200'])
    t.ok(reads >= 5, `${reads} reads meanwhile`)
    const { status, body } = await undoing
    t.match([status, body.undone], [200, { removed: 0, restored: 6_000, left: { count: 0 } }])
    t.same(await firmwares(many), { '1.0': 6_000 })
  })

  await t.test(
    'what an import brought leaves with its sites, and profiles count what is there',
    async (t) => {
      const { key, id } = await changedCity(10)
      const body = fileOf(3_000, '5.0').replaceAll('\nT', '\nU').replaceAll('Site ', 'Place ')
      const headers = { 'content-type': 'text/csv' }
      const sent = await h.call('POST', '/v1/imports?source=second', { key, body, headers })
      t.match(sent.body.report.counts, { created: 3_000, sitesCreated: 300 })
      const { body: answer } = await h.call('POST', `/v1/imports/${sent.body.id}/undo`, { key })
      t.match(answer.undone, { removed: 3_000, restored: 0, left: { count: 0 }, sitesRemoved: 300 })
      const { rows } = await h.database.inJurisdiction(id, (tx) =>
        tx.execute(sql`select sum(device_count)::int as counted, (select count(*)::int from devices) as there
        from profiles`),
      )
      t.same(rows, [{ counted: 10, there: 10 }])
    },
  )
})
