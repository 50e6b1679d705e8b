import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { withClient } from '../../src/db/with-client.ts'
import { type City, cityWith, fileOf, newCity, sendFile } from './cities.ts'
import { exactly, type Finding, holds, type Scenario, type Stage } from './scenario.ts'
import type { Answer, Service } from './service.ts'
import { isHonestRefusal, Writers } from './writers.ts'

const SPOOL_MEBIBYTES = 4
/** The embedded database takes some 60 when it is new; of PostgreSQL only the tables are on the small disk. */
const DATA_MEBIBYTES = { embedded: 160, PostgreSQL: 48 } as const
const MORE_MEBIBYTES = 512
const MOST_IMPORTS = 200
const STOP_SECONDS = 20

export const full: Scenario = {
  name: 'full',
  fault: 'the disk of the files that are taken in is full; then that of the database',
  promise:
    '503 with Retry-After, reads go on, nothing acknowledged is lost, and writes work when there is room',
  on: ['PostgreSQL', 'embedded'],
  timeoutSeconds: 600,
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
  const sendNew = async (to: Service) => sendFile(to, await newCity(to), bytes)
  let refusal: Answer | null = null
  await writers.during(service, 1, async () => {
    for (let i = 0; i < MOST_IMPORTS && service.isAlive && refusal === null; i++) {
      const answer = await sendNew(service).catch(() => null)
      // It no longer listens, and ends when it has put away what it can.
      if (answer === null) await service.endsWithin(STOP_SECONDS)
      else if (answer.status !== 201) refusal = answer
    }
  })
  // After its refusal the embedded engine may be unable to go on; the process ends then.
  if (stage.place === 'embedded') await service.endsWithin(STOP_SECONDS)
  const findings = [exactly('writes answered otherwise', writers.wrong.length, 0)]
  if (service.isAlive) {
    const read = await service.ask('GET', '/v1/devices?limit=1', { key: writing.key })
    findings.push(
      holds('an import without room is refused with 503', isHonestRefusal(refusal!), JSON.stringify(refusal)),
      exactly('reads are answered', read.status, 200),
    )
  } else {
    // The embedded engine ends when it cannot write its log.
    const isSaid = stage.place === 'embedded' && /No space left|no room left/i.test(service.output)
    findings.push(
      holds('the process ends and says that the disk is full', isSaid, service.output.slice(-300)),
    )
  }
  execFileSync('mount', ['-o', `remount,size=${MORE_MEBIBYTES}m`, data])
  if (service.isAlive) {
    findings.push(exactly('with room an import is answered', (await sendNew(service)).status, 201))
    await service.end('SIGKILL')
  }
  const next = await stage.serve(where)
  findings.push(
    await writers.lost(next),
    exactly('after a start an import is answered', (await sendNew(next)).status, 201),
  )
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
  await withClient(url.href, async (client) => {
    await client.query(`create tablespace ${database}_small location '${path}'`)
    await client.query(`alter database ${database} set tablespace ${database}_small`)
  })
}
