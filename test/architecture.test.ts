/** The rules of the house: who may import what, and what is generated is in step. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { describeError } from '../src/db/log.ts'
import { assertMatch, etagOf } from '../src/http/etag.ts'
import { decodeCursor, encodeCursor, TEXT_PART } from '../src/http/pages.ts'
import { PROBLEMS } from '../src/http/problems.ts'
import { INTAKE_CODES } from '../src/intake/problem.ts'
import { addDays, dayIn, daysBetween, isPlainDate, isWithin } from '../src/lib/calendar.ts'
import { isUuid, uuidOf, uuidv7 } from '../src/lib/ids.ts'
import { remembered } from '../src/lib/memory.ts'
import { ConfigError, readConfig } from '../src/server/config.ts'
import { openApiYaml } from '../src/server/openapi-document.ts'

const root = fileURLToPath(import.meta.resolve('#root/package.json')).replace(/package\.json$/, '')
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.tsx?$/.test(path))
  .map((path) => `src/${path.replaceAll('\\', '/')}`)

/**
 * Pure is a matter of place: all of these rooms and every folder named `model`. Such files compute and do nothing else:
 * no clock, no chance, no disk, no database, no log.
 */
const PURE_ROOMS = /^src\/(lib|identification|determination|firmware-risk)\/|\/model\//
/** Pure files that stand in other rooms. */
const PURE_FILES = [
  /^src\/tenancy\/audit-chain\.ts$/,
  /^src\/catalogue\/(vendors|rules|outcomes|facts|reference-data)\.ts$/,
  /^src\/http\/schemas\.ts$/,
  /^src\/device\/(?!columns|device\.)/,
  /^src\/screening\/(held-licenses|knowledge|local-law|profile|reach|screen|left-out)\.ts$/,
  /^src\/firmware\/feeds\/(?!age|import|queries|read|routes|thread|worker)/,
  /^src\/intake\/(?!shipped-profiles|open-|compound|workbook\/(?:archive|package-parts|shared-strings|styles|merges|thread|worker))/,
]
/** In pure rooms by their subject, and still not pure: a registry of 5 MB is read, the event loop is waited for. */
const NOT_PURE = ['src/identification/oui.ts', 'src/lib/pacing.ts']
/** What pure files may import beside each other. */
const PURE_PACKAGES = [
  'zod',
  'any-ascii',
  'lru-cache',
  'node:buffer',
  'node:crypto',
  'node:module',
  'node:util',
  'saxes',
  'yaml',
]
const isPure = (path: string) =>
  !NOT_PURE.includes(path) && [PURE_ROOMS, ...PURE_FILES].some((pattern) => pattern.test(path))

