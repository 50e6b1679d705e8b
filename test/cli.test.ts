/**
 * The command line as a user meets it: what it prints, what it writes, and the code it exits with.
 *
 * The city is the sample of `examples/`. One service and one database serve the whole file.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createSocket } from 'node:dgram'
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parse } from 'csv-parse/sync'
import t, { type Test } from 'tap'
import { ACTIVITIES } from '../src/catalogue/outcomes.ts'
import { inRed, MEANINGS } from '../src/cli/legend.ts'
import { fundOf } from '../src/cli/plan-funds.ts'
import type { ScreenedRow, ScreenSummary } from '../src/cli/print.ts'
import { LIST_IDS } from '../src/lists/sources/ids.ts'
import { LIST_SOURCES } from '../src/lists/sources/index.ts'
import { CLI, forEach, ownPostgres, run, runInARow, serveForTest } from './support/processes.ts'
import { sheetXml, textCell, textRows, workbook } from './support/workbooks.ts'

const SAMPLE = fileURLToPath(import.meta.resolve('#root/examples/riverbend-cameras.csv'))
const SAMPLE_ROWS = parse(readFileSync(SAMPLE), { bom: true }).length - 1
const SMALL = [
  'Cam #,Brand,Model,MAC,Purchase Date',
  'S-1,Hikvision,DS-2CD2143G2-I,44:19:B6:1A:20:31,2021-05-04',
  'S-2,Axis,P1448-LE,,2021-05-04',
  'S-3,Quillfeather,Q-1,,2021-05-04',
  'S-4,Axis,P1448-LE,not a mac,2021-05-04',
  '',
].join('\n')

const CAMERAS = textRows([
  ['Asset Tag', 'Manufacturer'],
  ['W-1', 'Axis'],
])
const BOOK = workbook({
  sheets: [
    { name: 'Old', state: 'hidden', xml: sheetXml(CAMERAS) },
    { name: 'Cameras', xml: sheetXml(CAMERAS) },
    { name: 'Recorders', xml: sheetXml(CAMERAS) },
  ],
})
const FAR = sheetXml(`${CAMERAS}<row r="1048576">${textCell('XFD1048576', 'x')}</row>`)

const folder = t.testdir({
  'book.xlsx': BOOK,
  'far.xlsx': workbook({ sheets: [{ name: 'Cameras', xml: FAR }] }),
  temporary: {},
  'small.csv': SMALL,
  'clean.csv': 'Cam #,Brand,Part No.,Category\nC-1,Axis,P1448-LE,Bullet\n',
  'picture.csv': Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'),
  'nothing.csv': 'Colour,Height\nred,3\n',
  'escape.csv': 'Asset Tag,Manufacturer\nE-1,\u001b[31mAxis\n',
  'formula.csv': 'Asset Tag,Manufacturer,Purchase Date\nF-1,"=1+1",never\n',
})
const at = (name: string) => join(folder, name)

t.test('the command can be executed after every build, as npx does it', async (t) => {
  t.doesNotThrow(() => accessSync(CLI, constants.X_OK))
})

t.test('--help explains every command and exits with 0', async (t) => {
  const cases: [args: string[], told: RegExp[]][] = [
    [[], [/serve/, /screen/, /import/, /keys/, /Exit codes/]],
    [['serve'], [/DATABASE_URL/, /BOOTSTRAP_ADMIN_KEY/, /PORT .*8080/]],
    [['screen'], [/--out/, /--as-of/, /--fail-on-findings/, /standard input/]],
    [['import'], [/--url/, /CAMLEDGER_KEY/, /--dry-run/, /--atomic/, /--rejects/]],
    [['devices'], [/name__|site__contains/, /--url/, /--rows/]],
    [['device'], [/asset tag, serial number/]],
    [['discover'], [/--network/, /--nmap/, /without logins/]],
    [['keys'], [/create/, /list/, /revoke/]],
    [
      ['keys', 'create'],
      [/--label/, /city-editor/, /federal-reviewer/],
    ],
    [['plan'], [/--fund/, /--deadline/, /--workbook/, /--page/, /45,000 a year/, /75%/]],
    [['keys', 'list'], [/--json/]],
    [['keys', 'revoke'], [/<id>/]],
    [['firmware'], [/worklist/, /deadline/, /patch-answers/, /import-advisories/]],
    [
      ['firmware', 'import-advisories'],
      [/--format/, /kev/, /--force/],
    ],
  ]
  await forEach(cases, async ([args, told]) => {
    const { code, stdout, stderr } = await run([...args, '--help'])
    t.equal(code, 0, args.join(' '))
    t.equal(stderr, '')
    for (const words of told) t.match(stdout, words)
  })
  const version = await run(['--version'])
  t.equal(version.code, 0)
  t.match(version.stdout, /^\d+\.\d+\.\d+\n$/)
})

/** Names every file that a command reads as a module, on a line of the file LOADED. */
const NOTES_FILES = `import { register } from 'node:module'
const text = 'import { appendFileSync } from "node:fs"; export async function load(url, context, next) { appendFileSync(process.env.LOADED, url + "\\\\n"); return next(url, context) }'
register('data:text/javascript,' + encodeURIComponent(text))
`
writeFileSync(at('notes-files.mjs'), NOTES_FILES)

/** Our own files and the packages that a command loads. */
async function loadedBy(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const list = join(folder, `loaded-${args.join('-').replaceAll(/\W+/g, '-')}.txt`)
  const hook = `--import ${pathToFileURL(at('notes-files.mjs'))}`
  const outcome = await run(args, { env: { ...env, LOADED: list, NODE_OPTIONS: hook } })
  const urls = readFileSync(list, 'utf8').split('\n')
  const packages = urls.flatMap((url) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1] ?? [])
  return {
    outcome,
    own: urls.filter((url) => url.includes('/build/src/')),
    packages: [...new Set(packages)].sort(),
  }
}

t.test('a command loads what it needs, and the list of commands says how each is called', async (t) => {
  for (const args of [['--help'], ['--version'], ['scren']]) {
    const { own, packages } = await loadedBy(args)
    t.ok(own.length > 5 && own.length < 16, `${args}: ${own.length} of our files, of hundreds`)
    t.same(packages, ['commander', 'lru-cache'], `${args}: packages`)
  }
  const { stdout } = await run(['--help'])
  const listed = [...stdout.split('\nCommands:')[1]!.matchAll(/^ {2}(\S+)((?: \S+)*)/gm)].filter(
    ([, name]) => name !== 'help',
  )
  t.equal(listed.length, 15)
  await forEach(listed, async ([, name, takes]) => {
    const { outcome, own, packages } = await loadedBy([name!, '--help'])
    t.equal(outcome.code, 0, `${name} --help`)
    t.ok(own.length < 40, `${name}: ${own.length} of our files`)
    t.same(
      packages.filter((one) => !['commander', 'lru-cache', 'saxes', 'zod'].includes(one)),
      [],
      `${name}: no web server, no database`,
    )
    const [, usage] = /^Usage: camledger \S+ \[options\](.*)$/m.exec(outcome.stdout)!
    const hasOptions = / -\S+/.test(outcome.stdout.split('\nOptions:')[1]!.replace('-h, --help', ''))
    t.equal(takes, `${hasOptions ? ' [options]' : ''}${usage!.replace(' [command]', '')}`, `${name} takes`)
  })
  const asking = await loadedBy(['devices', '--url', 'http://localhost:1'], { CAMLEDGER_KEY: 'clk_x' })
  t.match(asking.outcome, { code: 1, stderr: /bad port/ })
  t.same(asking.packages, ['commander', 'lru-cache', 'zod'], 'a running service is asked without a database')
})

