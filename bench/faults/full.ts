import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type City, cityWith, fileOf, newCity, sendFile } from './cities.ts'
import { exactly, type Finding, holds, type Scenario, type Stage } from './scenario.ts'
import type { Service } from './service.ts'
import { asSuperuser } from './superuser.ts'
import { isHonestRefusal, Writers } from './writers.ts'

const SPOOL_MEBIBYTES = 4
/** The embedded database takes some 60 when it is new; of PostgreSQL only the tables are on the small disk. */
const DATA_MEBIBYTES = { embedded: 160, PostgreSQL: 48 } as const
const MORE_MEBIBYTES = 512

export const full: Scenario = {
  name: 'full',
  fault: 'the disk of the files that are taken in is full; then that of the database',
  promise:
    '503 with Retry-After, reads go on, nothing acknowledged is lost, and writes work when there is room',
  on: ['PostgreSQL', 'embedded'],
  timeoutSeconds: 240,
  obstacle: () => (process.getuid?.() === 0 ? null : 'small disks are mounted, for which it must be root'),
  run: async (stage) => {
    const spool = mount(stage, 'spool', SPOOL_MEBIBYTES)
    const data = mount(stage, 'data', DATA_MEBIBYTES[stage.place])
    const where: Record<string, string> = { SPOOL_DIR: spool }
    if (stage.superuserUrl === null) where.DATA_DIR = data
    else {
      // PostgreSQL takes only a folder that is its own.
      execFileSync('chown', ['postgres', data])
      chmodSync(stage.folder, 0o711)
      await moveTables(stage.superuserUrl, data)
    }
    const service = await stage.serve(where)
    const city = await newCity(service)
    return [...(await fullSpool(service, city)), ...(await fullData(stage, service, data, where))]
  },
}

async function fullSpool(service: Service, city: City): Promise<Finding[]> {
  const tooLarge = await sendFile(service, city, fileOf(2 * SPOOL_MEBIBYTES).bytes)
  const read = await service.ask('GET', '/v1/devices?limit=1', { key: city.key })
  const fits = await sendFile(service, city, fileOf(SPOOL_MEBIBYTES / 4).bytes)
  return [
    holds('a file without room is refused with 503', isHonestRefusal(tooLarge), String(tooLarge.status)),
    exactly('reads are answered', read.status, 200),
    exactly('a file that fits is answered', fits.status, 201),
  ]
}

async function fullData(
  stage: Stage,
  service: Service,
  data: string,
  where: Readonly<Record<string, string>>,
): Promise<Finding[]> {
  const writing = await cityWith(service, 10)
  const writers = new Writers(writing)
  const { bytes } = fileOf(1)
  let refusal: Awaited<ReturnType<typeof sendFile>> | null = null
  await writers.during(service, 1, async () => {
    for (let i = 0; i < 200 && (refusal === null || refusal.status === 201); i++) {
      refusal = await sendFile(service, await newCity(service), bytes)
    }
  })
  const { status, text } = refusal!
  const findings = [
    holds(
      'an import without room is refused with 503',
      isHonestRefusal(refusal!),
      `${status} ${text.slice(0, 200)}`,
    ),
    exactly('writes answered otherwise', writers.wrong.length, 0),
    holds('the process lives', service.isAlive, service.output.slice(-300)),
  ]
  const read = await service.ask('GET', '/v1/devices?limit=1', { key: writing.key })
  findings.push(exactly('reads are answered', read.status, 200))
  execFileSync('mount', ['-o', `remount,size=${MORE_MEBIBYTES}m`, data])
  const after = await sendFile(service, await newCity(service), bytes)
  findings.push(
    exactly('with room again an import is answered', after.status, 201),
    await writers.lost(service),
  )
  await service.end('SIGKILL')
  findings.push(await writers.lost(await stage.serve(where)))
  return findings
}

function mount(stage: Stage, name: string, mebibytes: number): string {
  const path = join(stage.folder, name)
  mkdirSync(path)
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m,mode=0777`, 'tmpfs', path])
  stage.after(() => execFileSync('umount', ['--lazy', path]))
  return path
}

/** The tables of the scratch database onto the small disk. */
async function moveTables(superuserUrl: string, path: string): Promise<void> {
  const url = new URL(superuserUrl)
  const database = url.pathname.slice(1)
  url.pathname = '/postgres'
  await asSuperuser(url.href, async (client) => {
    await client.query(`create tablespace ${database}_small location '${path}'`)
    await client.query(`alter database ${database} set tablespace ${database}_small`)
  })
}