function importsOf(path: string): { target: string; isType: boolean }[] {
  const found: { target: string; isType: boolean }[] = []
  for (const match of read(path).matchAll(/^(?:import|export)\s+(type\s)?[^'";]*?from\s+'([^']+)'/gms)) {
    const target = match[2]!
    found.push({
      isType: match[1] !== undefined,
      target: target.startsWith('.')
        ? relative(root, resolve(root, dirname(path), target)).replaceAll('\\', '/')
        : target,
    })
  }
  return found
}

t.test('pure files import pure files', async (t) => {
  for (const path of sources.filter(isPure)) {
    for (const { target, isType } of importsOf(path)) {
      if (isType) continue
      t.ok(
        target.startsWith('src/') ? isPure(target) : PURE_PACKAGES.includes(target),
        `${path} -> ${target}`,
      )
    }
    const text = read(path).replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
    t.notMatch(
      text,
      /Math\.random|new Date\(\)|Date\.now\(\)|process\./,
      `${path} has no clock, chance or environment`,
    )
  }
})

t.test('no file imports itself by way of others, types included', async (t) => {
  const isSource = (target: string) => target.startsWith('src/')
  const imports = new Map(
    sources.map((path) => [
      path,
      importsOf(path)
        .map(({ target }) => target)
        .filter(isSource),
    ]),
  )
  const done = new Set<string>()
  const follow = (path: string, way: readonly string[]): void => {
    if (way.includes(path)) {
      t.fail([...way.slice(way.indexOf(path)), path].join(' -> '))
      return
    }
    if (done.has(path)) return
    for (const target of imports.get(path) ?? []) follow(target, [...way, path])
    done.add(path)
  }
  for (const path of sources) follow(path, [])
  t.equal(done.size, sources.length)
})

t.test('the environment, the clock and chance come in at the door', async (t) => {
  for (const path of sources) {
    const text = read(path).replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
    if (path !== 'src/server/config.ts') t.notMatch(text, /process\.env/, `${path} reads no environment`)
    if (!/^src\/(cli|db\/embedded|lib\/ids)/.test(path))
      t.notMatch(text, /new Date\(\)|Date\.now\(\)/, `${path} reads no clock`)
    if (!path.startsWith('src/db/embedded/')) t.notMatch(text, /Math\.random/, `${path} rolls no dice`)
  }
})

/**
 * Values of a module that change after it was loaded, each with why it may. What is remembered of the law belongs to the
 * version that it was remembered of (`memoryOf`, `remembered`) and goes with it.
 */
const MODULE_STATE: Readonly<Record<string, string>> = {
  'src/lib/calendar.ts formatters': 'clocks of zones: the same in every process and at any time; bounded',
  'src/lib/calendar.ts last': 'the last day that was asked for, one entry',
  'src/lib/pacing.ts lastInQueue': 'who waits for a turn of the event loop, of which a thread has one',
  'src/lib/ids.ts offset': 'place in a pool of random bytes',
  'src/lib/ids.ts latest': 'the last instant, so that ids of one instant keep their order',
  'src/firmware-risk/licenses/days.ts formatters': 'clocks of zones; bounded',
  'src/identification/match/tokens.ts meanings': 'follows from word lists in the program; bounded',
  'src/identification/spelling.ts rows': 'paper for one calculation, which nobody reads afterwards',
  'src/intake/words.ts countries': 'names of countries, made when the first is asked for',
  'src/identification/oui.ts registry': 'a file of 5 MB that comes with a package, read when first asked for',
  'src/intake/workbook/worker.ts counter': 'a thread of its own reads one workbook and ends',
  'src/db/prepared.ts names': 'names of statements, which connections keep; bounded',
  'src/db/postgres.ts silenceLimits': 'belongs to a connection and goes with it',
  'src/http/unroutable.ts answering': 'belongs to a socket and goes with it',
  'src/db/embedded/worker.ts isFresh': 'a thread of its own: its module is the database',
  'src/db/embedded/worker.ts queue': 'a thread of its own: its module is the database',
  'src/db/embedded/worker.ts lastWords': 'a thread of its own: its module is the database',
}

t.test('what a module remembers belongs to a value, or is named here with its reason', async (t) => {
  const found = sources.flatMap((path) => {
    const text = read(path)
    const declared = text.matchAll(/^(?:export )?(let|const) (\w+)(?:: [^=]*)?(?: = ?)?/gm)
    return [...declared].flatMap(({ 0: all, 1: kind, 2: name, index }) => {
      const value = text.slice(index + all.length).trimStart()
      const isMemory = /^(?:new (?:LRUCache|WeakMap|WeakSet)\b|\[?new \w+Array\()/.test(value)
      const isChanged = new RegExp(
        `(?<![.\\w])${name}(?:\\.(?:set|add|delete|clear|push|splice|unshift|fill|pop|shift)\\(|\\[[^\\]]+\\] (?:[+?|-]*)= )`,
      ).test(text)
      return kind === 'let' || isMemory || isChanged ? [`${path} ${name}`] : []
    })
  })
  t.same(found.toSorted(), Object.keys(MODULE_STATE).toSorted())
})

t.test(
  'an answer is remembered for one version, is not given for another, and the oldest goes first',
  async (t) => {
    let runs = 0
    const ask = remembered(
      (version: { law: string }, word: string) => ({ text: `${version.law} ${word} ${++runs}` }),
      (word) => word,
      2,
    )
    const [one, other] = [{ law: 'one' }, { law: 'other' }]
    t.equal(ask(one, 'a').text, 'one a 1')
    t.equal(ask(one, 'a').text, 'one a 1')
    t.equal(ask(other, 'a').text, 'other a 2')
    ask(one, 'b')
    ask(one, 'a')
    ask(one, 'c')
    t.equal(ask(one, 'a').text, 'one a 1', 'asked for again since')
    t.equal(ask(one, 'b').text, 'one b 5', 'forgotten')
  },
)

/** From the ground up. What stands on one line does not know each other. */
const FLOORS: readonly (readonly string[])[] = [
  ['lib'],
  ['db'],
  ['http'],
  ['tenancy'],
  ['jobs'],
  ['catalogue'],
  ['device'],
  ['intake', 'identification'],
  ['determination'],
  ['firmware-risk'],
  ['screening'],
  ['inventory', 'firmware'],
  ['planning'],
  ['scenarios', 'snapshots'],
  ['lists'],
  ['console'],
  ['server'],
  ['cli'],
  ['cli.ts'],
]
const roomOf = (path: string) => path.split('/')[1]!
const floorOf = (path: string) => FLOORS.findIndex((rooms) => rooms.includes(roomOf(path)))

t.test('every file stands in a room of a known floor', async (t) => {
  for (const path of sources) t.not(floorOf(path), -1, path)
})

t.test('each room imports only what stands below it, types included', async (t) => {
  const upwards = sources.flatMap((path) =>
    importsOf(path)
      .map(({ target }) => target)
      .filter((target) => target.startsWith('src/') && roomOf(target) !== roomOf(path))
      .filter((target) => floorOf(target) >= floorOf(path))
      .map((target) => `${path} -> ${target}`),
  )
  t.same([...new Set(upwards)].sort(), [])
})

t.test('routes declare and call: queries stand in files of their own', async (t) => {
  for (const path of sources.filter((one) => /routes?\.ts$/.test(one))) {
    t.notOk(
      importsOf(path).some(({ target }) => target === 'drizzle-orm'),
      path,
    )
  }
})

t.test(
  'each line that npm run mutate changes stands once in the source, with a test that exists',
  async (t) => {
    const mutants = JSON.parse(read('test/mutants/mutants.json')) as {
      readonly [field in 'name' | 'find' | 'replace' | 'test' | 'promise']: string
    }[]
    const texts = sources.map(read)
    for (const { name, find, replace, test, promise } of mutants) {
      const places = texts.reduce((count, text) => count + text.split(find).length - 1, 0)
      t.equal(places, 1, `${name}: its line in src (test/mutants/mutants.json)`)
      t.not(find, replace, `${name}: it is changed`)
      const titles = promise.split(' > ')
      t.ok(
        titles.every((title) => read(`test/${test}.test.ts`).includes(title)),
        `${name}: ${test}.test has "${promise}"`,
      )
    }
    t.equal(new Set(mutants.map(({ name }) => name)).size, mutants.length, 'no name twice')
  },
)

t.test('docs/problems.md explains every problem and no other', async (t) => {
  const explained = [...read('docs/problems.md').matchAll(/^\| `([\w-]+)` \| (\d{3}) \|/gm)].map(
    ([, code, status]) => [code, Number(status)],
  )
  t.same(
    explained.sort(),
    Object.entries(PROBLEMS)
      .map(([code, { status }]) => [code, status])
      .sort(),
  )
  const reasons = read('docs/problems.md').split('## Why a file is unreadable')[1]!
  for (const code of INTAKE_CODES) t.match(reasons, `\`${code}\``, code)
})

t.test('openapi/openapi.yaml is what the routes say (npm run openapi rewrites it)', async (t) => {
  const { version } = JSON.parse(read('package.json')) as { version: string }
  t.equal(read('openapi/openapi.yaml'), await openApiYaml(version))
})

t.test('migrations only grow: their stamps rise and no applied file is edited', async (t) => {
  const journal = JSON.parse(read('migrations/meta/_journal.json')) as {
    entries: { when: number; tag: string }[]
  }
  const stamps = journal.entries.map(({ when }) => when)
  t.same(
    stamps,
    [...new Set(stamps)].sort((a, b) => a - b),
  )
  const golden = JSON.parse(read('test/golden/migrations.json')) as Record<string, string>
  const actual = Object.fromEntries(
    journal.entries.map(({ tag }) => [
      tag,
      createHash('sha256')
        .update(read(`migrations/${tag}.sql`))
        .digest('hex'),
    ]),
  )
  t.same(
    actual,
    golden,
    'a new migration adds a line to test/golden/migrations.json; an old line never changes',
  )
  t.same(
    readdirSync(join(root, 'migrations'))
      .filter((name) => name.endsWith('.sql'))
      .map((name) => name.slice(0, -4))
      .sort(),
    Object.keys(golden).sort(),
  )
})

t.test('a wrong environment is one message that names every variable and repeats no value', async (t) => {
  t.match(readConfig({}), { PORT: 8080, HOST: 'localhost', DATA_DIR: './data/db', LOG_LEVEL: 'info' })
  t.equal(readConfig({ PORT: '' }).PORT, 8080, 'empty is absent')
  try {
    readConfig({
      PORT: 'eighty',
      DATABASE_URL: 'mysql://root:hunter2@x',
      LOG_LEVEL: 'loud',
      BOOTSTRAP_ADMIN_KEY: 'sh0rt',
    })
    t.fail('it was accepted')
  } catch (error) {
    t.ok(error instanceof ConfigError)
    const { message } = error as Error
    for (const name of ['PORT', 'DATABASE_URL', 'LOG_LEVEL', 'BOOTSTRAP_ADMIN_KEY']) t.match(message, name)
    t.notMatch(message, /hunter2|sh0rt/)
  }
})

t.test('the log prints no statement and no value of a database error', async (t) => {
  const inner = Object.assign(new Error('duplicate key value (asset_tag)=(SECRET-7)'), {
    code: '23505',
    constraint: 'x_key',
  })
  const outer = new Error('Failed query: insert into devices values ($1) params: SECRET-7', { cause: inner })
  const logged = JSON.stringify(describeError(outer))
  t.match(logged, '23505')
  t.match(logged, 'x_key')
  t.notMatch(logged, 'SECRET-7')
})

t.test('days are days of the calendar, periods end before their end', async (t) => {
  for (const [text, expected] of [
    ['2024-02-29', true],
    ['2023-02-29', false],
    ['1900-02-29', false],
    ['2000-02-29', true],
    ['2024-02-31', false],
    ['2024-13-01', false],
    ['2024-1-1', false],
    ['0000-01-01', false],
  ] as const) {
    t.equal(isPlainDate(text), expected, text)
  }
  t.equal(addDays('2024-02-28', 2), '2024-03-01')
  t.equal(daysBetween('2024-02-28', '2024-03-01'), 2)
  t.equal(isWithin({ from: '2024-01-01', to: '2024-02-01' }, '2024-02-01'), false)
  t.equal(dayIn(new Date('2026-11-24T02:00:00Z'), 'America/Chicago'), '2026-11-23')
})

t.test('ids sort by time, digests repeat, tags compare versions', async (t) => {
  t.ok(uuidv7(1000) < uuidv7(2000))
  t.ok(isUuid(uuidv7(Date.now())))
  t.equal(uuidOf('a'), uuidOf('a'))
  t.ok(isUuid(uuidOf('a')))
  t.doesNotThrow(() => assertMatch('"3-anything"', 3))
  t.throws(() => assertMatch('"2"', 3), { code: 'precondition-failed' })
  t.equal(etagOf(3, 's'), '"3-s"')
  t.same(
    decodeCursor(encodeCursor(['a', null], { q: 1 }), { q: 1 }, [
      TEXT_PART,
      { ...TEXT_PART, nullable: true },
    ]),
    ['a', null],
  )
  t.throws(() => decodeCursor(encodeCursor(['a'], { q: 1 }), { q: 2 }, [TEXT_PART]), {
    code: 'invalid-request',
  })
})

t.test(
  'a row without a published source is marked, never high, and counted where limits are written',
  async (t) => {
    interface Row {
      readonly id: string
      readonly source?: string
      readonly citation?: string
      readonly confidence: string
    }
    const limits = read('docs/methodology/identification.md')
    for (const name of ['vendors', 'relationships'] as const) {
      const rows: readonly Row[] = JSON.parse(read(`data/${name}.json`)).items
      const cited = (row: Row) => row.source ?? row.citation ?? ''
      t.same(
        rows.filter((row) => cited(row).trim() === ''),
        [],
        'none is without a word on where it comes from',
      )
      // Nothing but what somebody knows, or remembers of a directory that was not read again.
      const unread = rows.filter((row) =>
        cited(row)
          .split('; ')
          .every((part) => /no published source read|from memory, not read again/.test(part)),
      )
      t.same(
        unread.filter(({ confidence }) => confidence === 'high').map(({ id }) => id),
        [],
        `${name} that would be sure without a source`,
      )
      t.ok(
        limits.includes(`${unread.length} of ${rows.length} ${name}`),
        `docs say ${unread.length} of ${rows.length} ${name}`,
      )
    }
  },
)