t.test('what is not a command is refused with 2, on standard error, in a line or two', async (t) => {
  const cases: [args: string[], told: RegExp][] = [
    [[], /Usage/],
    [['keys'], /Usage/],
    [['scren', SAMPLE], /unknown command 'scren'/],
    [['screen', SAMPLE, '--outt', 'x.csv'], /unknown option '--outt'/],
    [['screen', SAMPLE, '--out', at('x.txt')], /must end in .json, .ndjson or .csv/],
    [['screen', SAMPLE, '--as-of', '2024-02-31'], /must be a real day/],
    [['screen', SAMPLE, '--state', 'TE'], /must be a USPS code/],
    [['screen', SAMPLE, '--kind', 'village'], /Allowed choices are city, county/],
    [['screen', SAMPLE, '--map', 'manufacturer'], /must be written field=value/],
    [['import', SAMPLE], /--jurisdiction, or use --url/],
    [['import', SAMPLE, '--jurisdiction', 'riverbend'], /must be an id/],
    [['import', SAMPLE, '--url', 'localhost:8080'], /must be an address such as/],
    [['import', SAMPLE, '--url', 'http://localhost:1'], /CAMLEDGER_KEY/],
    [['keys', 'create', '--label', 'x', '--role', 'mayor'], /Allowed choices are .*city-editor/],
    [
      ['keys', 'create', '--label', 'x', '--role', 'admin', '--expires', 'soon'],
      /--expires: must be an RFC 3339/,
    ],
  ]
  await forEach(cases, async ([args, told]) => {
    const { code, stdout, stderr } = await run(args, { env: { DATA_DIR: at('untouched') } })
    t.equal(code, 2, args.join(' '))
    t.equal(stdout, '')
    t.match(stderr, told)
    t.notMatch(stderr, /^\s+at /m, 'without a stack')
  })
  t.notOk(existsSync(at('untouched')), 'and no database was made for it')
})

t.test('a file that cannot be read is refused with 2 and says why', async (t) => {
  const cases: [args: string[], told: RegExp][] = [
    [[at('absent.csv')], /^There is no file or folder .*absent\.csv\.$/m],
    [[at('picture.csv')], /^The file cannot be read: The file is a PNG image\. A picture of a table/],
    [[at('nothing.csv')], /No column could be read as one of[\s\S]*columns of the file: Colour, Height/],
    [[at('small.csv'), '--map', 'maker=Brand'], /no device field "maker"[\s\S]*fields: .*manufacturer/],
    [[at('small.csv'), '--map', 'manufacturer=Label'], /"Label"[\s\S]*columns of the file: Cam #, Brand/],
    [
      [at('far.xlsx')],
      /^The file cannot be read: The cell XFD1048576 is outside of .*"Cameras": columns A to SF/m,
    ],
    [[at('small.csv'), '--profile', 'gotham'], /no profile "gotham"[\s\S]*profiles: /],
    [[at('small.csv'), '--out', at('nowhere/x.csv')], /There is no file or folder .*nowhere\.$/m],
  ]
  const outcomes = await runInARow(cases.map(([args]) => ['screen', ...args]))
  for (const [i, [args, told]] of cases.entries()) {
    const { code, stdout, stderr } = outcomes[i]!
    t.equal(code, 2, args.join(' '))
    t.equal(stdout, '')
    t.match(stderr, told)
    t.notMatch(stderr, /^\s+at /m, 'without a stack')
  }
  const png = await run(['screen', '-'], { input: readFileSync(at('picture.csv')) })
  t.equal(png.code, 2, 'also on standard input')
})

t.test('screen prints a table and a summary, plain text when it is no terminal', async (t) => {
  const { code, stdout, stderr } = await run(['screen', SAMPLE])
  t.equal(code, 0)
  t.equal(stderr, '', 'no bar, no noise')
  t.notMatch(stdout, '\u001b', 'no colors, no cursor movement')
  t.match(stdout, /^PROHIBITED: .*\n\nrow +tag +label +model +made by +how sure/)
  t.match(stdout, /RB-003 +LTS +CMIP1042W-28M +Hikvision/, 'a relabel is told by its maker')
  t.match(stdout, new RegExp(`^${SAMPLE_ROWS} rows: \\d+ screened, \\d+ not readable, \\d+ blank\\.$`, 'm'))
  t.match(stdout, /^Columns read: .*assetTag=Cam #, .*manufacturer=Brand.*; dates mdy\.$/m)
  t.match(stdout, /The law as of \d{4}-\d\d-\d\d, from list data of/)
  t.notMatch(stdout, 'river99', 'a login in the file is nowhere')

  const unread = await run(['screen', '-'], { input: 'Make,Council District\nAxis,4\n' })
  t.match(unread.stdout, /^Columns left out \(--map names them\): Council District\.$/m)
  const hostile = await run(['screen', at('escape.csv')])
  t.notMatch(hostile.stdout, '\u001b', 'nor does a cell reach the terminal as a command')
})

t.test('screen reads a workbook, says what of it was not read, and leaves nothing behind', async (t) => {
  const env = { TMPDIR: at('temporary') }
  const cases: [string[], Buffer | undefined][] = [
    [[at('book.xlsx')], undefined],
    [['-'], BOOK],
  ]
  for (const [args, input] of cases) {
    const { code, stdout, stderr } = await run(['screen', ...args], { env, ...(input ? { input } : {}) })
    t.same([code, stderr], [0, ''])
    t.match(stdout, /W-1 +Axis/)
    t.match(stdout, /^2 rows: 2 screened/m)
    t.match(stdout, /^Sheet "Recorders" read\.$/m)
    t.match(stdout, /^Sheet "Old" left out: It is hidden\.$/m)
  }
  t.equal((await run(['screen', at('far.xlsx')], { env })).code, 2)
  t.same(readdirSync(at('temporary')), [])
})

t.test('what the README shows is what its command prints', async (t) => {
  const readme = readFileSync(fileURLToPath(import.meta.resolve('#root/README.md')), 'utf8')
  const [, args, shown] = readme.match(/^\$ node build\/src\/cli\.js (.*)\n([\s\S]*?)^```/m)!
  // The day on which it was written down: the law goes on.
  const { stdout } = await run([
    ...args!.replace('examples/riverbend-cameras.csv', SAMPLE).split(' '),
    ...['--as-of', '2026-11-29', '--rows', String(SAMPLE_ROWS)],
  ])
  // A table's columns are as wide as its widest rows, and the README leaves most rows out.
  const words = (line: string) => line.trim().split(/\s+/).join(' ')
  const printed = new Set(stdout.split('\n').map(words))
  const lines = shown!.split('\n').filter((line) => line !== '...' && !line.startsWith('---'))
  t.ok(lines.length > 8)
  for (const line of lines) t.ok(printed.has(words(line)), line)
})

t.test('the numbers of the summary are what the rows say', async (t) => {
  const out = at('all.json')
  const { code, stdout } = await run(['screen', SAMPLE, '--json', '--out', out])
  t.equal(code, 0)
  const summary = JSON.parse(stdout) as ScreenSummary
  const rows = JSON.parse(readFileSync(out, 'utf8')) as ScreenedRow[]
  const read = rows.filter(({ headline }) => headline !== null)

  t.equal(summary.rows, SAMPLE_ROWS)
  t.equal(summary.rows, summary.screened + summary.rejected + summary.blank)
  t.equal(summary.screened, read.length)
  t.equal(summary.rejected, rows.length - read.length)
  t.ok(rows.every(({ headline, errors }) => (headline === null) === errors.length > 0))
  t.equal(summary.withFindings, rows.filter(({ findings }) => findings.length > 0).length)
  t.same(summary.identification, {
    resolved: 0,
    ambiguous: 0,
    unresolved: 0,
    ...counted(read.map(({ status }) => status)),
  })
  t.same(
    Object.fromEntries(summary.makers.map(({ maker, devices }) => [maker, devices])),
    counted(read.map(({ maker, status }) => maker ?? `(${status})`)),
  )
  for (const activity of ACTIVITIES) {
    t.same(summary.headline[activity], counted(read.map(({ headline }) => headline![activity])), activity)
  }
  for (const { findings } of rows) {
    for (const found of findings)
      t.ok(found.ruleId && found.regime && found.citation, 'a finding names its regime, rule and citation')
  }

  const text = (await run(['screen', SAMPLE, '--rows', String(SAMPLE_ROWS)])).stdout
  t.match(
    text,
    `${summary.rows} rows: ${summary.screened} screened, ${summary.rejected} not readable, ${summary.blank} blank.`,
  )
  t.match(text, `${summary.withFindings} devices need a decision.`)
  t.match(text, 'Columns with logins, of which nothing was kept: Web Login.')
  t.notMatch(text, 'more rows', 'blank rows are not counted as left out')
  t.match((await run(['screen', SAMPLE, '--rows', '1'])).stdout, `... ${rows.length - 1} more rows;`)
})

function counted(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1
  return counts
}

t.test('--out writes every row, the same in each format', async (t) => {
  const names = ['rows.json', 'rows.ndjson', 'rows.csv']
  const written = await runInARow(names.map((name) => ['screen', SAMPLE, '--rows', '3', '--out', at(name)]))
  for (const [i, { code, stdout }] of written.entries()) {
    t.equal(code, 0)
    t.match(stdout, `Every row with its answers: ${at(names[i]!)}`)
  }
  const rows = JSON.parse(readFileSync(at('rows.json'), 'utf8')) as ScreenedRow[]
  const lines = readFileSync(at('rows.ndjson'), 'utf8').trimEnd().split('\n')
  t.same(
    lines.map((line) => JSON.parse(line)),
    rows,
  )
  const cells = parse(readFileSync(at('rows.csv')), { columns: true }) as Record<string, string>[]
  t.equal(cells.length, rows.length)
  for (const [i, row] of rows.entries()) {
    const told = cells[i]!
    t.match(told, {
      row: String(row.row),
      manufacturer: row.manufacturer ?? '',
      maker: row.maker ?? '',
      status: row.status,
    })
    for (const activity of ACTIVITIES) t.equal(told[activity], row.headline?.[activity] ?? '')
    t.equal(told.findings === '', row.findings.length === 0)
  }
  t.same(
    readdirSync(folder).filter((name) => name.endsWith('.part')),
    [],
    'nothing unfinished is left',
  )

  writeFileSync(at('onto.csv'), SMALL)
  t.equal((await run(['screen', at('onto.csv'), '--out', at('onto.csv')])).code, 0)
  t.equal(parse(readFileSync(at('onto.csv'))).length, 5, 'also onto the file that is being read')

  t.equal((await run(['screen', at('picture.csv'), '--out', at('rows.json')])).code, 2)
  t.same(JSON.parse(readFileSync(at('rows.json'), 'utf8')), rows, 'a failure leaves what was there')

  t.equal((await run(['screen', at('formula.csv'), '--out', at('formula-out.csv')])).code, 0)
  t.notMatch(readFileSync(at('formula-out.csv'), 'utf8'), /(^|,)"?=/m, 'no cell can run as a formula')
})

t.test('--as-of asks the law of another day', async (t) => {
  const [early, late] = (
    await runInARow(
      ['2018-01-02', '2026-01-02'].map((day) => ['screen', at('small.csv'), '--json', '--as-of', day]),
    )
  ).map(({ stdout }) => JSON.parse(stdout)) as [ScreenSummary, ScreenSummary]
  t.equal(early.asOf, '2018-01-02')
  t.equal(late.asOf, '2026-01-02')
  t.equal(early.headline.use.prohibited ?? 0, 0, 'before the law there was nothing to prohibit')
  t.notSame(early.headline, late.headline)
  t.same(early.identification, late.identification, 'who made it does not change')
})

t.test('--fail-on-findings exits with 3 exactly when there are some', async (t) => {
  const cases: [args: string[], code: number][] = [
    [[at('small.csv'), '--fail-on-findings'], 3],
    [[at('clean.csv'), '--fail-on-findings'], 0],
    [[at('small.csv')], 0],
  ]
  const outcomes = await runInARow(cases.map(([args]) => ['screen', ...args]))
  t.same(
    outcomes.map(({ code }) => code),
    cases.map(([, code]) => code),
  )
  const asProcess = await run(['screen', at('small.csv'), '--fail-on-findings'])
  t.equal(asProcess.code, 3, 'as the code of the process too')
})

t.test('standard input, a mapping by header or position, and defaults', async (t) => {
  const answers = async (args: string[], input: string) => {
    const out = at('answers.json')
    const { code, stderr } = await run(['screen', '-', ...args, '--out', out], { input })
    t.equal(code, 0, stderr)
    return JSON.parse(readFileSync(out, 'utf8')) as ScreenedRow[]
  }
  t.match(await answers([], SMALL), [{ assetTag: 'S-1', maker: 'hikvision' }, {}, {}, {}])

  const odd = 'first,second,third\nAxis,Q6075-E,T-1\n'
  const wanted = [{ assetTag: 'T-1', manufacturer: 'Axis', model: 'Q6075-E', maker: 'axis' }]
  t.match(await answers(['--map', 'manufacturer=0', '--map', 'model=1', '--map', 'assetTag=2'], odd), wanted)
  t.match(
    await answers(['--map', 'manufacturer=first', '--map', 'model=second', '--map', 'assetTag=third'], odd),
    wanted,
  )
  t.match(await answers(['--map', 'assetTag='], SMALL), [
    { assetTag: null, manufacturer: 'Hikvision' },
    {},
    {},
    {},
  ])
  t.match(await answers(['--default', 'manufacturer=Pelco'], 'Asset Tag,Manufacturer\nP-1,\n'), [
    { manufacturer: 'Pelco', maker: 'pelco' },
  ])
})

t.test('discover asks devices without a login, and writes the list that import reads', async (t) => {
  const answer = (scopes: string) =>
    `<?xml version="1.0"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"><s:Body><d:ProbeMatches><d:ProbeMatch><a:EndpointReference><a:Address>urn:uuid:11</a:Address></a:EndpointReference><d:Scopes>${scopes}</d:Scopes></d:ProbeMatch></d:ProbeMatches></s:Body></s:Envelope>`
  const asked: string[] = []
  const responder = async (address: string, text: string) => {
    const socket = createSocket('udp4')
    socket.on('message', (probe, from) => {
      asked.push(`${address} ${probe.toString()}`)
      socket.send(text, from.port, from.address)
    })
    await new Promise<void>((resolve) => {
      socket.bind(0, address, resolve)
    })
    t.teardown(() => socket.close())
    return `${address}:${socket.address().port}`
  }
  const scope = (kind: string, value: string) => `onvif://www.onvif.org/${kind}/${value}`
  const hosts = await Promise.all([
    responder(
      '127.0.0.1',
      answer(
        `${scope('name', 'HIKVISION%20DS-2CD2143G2-I')} ${scope('hardware', 'DS-2CD2143G2-I')} ${scope('location', 'north')}`,
      ),
    ),
    responder('127.0.0.2', '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'),
    responder('127.0.0.3', answer(`${scope('name', '=cmd')} ${scope('hardware', 'M3045-V')}`)),
  ])
  writeFileSync(
    at('scan.xml'),
    '<nmaprun><host><status state="up"/><address addr="127.0.0.1" addrtype="ipv4"/><address addr="44:19:B6:01:02:03" addrtype="mac" vendor="Hikvision"/></host></nmaprun>',
  )
  const args = ['--network', '127.0.0.0/8', '--wait', '4', '--out', at('found.csv')]
  const done = await run([
    'discover',
    ...args,
    ...hosts.flatMap((one) => ['--host', one]),
    '--nmap',
    at('scan.xml'),
  ])
  t.equal(done.code, 0, done.stderr)
  t.match(done.stdout, /^2 devices answered, 1 host of the scan\./)
  t.equal(asked.length, 6, 'two questions to each')
  for (const text of asked) t.notMatch(text, /password|username|wsse/i, 'no credentials')
  const [header, ...rows] = parse(readFileSync(at('found.csv'))) as string[][]
  const named = rows.map((row) => Object.fromEntries(header!.map((name, i) => [name, row[i]])))
  t.match(named, [
    {
      'IP Address': '127.0.0.1',
      Name: 'HIKVISION DS-2CD2143G2-I',
      Model: 'DS-2CD2143G2-I',
      'MAC Address': '44:19:B6:01:02:03',
      'External ID': 'urn:uuid:11',
    },
    { 'IP Address': '127.0.0.3', Name: "'=cmd", Model: 'M3045-V' },
  ])
  const read = await run(['screen', at('found.csv')])
  t.equal(read.code, 0, read.stderr)
  t.match(read.stdout, /^PROHIBITED: /, 'and the list is read')
  const refused: [string[], RegExp][] = [
    [['discover'], /--network/],
    [['discover', '--network', '0.0.0.0/0'], /8 to 32 bits/],
    [['discover', '--network', '10.20.0.0/24', '--host', '127.0.0.1'], /in none of the networks/],
    [['discover', '--network', '203.0.113.0/24'], /This machine is in none of these networks/],
  ]
  await forEach(refused, async ([command, why]) => {
    t.match(await run(command), { code: 2, stderr: why }, command.join(' '))
  })
})

t.test('a reader that stops early is no failure', async (t) => {
  const { status, stderr } = spawnSync(
    'sh',
    ['-c', `"${process.execPath}" "${CLI}" screen "${SAMPLE}" --rows 5000 --json | head -n 1`],
    { encoding: 'utf8' },
  )
  t.equal(status, 0)
  t.equal(stderr, '')
})

const long = at('long.csv')
writeFileSync(
  long,
  `Asset Tag,Manufacturer,Notes\n${Array.from({ length: 12_000 }, (_, i) => `L-${i},Axis,${'x'.repeat(200)}\n`).join('')}`,
)

t.test('a long file has a bar, and only on a terminal', async (t) => {
  const piped = await run(['screen', long])
  t.equal(piped.code, 0)
  t.equal(piped.stderr, '')

  // script(1) gives a command a terminal; options as util-linux has them.
  const command = `'${process.execPath}' '${CLI}' screen '${long}' --rows 1`
  const terminal = spawnSync('script', ['-qec', command, '/dev/null'], {
    encoding: 'utf8',
    env: { ...process.env, TERM: 'xterm' },
  })
  if (terminal.error || terminal.status !== 0) return t.comment('no script(1) here')
  t.match(terminal.stdout, /\d+%/, 'on a terminal there is one')
  t.match(terminal.stdout, '\u001b[?25h', 'and the cursor is shown again')
})

/* ------------------------------------------------------- with a service and a database */

t.test('no command makes a register to answer from: it says where it looked, and what to do', async (t) => {
  const kev = fileURLToPath(import.meta.resolve('#root/test/fixtures/firmware/kev.json'))
  const id = '01900000-0000-7000-8000-000000000000'
  const commands = [
    ['firmware', 'worklist'],
    ['firmware', 'worklist', '--json'],
    ['firmware', 'deadline'],
    ['firmware', 'patch-answers'],
    ['firmware', 'import-advisories', kev, '--format', 'kev'],
    ['keys', 'list'],
    ['keys', 'create', '--label', 'x', '--role', 'admin'],
    ['keys', 'revoke', id],
    ['import', SAMPLE, '--jurisdiction', id],
    ['plan', '--city', id],
    ['audit', 'verify'],
  ]
  for (const group of ['firmware', 'keys', 'audit']) {
    const { stdout } = await run([group, '--help'])
    for (const [, name] of stdout.split('Commands:')[1]!.matchAll(/^ {2}([a-z-]+) /gm)) {
      if (name === 'help') continue
      t.ok(
        commands.some(([first, second]) => first === group && second === name),
        `${group} ${name} is tried`,
      )
    }
  }
  const folder = at('nowhere')
  const begun = at('begun')
  // What a first start leaves that is killed before its end.
  mkdirSync(join(begun, 'pgdata'), { recursive: true })
  writeFileSync(join(begun, 'pgdata', 'PG_VERSION'), '18\n')
  writeFileSync(join(begun, 'pgdata.incomplete'), '')
  const empty = await ownPostgres(t)
  const places: [env: Record<string, string>, told: RegExp, commands: string[][]][] = [
    [
      { DATA_DIR: folder },
      /no register in \/.*nowhere \(DATA_DIR\)\..*DATABASE_URL/s,
      [...commands, ['migrate']],
    ],
    [{ DATA_DIR: begun }, /no register in \/.*begun \(DATA_DIR\)/, [commands[0]!]],
    ...(empty === null
      ? []
      : [
          [{ DATABASE_URL: empty }, /no register in the database \w+ at .*\(DATABASE_URL\)/, commands] as [
            Record<string, string>,
            RegExp,
            string[][],
          ],
        ]),
  ]
  for (const [env, told, some] of places) {
    await forEach(some, async (args) => {
      const { code, stdout, stderr } = await run(args, { env })
      t.equal(code, 1, args.join(' '))
      t.match(stderr, told)
      t.match(stderr, /camledger serve/, 'what makes one')
      t.equal(stdout, '', 'no answer')
    })
  }
  t.notOk(existsSync(folder), 'nothing was made')
})

const url = await ownPostgres(t)
const env = url === null ? { DATA_DIR: at('register') } : { DATABASE_URL: url }
const ADMIN = 'a-first-key-for-the-command-line-test'
const service = await serveForTest(t, { ...env, BOOTSTRAP_ADMIN_KEY: ADMIN }, ADMIN)

async function city(name: string): Promise<{ id: string; key: string }> {
  const made = await service.call('POST', '/v1/jurisdictions', { body: { name, state: 'MO' } })
  const { body } = await service.call('POST', '/v1/keys', {
    body: { label: name, role: 'city-editor', jurisdictionId: made.body.id },
  })
  return { id: made.body.id, key: body.key }
}

const riverbend = await city('Riverbend')
const direct = await city('Directly')
const there = (args: string[], key = riverbend.key) =>
  run(['import', ...args, '--url', service.address], { env: { CAMLEDGER_KEY: key } })
const devicesThere = async (key = riverbend.key) =>
  (await service.call('GET', '/v1/summary', { key })).body.totalDevices as number

/** The columns of a rejects file, and a check that it is one. */
function checkRejects(t: Test, path: string, count: number): void {
  const [header, ...rows] = parse(readFileSync(path)) as string[][]
  const [original, ...lines] = parse(readFileSync(SAMPLE), { bom: true }) as string[][]
  t.same(header, [...original!, 'error'], 'the original columns and the reason')
  t.equal(rows.length, count)
  for (const row of rows) {
    const from = lines.find((line) => line[0] === row[0])!
    t.ok(from, `${row[0]} is a row of the file`)
    for (const [i, name] of original!.entries()) {
      if (name === 'Web Login') t.notMatch(row[i], /\w+ \/ \w+/, 'logins are not repeated')
      else t.equal(row[i], from[i])
    }
    t.not(row.at(-1), '')
  }
}

t.test('import --url: a dry run keeps nothing, an atomic one with errors neither', async (t) => {
  const dry = await there([SAMPLE, '--dry-run'])
  t.equal(dry.code, 4, dry.stderr)
  t.match(dry.stdout, /^Dry run, nothing was kept\. /)
  t.equal(dry.stderr, '')
  t.equal(await devicesThere(), 0)

  const atomic = await there([SAMPLE, '--atomic'])
  t.equal(atomic.code, 4)
  t.match(atomic.stderr, /2 rows have errors; nothing was kept/)
  t.match(atomic.stderr, /\/rows\/\d+/, 'with the rows')
  t.equal(await devicesThere(), 0)

  const neither = await there([SAMPLE, '--dry-run', '--rejects', at('none.csv')])
  t.equal(neither.code, 2)
  t.match(neither.stderr, 'only for an import that it kept')
})

t.test(
  'import --url: the report adds up, the rejects are the rows, a second time changes nothing',
  async (t) => {
    const first = await there([SAMPLE, '--rejects', at('rejects-there.csv')])
    t.equal(first.code, 4, 'some rows were refused')
    t.equal(first.stderr, '')
    t.notMatch(first.stdout, '\u001b')
    t.match(first.stdout, /Columns with logins, of which nothing was kept: Web Login\./)
    const found = /^(\d+) rows: (\d+) created, (\d+) updated, (\d+) unchanged, (\d+) rejected, (\d+) blank/
    const [rows, created, updated, unchanged, rejected, blank] = found
      .exec(first.stdout)!
      .slice(1)
      .map(Number)
    t.equal(rows, SAMPLE_ROWS)
    t.equal(rows, created! + updated! + unchanged! + rejected! + blank!)
    t.equal(await devicesThere(), created)
    checkRejects(t, at('rejects-there.csv'), rejected!)

    t.match(first.stdout, /^Next: node .*cli\.js devices --url http\S+ shows what is prohibited first/m)
    t.match(
      first.stdout,
      /To take it back: node .*cli\.js import --undo [\w-]{36} --url http/,
      'a command that can be run here',
    )

    const second = await there([SAMPLE, '--json'])
    t.equal(second.code, 4)
    const report = JSON.parse(second.stdout)
    t.match(report.counts, { rows, created: 0, updated: 0, unchanged: created, rejected, vanished: 0 })
    const imports = await service.call('GET', '/v1/imports', { key: riverbend.key })
    t.equal(imports.body.items.length, 2)
    t.match(imports.body.items[0], {
      fileName: 'riverbend-cameras.csv',
      digest: createHash('sha256').update(readFileSync(SAMPLE)).digest('hex'),
    })
    t.equal(
      (await there([at('clean.csv'), '--source', 'other'])).code,
      0,
      'without refused rows the code is 0',
    )
  },
)

t.test(
  'devices and device answer in short: what is prohibited first, words with a legend, what next',
  async (t) => {
    const asked = (args: string[], more: Record<string, string> = {}) =>
      run([...args, '--url', service.address], { env: { CAMLEDGER_KEY: riverbend.key, ...more } })
    const list = await asked(['devices', '--rows', '500'])
    t.equal(list.code, 0, list.stderr)
    t.match(
      list.stdout,
      /^PROHIBITED: .*buy more \d+ devices?.*\.\n\ntag +name +label and model +maker +Buy more/,
    )
    t.notMatch(list.stdout, '\u001b', 'no color where nobody sees it')
    t.match(list.stdout, /^ {2}Prohibited \(prohibited\): the law forbids it$/m)
    t.match(list.stdout, /^Next:\n {2}node .*cli\.js device /m)
    const rows = list.stdout.split('\n\n')[1]!.split('\n').slice(2)
    t.equal(rows.length, await devicesThere())
    const isWorst = rows.map((row) => row.includes('Prohibited'))
    t.ok(
      isWorst.indexOf(false) > 0 && !isWorst.slice(isWorst.indexOf(false)).includes(true),
      'the worst first',
    )
    const none = await asked(['devices', 'status=planned', 'name__contains=nowhere'])
    t.match(none, { code: 0, stdout: 'No device matches.\n' })
    const unknown = await asked(['devices', 'colour=red'])
    t.equal(unknown.code, 2)
    t.match(unknown.stderr, 'is not known here. There are: ')
    t.match((await asked(['devices', 'red'])).stderr, 'A filter is written name=value')

    const found = JSON.parse((await asked(['devices', 'outcome=prohibited', '--json'])).stdout)[0]
    const one = await asked(['device', found.assetTag])
    t.equal(one.code, 0, one.stderr)
    t.match(one.stdout, /^PROHIBITED: /)
    t.match(one.stdout, found.assetTag)
    t.match(one.stdout, /^Buy more: Prohibited\n {2}.+ \(.+\)$/m, 'with reason and citation')
    t.match(one.stdout, `PATCH /v1/devices/${found.id}`)
    t.equal((await asked(['device', found.id])).stdout, one.stdout)
    t.match(await asked(['device', 'no-such-tag']), { code: 2, stderr: /No device has the asset tag/ })
    const glossary = readFileSync(fileURLToPath(import.meta.resolve('#root/docs/glossary.md')), 'utf8')
    for (const [outcome, meaning] of Object.entries(MEANINGS))
      t.match(glossary, `| \`${outcome}\` | ${meaning} |`, `${outcome} means what the glossary says`)
    for (const [isTerminal, isPlain, isRed] of [
      [true, false, true],
      [true, true, false],
      [false, false, false],
    ] as const)
      t.equal(
        inRed('x', { isTerminal, isPlain }) !== 'x',
        isRed,
        `terminal ${isTerminal}, NO_COLOR ${isPlain}`,
      )
  },
)

t.test('import --url: another file names what is not in it, and is undone once', async (t) => {
  const tags = (...all: string[]) =>
    `Asset Tag,Make,Model\n${all.map((tag) => `${tag},Axis,M1`).join('\n')}\n`
  writeFileSync(at('three.csv'), tags('Z1', 'Z2', 'Z3'))
  writeFileSync(at('one.csv'), tags('Z1', 'Z4'))
  t.equal((await there([at('three.csv'), '--source', 'undo'])).code, 0)
  const { stdout } = await there([at('one.csv'), '--source', 'undo'])
  t.match(stdout, /^2 devices of earlier files are not in this one; nothing was done to them\.$/m)
  const id = /--undo ([\w-]{36})/.exec(stdout)![1]!
  t.match((await there(['--undo', id])).stdout, /^1 device removed, 0 as they were before/)
  t.match(
    (await there(['--undo', id])).stdout,
    /^This import was undone on \d{4}-\d\d-\d\d at \d\d:\d\d UTC; nothing was done now\. Then: 1 device removed/,
  )
})

t.test('import --url: what goes wrong is told in a line, with a code to act on', async (t) => {
  const stranger = createServer((_, answer) => answer.end('<html>hello</html>'))
  await new Promise<void>((resolve) => {
    stranger.listen(0, 'localhost', resolve)
  })
  t.teardown(() => stranger.close())
  const addressOf = (server: Server) => `http://localhost:${(server.address() as AddressInfo).port}`
  const strange = addressOf(stranger)
  const gone = createServer()
  await new Promise<void>((resolve) => {
    gone.listen(0, 'localhost', resolve)
  })
  const nobody = addressOf(gone)
  gone.close()
  const cases: [args: string[], key: string, code: number, told: RegExp][] = [
    [[SAMPLE, '--url', service.address], 'clk_wrong', 2, /The service refused \(401\)/],
    // Larger than any buffer on the way: the answer comes while the file is still being sent.
    [[long, '--url', service.address], 'clk_wrong', 2, /The service refused \(401\)/],
    [[at('picture.csv'), '--url', service.address], riverbend.key, 2, /PNG image/],
    [[SAMPLE, '--url', service.address, '--jurisdiction', direct.id], riverbend.key, 2, /refused \(40[34]\)/],
    [[SAMPLE, '--url', service.address], ADMIN, 2, /jurisdictionId/],
    [[SAMPLE, '--url', strange], riverbend.key, 2, /does not answer as a camledger service/],
    [
      [SAMPLE, '--url', 'http://localhost:1'],
      riverbend.key,
      1,
      /The connection to the service failed: bad port/,
    ],
    [[SAMPLE, '--url', nobody], riverbend.key, 1, /Nothing answers at the address/],
    [[at('absent.csv'), '--url', service.address], riverbend.key, 2, /There is no file/],
    [[SAMPLE, '--url', service.address, '--rejects', at('nowhere/x.csv')], riverbend.key, 2, /nowhere\.$/m],
  ]
  await forEach(cases, async ([args, key, code, told]) => {
    const result = await run(['import', ...args], { env: { CAMLEDGER_KEY: key } })
    t.equal(result.code, code, args.slice(1).join(' '))
    t.match(result.stderr, told)
    t.notMatch(result.stderr, /^\s+at /m, 'without a stack')
    t.notMatch(result.stderr, key, 'without the key')
  })
})

t.test('a fund is read as a person writes it, or named with what is not understood', async (t) => {
  const years = [2027, 2028]
  const cases: [line: string, fund: object][] = [
    [
      'General fund = 45,000 a year',
      {
        name: 'General fund',
        isFederal: false,
        sharePercent: 100,
        totalCapCents: null,
        yearCaps: [
          { fiscalYear: 2027, cents: 4_500_000 },
          { fiscalYear: 2028, cents: 4_500_000 },
        ],
      },
    ],
    ['Bond=$200,000.50', { name: 'Bond', totalCapCents: 20_000_050, yearCaps: null }],
    [
      'Capital = 60,000 in 2027, 40000 in FY2029, carries forward',
      {
        carriesForward: true,
        yearCaps: [
          { fiscalYear: 2027, cents: 6_000_000 },
          { fiscalYear: 2029, cents: 4_000_000 },
        ],
      },
    ],
    [
      'Justice grant = $30,000, Federal, 75%, 2026-10-01 to 2028-09-30, by order',
      {
        isFederal: true,
        sharePercent: 75,
        totalCapCents: 3_000_000,
        periodFrom: '2026-10-01',
        // The first day outside.
        periodTo: '2028-10-01',
        periodOf: 'order',
      },
    ],
    ['IT = no limit; only soft and recurring', { totalCapCents: null, costKinds: ['soft', 'recurring'] }],
    ['Waste = 5,000 per year, only disposal', { activities: ['disposal'] }],
    ['Late = 1 in total, to 2028-02-29', { totalCapCents: 100, periodFrom: null, periodTo: '2028-03-01' }],
  ]
  for (const [line, fund] of cases) t.match(fundOf(line, years, 10), fund, line)
  const faults: [line: string, told: RegExp][] = [
    ['General fund 45,000', /Not a fund: General fund 45,000/],
    ['= 45,000', /Not a fund/],
    ['X =', /X: how much it gives is not said/],
    ['X = federal', /X: how much it gives is not said/],
    ['X = 45,00', /X: "45,00" is not understood/],
    ['X = 10.005', /"10\.005" is not understood/],
    ['X = -5', /"-5" is not understood/],
    ['X = 5,000, from 2027-02-30', /"from 2027-02-30" is not understood/],
    ['X = 5,000, only cameras', /"only cameras" is not understood/],
  ]
  for (const [line, told] of faults) t.throws(() => fundOf(line, years, 10), { message: told }, line)
})

t.test('plan: one command from a file to the workbook and the page, and nothing is kept', async (t) => {
  const funds = at('funds.txt')
  writeFileSync(funds, '# who pays\nGeneral fund = 45,000 a year\n')
  const { code, stdout, stderr } = await run(
    [
      'plan',
      SAMPLE,
      '--state',
      'OH',
      '--city-name',
      'Riverbend',
      '--funds',
      funds,
      '--deadline',
      '2031-06-30',
    ].concat(['--workbook', at('book.xlsx'), '--page', at('page.html')]),
    { env: { DATA_DIR: at('untouched') } },
  )
  t.equal(code, 0, stderr)
  t.match(stdout, /^riverbend-cameras\.csv: 58 devices read, 2 not readable and in no figure\.\n/)
  t.match(stdout, /Riverbend: replacing \d+ devices at \d+ sites\n {2}Request +\$\d+,\d{3}, 80 in 100 chance/)
  t.match(stdout, /Paid by +General fund \$\d/)
  t.match(stdout, /Everything fits +yes\n/)
  t.ok(stdout.split('\n').length < 25, 'a short answer')
  t.equal(readFileSync(at('book.xlsx')).subarray(0, 2).toString(), 'PK')
  t.match(readFileSync(at('page.html'), 'utf8'), 'Riverbend: Camera replacement')
  t.notOk(existsSync(at('untouched')), 'the register is not touched')
})

t.test(
  'plan --url: the plan is kept under its name, and brought up to date by the same command',
  async (t) => {
    const plan = (args: string[], key = riverbend.key) =>
      run(['plan', '--url', service.address, ...args], { env: { CAMLEDGER_KEY: key } })
    const funds = ['--fund', 'General fund = 45,000 a year', '--fund', 'Bond = 10,000, only hard']
    const first = await plan([...funds, '--buy', 'Axis/P3265-LVE', '--workbook', at('there.xlsx')])
    t.equal(first.code, 0, first.stderr)
    const id = /Kept as plan ([\w-]{36})\./.exec(first.stdout)![1]!
    const again = await plan([...funds.slice(0, 2), '--buy', 'Axis/P3265-LVE', '--years', '3', '--json'])
    const { planId, schedule } = JSON.parse(again.stdout)
    t.equal(planId, id)
    t.equal(schedule.settings.fiscalYears, 3)
    const read = async (path: string) => (await service.call('GET', path, { key: riverbend.key })).body
    t.equal((await read('/v1/plans')).items.length, 1, 'one plan')
    t.same(
      (await read('/v1/funding-sources')).items.map(({ name }: { name: string }) => name),
      ['General fund', 'Bond'],
      'no fund twice',
    )
    t.equal((await read(`/v1/plans/${id}`)).settings.fundingSources.length, 1, 'the fund that was named')
    t.equal((await read(`/v1/plans/${id}/candidates`)).items.length, 1)

    const named = (name: string) => {
      const path = at(`${name}.xlsx`)
      const sheets = [{ name: 'Own', xml: sheetXml('<row r="1"><c r="A1"><v>1</v></c></row>') }]
      const names = `<definedName name="Camledger_${name}">Own!$A$1</definedName>`
      writeFileSync(path, workbook({ sheets, names }))
      return ['--template', path, '--workbook', at('filled.xlsx')]
    }
    const filled = await plan([...funds, ...named('City')])
    t.equal(filled.code, 0, filled.stderr)
    t.equal(readFileSync(at('filled.xlsx')).subarray(0, 2).toString(), 'PK')
    const wrong = await plan([...funds, ...named('Citty')])
    t.match(
      [wrong.code, wrong.stderr],
      [2, /--template Camledger_Citty is not a name that this service fills/],
    )

    const { items } = await read(`/v1/plans/${id}/devices?limit=1`)
    const taken = `/v1/plans/${id}/devices?deviceId=${items[0].deviceId}`
    t.equal((await service.call('DELETE', taken, { key: riverbend.key })).body.removed, 1)
    t.match((await plan(funds)).stdout, /Into the plan came 1 device that it did not have/)

    const whatIf = await plan([
      ...[
        ...funds,
        '--what-if',
        'crews 4; vms cloud',
        '--what-if',
        'fund Bond = 900,000; price CAM-DOME-OUT = 1',
      ],
    ])
    t.equal(whatIf.code, 0, whatIf.stderr)
    t.match(whatIf.stdout, /case 1: crews 4; vms cloud\n.*case 2: fund Bond = 900,000/)
    t.match(whatIf.stdout, /\n {22,}as it is +case 1 +case 2\n/)
    t.match(whatIf.stdout, /\n {2}Request +\$[\d,]+ +\$[\d,]+ +\$[\d,]+\n/)
    t.match(whatIf.stdout, 'Nothing of this is kept')
    const copy = await plan([
      '--copy-of',
      'Camera replacement',
      '--name',
      'In the cloud',
      '--vms',
      'cloud',
      '--json',
    ])
    const copied = JSON.parse(copy.stdout)
    t.same([copied.schedule.settings.vms, copied.schedule.settings.variantOf], ['cloud', id])

    const cases: [args: string[], told: RegExp][] = [
      [['--what-if', 'crews many'], /"crews many" is not understood/],
      [['--copy-of', 'Nothing', '--name', 'New'], /There is no plan "Nothing"/],
      [['--deadline', '1800-01-01'], /--deadline/],
      [['--fund', 'X = much'], /"much" is not understood/],
      [['--fund', 'X = 5', '--fund', 'X = 6'], /named twice/],
      [['--workbook', 'x.pdf'], /must end in \.xlsx/],
      [['--city', '01900000-0000-7000-8000-000000000000'], /no such jurisdiction|not found/i],
      [[SAMPLE], /leave out --url/],
    ]
    for (const [args, told] of cases) {
      const { code, stderr } = await plan(args)
      t.equal(code, 2, args.join(' '))
      t.match(stderr, told)
    }
    const nothing = await run(['plan'])
    t.match([nothing.code, nothing.stderr], [2, /Name a file, a running service with --url/])
  },
)

t.test('while the service has the embedded database, the rest is refused and sent to it', async (t) => {
  if (url !== null) return t.comment('PostgreSQL is shared')
  const cases: [args: string[], advice: RegExp][] = [
    [['keys', 'list'], /make and revoke keys through it/],
    [['keys', 'create', '--label', 'x', '--role', 'admin'], /make and revoke keys through it/],
    [['import', SAMPLE, '--jurisdiction', direct.id], /import through it: --url/],
    [['plan', '--city', direct.id], /plan through it: --url/],
  ]
  await forEach(cases, async ([args, advice]) => {
    const { code, stderr } = await run(args, { env })
    t.equal(code, 1)
    t.match(stderr, `The data directory ${env.DATA_DIR} is in use by process ${service.pid} `)
    t.match(stderr, advice)
    t.notMatch(stderr, /^\s+at /m, 'without a stack')
  })
  t.equal((await service.end('SIGTERM')).code, 0)
})

t.test('import --jurisdiction: the same straight into the database', async (t) => {
  const here = (args: string[]) => run(['import', ...args, '--jurisdiction', direct.id], { env })
  const counts = async (args: string[]) => {
    const { code, stdout, stderr } = await here([...args, '--json'])
    t.equal(code, 4, stderr)
    return JSON.parse(stdout).counts
  }
  const dry = await counts([SAMPLE, '--dry-run', '--rejects', at('rejects-dry.csv')])
  t.equal(dry.rows, dry.created + dry.rejected + dry.blank)
  checkRejects(t, at('rejects-dry.csv'), dry.rejected)

  const atomic = await here([SAMPLE, '--atomic', '--rejects', at('rejects-atomic.csv')])
  t.equal(atomic.code, 4)
  t.match(atomic.stdout, /^Nothing was kept, because rows have errors \(--atomic\)\. /)
  checkRejects(t, at('rejects-atomic.csv'), dry.rejected)

  const first = await counts([SAMPLE, '--rejects', at('rejects-here.csv')])
  t.same(first, dry, 'a dry run says what will happen, and nothing of the runs before was kept')
  t.same(
    readFileSync(at('rejects-here.csv')),
    readFileSync(at('rejects-there.csv')),
    'the rejects file is the one the service gives',
  )
  t.match(await counts([SAMPLE]), { created: 0, updated: 0, unchanged: first.created, vanished: 0 })
  const undo = async () => (await here(['--undo', id])).stdout
  const id = /--undo ([\w-]{36}) --jurisdiction/.exec((await here([SAMPLE, '--source', 'again'])).stdout)![1]!
  t.match(await undo(), /^0 devices removed/)
  t.match(await undo(), /^This import was undone on \d{4}-\d\d-\d\d at \d\d:\d\d UTC; nothing was done now\./)
})

t.test('plan --city: the same straight into the database, with a key that ends', async (t) => {
  const { code, stdout, stderr } = await run(
    ['plan', '--city', direct.id, '--fund', 'General fund = 90,000 a year', '--page', at('direct.html')],
    { env },
  )
  t.equal(code, 0, stderr)
  t.match(stdout, /^\nDirectly: replacing \d+ devices/)
  t.match(readFileSync(at('direct.html'), 'utf8'), 'Directly: Camera replacement')
  const keys = JSON.parse((await run(['keys', 'list', '--json'], { env })).stdout) as {
    label: string
    revokedAt: string | null
  }[]
  const own = keys.filter(({ label }) => label === 'camledger plan')
  t.equal(own.length, 1)
  t.ok(own[0]!.revokedAt, 'revoked')
})

t.test('firmware: the work list and the deadlines are printed, a feed goes in once', async (t) => {
  const firmware = (args: string[]) => run(['firmware', ...args], { env })
  const kev = fileURLToPath(import.meta.resolve('#root/test/fixtures/firmware/kev.json'))
  const first = await firmware(['import-advisories', kev, '--format', 'kev'])
  t.equal(first.code, 0, first.stderr)
  t.match(first.stdout, /added, 0 changed, 0 withdrawn, 0 unchanged/)
  t.match(first.stdout, /claims on products: \d+ without a maker of the catalog, \d+ without a model/)
  t.match(first.stdout, /: no (?:maker|model|range)/, 'products that cannot be used are named')
  t.match(first.stdout, /touches \d+ devices of /)
  const again = await firmware(['import-advisories', kev, '--format', 'kev', '--json'])
  t.match(JSON.parse(again.stdout), { isChanged: false, evaluated: 0 })
  const table = await firmware(['worklist', '--jurisdiction', direct.id])
  t.equal(table.code, 0, table.stderr)
  t.match(table.stdout, /^due +queue +asset tag/)
  const list = JSON.parse((await firmware(['worklist', '--limit', '1000', '--json'])).stdout)
  t.ok(list.length > 0)
  t.ok(list.every(({ action }: { action: string }) => action !== ''))
  const sheet = parse((await firmware(['worklist', '--limit', '1000', '--csv'])).stdout) as string[][]
  t.equal(sheet.length, list.length + 1)
  t.match((await firmware(['deadline'])).stdout, 'No cut-off is known.')
  const answers = parse((await firmware(['patch-answers', '--all', '--csv'])).stdout) as string[][]
  t.same(answers[0]!.slice(0, 3), ['canPatch', 'why', 'assetTag'])
  t.ok(answers.length >= sheet.length, 'devices that need no work are there too')
  t.match((await firmware(['patch-answers', '--limit', '1'])).stdout, /answer +why +asset tag/)
  t.equal((await firmware(['patch-answers', '--answer', 'maybe'])).code, 2)
  t.same(
    JSON.parse((await firmware(['patch-answers', '--json', '--vulnerability', 'CVE-1999-0001'])).stdout),
    [],
  )
  const cut = await firmware(['worklist', '--limit', '3'])
  t.match(cut.stdout, /\nThe first 3; there are more\. --all lists all/)
  t.equal(cut.stdout.trimEnd().split('\n').length, 7, 'head, line, three devices, and what is said below')
  const asJson = await firmware(['worklist', '--limit', '3', '--json'])
  t.equal(JSON.parse(asJson.stdout).length, 3)
  t.match(asJson.stderr, /The first 3; there are more/)
  const whole = await firmware(['worklist', '--all', '--json'])
  t.same([JSON.parse(whole.stdout).length, whole.stderr], [list.length, ''])
  t.equal((await firmware(['worklist', '--all', '--limit', '3'])).code, 2, 'one or the other')
  const nobody = await firmware(['worklist', '--jurisdiction', '01900000-0000-7000-8000-000000000000'])
  t.match([nobody.code, nobody.stdout, nobody.stderr], [2, '', /no such jurisdiction/])
  const wrong = await firmware(['worklist', '--limit', '0'])
  t.equal(wrong.code, 2)
  t.equal((await firmware(['import-advisories', SAMPLE, '--format', 'kev'])).code, 2, 'not a catalog')
})

t.test('lists: the names that the command knows are those of the lists that are read', async (t) => {
  t.same(
    LIST_SOURCES.map(({ id }) => id),
    LIST_IDS,
  )
})

t.test('lists: a file goes in as a version, another list is refused and changes nothing', async (t) => {
  const lists = (args: string[]) => run(['lists', ...args], { env })
  const file = (name: string) => fileURLToPath(import.meta.resolve(`#root/test/fixtures/lists/${name}`))
  const load = (name: string, args: string[] = []) =>
    lists(['load', file(name), '--list', 'trade-csl', '--published-on', '2026-09-01', ...args])
  const dry = await load('csl.csv', ['--dry-run'])
  t.equal(dry.code, 0, dry.stderr)
  t.match(
    dry.stdout,
    /trade-csl version 1, published on 2026-09-01 \(nothing was written\)\n10 entries: 10 added/,
  )
  t.match((await lists(['show'])).stdout, /trade-csl +- +- /)
  const loaded = await load('csl.csv')
  t.match([loaded.code, loaded.stdout], [0, /10 entries: 10 added, 0 changed, 0 ended; 1 persons not kept/])
  t.match((await load('csl.csv')).stdout, /nothing changed/)
  const refused = await load('cons_advanced.xml')
  t.match([refused.code, refused.stderr], [2, /cannot be taken as the Consolidated Screening List/])
  const short = await load('csl.json')
  t.match([short.code, short.stderr], [2, /The version in force stays.*force/s])
  const shown = JSON.parse((await lists(['show', '--json'])).stdout) as { id: string; outcome: string }[]
  t.match(
    shown.find(({ id }) => id === 'trade-csl'),
    { inForce: { version: 1, counts: { entries: 10, persons: 1 } }, outcome: 'refused' },
  )
  const away = await lists(['sync', 'uflpa', '--mirror', 'http://127.0.0.1:9'])
  t.match([away.code, away.stdout], [4, /uflpa +not fetched/])
  const missing = await lists(['load', at('no-such-file.xml'), '--list', 'ofac-sdn'])
  t.match([missing.code, missing.stderr], [2, /no-such-file\.xml/])
})

t.test('keys are made, listed and revoked', async (t) => {
  const made = await run(
    ['keys', 'create', '--label', 'night shift', '--role', 'city-viewer', '--jurisdiction', direct.id],
    { env },
  )
  t.equal(made.code, 0, made.stderr)
  const [secret] = made.stdout.split('\n')
  t.match(secret, /^clk_[\w-]{43}$/, 'the key stands alone on the first line, for scripts')
  const id = /id ([0-9a-f-]{36})/.exec(made.stdout)![1]!

  const { outcome: list, packages } = await loadedBy(['keys', 'list'], env)
  t.equal(list.code, 0)
  t.ok(packages.includes('pg'))
  t.notOk(packages.includes('fastify'), 'keys are listed without a web server')
  t.match(list.stdout, `${id}\t${secret!.slice(0, 8)}\tcity-viewer\tnight shift\tnever\tvalid\n`)
  t.notMatch(list.stdout + list.stderr, secret!, 'the key itself is shown once')

  const revoked = await run(['keys', 'revoke', id], { env })
  t.equal(revoked.code, 0)
  t.equal(revoked.stdout, `revoked ${id} (night shift)\n`)
  const after = await run(['keys', 'list', '--json'], { env })
  const entry = JSON.parse(after.stdout).find((key: { id: string }) => key.id === id)
  t.type(entry.revokedAt, 'string')

  const missing = await run(['keys', 'revoke', '01900000-0000-7000-8000-000000000000'], { env })
  t.equal(missing.code, 2)
  t.equal(missing.stderr, 'There is no such key.\n')
})
