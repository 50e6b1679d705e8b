/** The law as versions: official files in, listings begun and ended, answers that change, nothing lost. */
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { loadData, readDataFiles } from '../src/server/load-data.ts'
import { DATA } from '../src/server/paths.ts'
import { type Harness, harness } from './support/harness.ts'

const h = await harness(t)
const fixture = (name: string) => fileURLToPath(import.meta.resolve(`#root/test/fixtures/lists/${name}`))

const NAMESPACE = 'https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports/XML'
const XML = { 'content-type': 'application/xml' }

interface Sdn {
  readonly uid: number
  readonly name: string
  readonly type?: string
  /** One or more, apart by a space. */
  readonly program?: string
  readonly country?: string
  readonly aka?: readonly [name: string, category: string][]
}

const CEIEC: Sdn = { uid: 30502, name: 'CEIEC', program: 'VENEZUELA', country: 'China' }
const HIKVISION: Sdn = {
  uid: 99001,
  name: 'HANGZHOU HIKVISION DIGITAL TECHNOLOGY CO., LTD.',
  program: 'GLOMAG',
  country: 'China',
  aka: [['HIKVISION', 'strong']],
}
const OTHERS: readonly Sdn[] = Array.from({ length: 30 }, (_, i) => ({
  uid: 1000 + i,
  name: `BLUE RIVER TRADING NUMBER ${i} LLC`,
  country: 'Iran',
}))

/** Who is left after the version that was forced. */
const KEPT = OTHERS.slice(0, 20)

function entryXml({ uid, name, type = 'Entity', program = 'SDGT', country, aka = [] }: Sdn): string {
  const programs = program.split(' ').map((one) => `<program>${one}</program>`)
  const akas = aka.map(
    ([text, category], i) =>
      `<aka><uid>${uid}${i}</uid><type>a.k.a.</type><category>${category}</category><lastName>${text}</lastName></aka>`,
  )
  const address =
    country === undefined
      ? ''
      : `<addressList><address><uid>${uid}9</uid><country>${country}</country></address></addressList>`
  return `<sdnEntry><uid>${uid}</uid><lastName>${name}</lastName><sdnType>${type}</sdnType><programList>${programs.join('')}</programList>${akas.length > 0 ? `<akaList>${akas.join('')}</akaList>` : ''}${address}</sdnEntry>`
}

function sdnXml(
  published: string,
  entries: readonly Sdn[],
  over: { count?: number; namespace?: string } = {},
): string {
  const { count = entries.length, namespace = NAMESPACE } = over
  return `<?xml version="1.0" standalone="yes"?><sdnList xmlns="${namespace}"><publshInformation><Publish_Date>${published}</Publish_Date><Record_Count>${count}</Record_Count></publshInformation>${entries.map(entryXml).join('\n')}</sdnList>`
}

const post = (body: string | Buffer, { list = 'ofac-sdn', query = '', headers = XML, key = h.admin } = {}) =>
  h.call('POST', `/v1/lists/${list}/versions${query}`, { key, body, headers })

const list = async (id = 'ofac-sdn') =>
  (await h.call('GET', '/v1/lists')).body.items.find((one: { id: string }) => one.id === id)

const city = await h.jurisdiction({ name: 'Riverbend', timezone: 'America/New_York', state: 'OH' })
const key = await h.key('city-editor', city)

async function register(assetTag: string, manufacturer: string, over: object = {}): Promise<string> {
  const made = await h.call('POST', '/v1/devices', {
    key,
    body: { assetTag, manufacturer, model: null, ...over },
  })
  if (made.status !== 201) throw new Error(made.text)
  return made.body.id
}

/** What the list says of an activity. */
async function sdnOf(id: string, activity = 'procure', query = '', at: Harness = h): Promise<string> {
  const { status, body } = await at.call('GET', `/v1/devices/${id}${query}`, { key })
  t.equal(status, 200)
  return body.determinations.find(
    (one: { regime: string; activity: string }) => one.regime === 'ofac-sdn' && one.activity === activity,
  ).outcome
}

const hik = await register('H-1', 'Hikvision', { acquiredOn: '2024-03-01' })
await register('H-2', 'Hikvision', { acquiredOn: '2025-03-01' })
const axis = await register('A-1', 'Axis')

t.test('a version of the SDN list that names a maker changes what its devices may be used for', async (t) => {
  t.equal(await sdnOf(hik), 'permitted')
  const first = await post(sdnXml('11/20/2026', [CEIEC, ...OTHERS]))
  t.equal(first.status, 201)
  t.match(first.body, {
    ...{ list: 'ofac-sdn', version: 1, isChanged: true, format: 'xml', publishedOn: '2026-11-20' },
    counts: { entries: 31, added: 31, persons: 0, unreadable: 0, listings: 0 },
  })
  t.same(first.body.listings, [], 'CEIEC is listed already, by the day that was read in its source')
  t.equal(await sdnOf(hik), 'permitted')

  const second = await post(sdnXml('11/23/2026', [CEIEC, HIKVISION, ...OTHERS]))
  t.match(second.body, {
    version: 2,
    counts: { added: 1, changed: 0, ended: 0, unchanged: 31, listings: 1 },
    listings: [
      {
        id: 'ofac-sdn:hikvision:2026-11-21',
        ...{
          how: 'begun',
          regime: 'ofac-sdn',
          maker: 'hikvision',
          from: '2026-11-21',
          to: null,
          unconfirmed: false,
        },
      },
    ],
  })
  t.equal(await sdnOf(hik), 'prohibited')
  t.equal(await sdnOf(axis), 'permitted')
  await h.background.settle()
  t.equal(await sdnOf(hik), 'prohibited', 'stored as it was evaluated on the fly')
  const found = await h.call('GET', '/v1/devices?regime=ofac-sdn&outcome=prohibited&limit=50', { key })
  t.equal(found.body.items.length, 2, 'filters know it')
  t.equal(await sdnOf(hik, 'procure', '?asOf=2026-11-24'), 'prohibited')

  const asPerson = await post(
    sdnXml('11/24/2026', [CEIEC, { ...HIKVISION, type: 'Individual' }, ...OTHERS]),
    { query: '?dryRun=true' },
  )
  t.match(asPerson, { status: 200, body: { counts: { ended: 0 } } }, 'a company does not become a person')

  const third = await post(sdnXml('11/24/2026', [CEIEC, ...OTHERS]))
  t.match(third.body, {
    version: 3,
    counts: { ended: 1 },
    listings: [{ id: 'ofac-sdn:hikvision:2026-11-21', how: 'ended', to: '2026-11-24' }],
  })
  t.equal(await sdnOf(hik), 'permitted')
  const { body: listings } = await h.call('GET', '/v1/listings?regime=ofac-sdn&vendor=hikvision')
  t.match(listings.items, [{ from: '2026-11-21', to: '2026-11-24', certainty: 'sure' }], 'ended, not deleted')
})

t.test('what differs between two versions can be read, page by page', async (t) => {
  const between = await h.call('GET', '/v1/lists/ofac-sdn/versions/1..2')
  t.match(between.body.items, [
    {
      change: 'added',
      key: '99001',
      name: HIKVISION.name,
      maker: 'hikvision',
      before: null,
      after: { countries: ['CN'] },
    },
  ])
  const back = await h.call('GET', '/v1/lists/ofac-sdn/versions/2..3')
  t.match(back.body.items, [{ change: 'ended', key: '99001', after: null }])
  t.same((await h.call('GET', '/v1/lists/ofac-sdn/versions/1..3')).body.items, [])
  const all = await h.call('GET', '/v1/lists/ofac-sdn/versions/0..1?limit=20')
  t.equal(all.body.items.length, 20)
  const rest = await h.call('GET', `/v1/lists/ofac-sdn/versions/0..1?limit=20&cursor=${all.body.nextCursor}`)
  t.equal(rest.body.items.length, 11)
  const versions = await h.call('GET', '/v1/lists/ofac-sdn/versions')
  t.same(
    versions.body.items.map(({ version }: { version: number }) => version),
    [3, 2, 1],
  )
  t.equal((await h.call('GET', '/v1/lists/ofac-sdn/versions/1..9')).status, 404)
  t.equal((await h.call('GET', '/v1/lists/nobody/versions')).status, 404)
})

t.test(
  'a file that is not the list, or not all of it, changes nothing and is noted with its age',
  async (t) => {
    const before = await list()
    t.match(before, { outcome: 'loaded', ageDays: 0, isOld: false, inForce: { version: 3 } })
    const good = sdnXml('11/24/2026', [CEIEC, ...OTHERS])
    const wrong: readonly [name: string, body: string, code: string][] = [
      ['nothing in it', sdnXml('11/24/2026', []), 'empty'],
      ['broken off', good.slice(0, good.length / 2), 'truncated'],
      ['broken off at an entry', good.slice(0, good.lastIndexOf('<sdnEntry>')), 'truncated'],
      [
        'another namespace',
        sdnXml('11/24/2026', [CEIEC], { namespace: 'http://www.un.org/x' }),
        'wrong-namespace',
      ],
      ['another document', '<?xml version="1.0"?><Feed/>', 'wrong-format'],
      ['an error page', '<!DOCTYPE html><html><body>Access Denied</body></html>', 'wrong-format'],
      ['no list at all', 'id,name\n1,x\n', 'wrong-format'],
      [
        'deeper than any list',
        good.replace('<sdnEntry>', `<sdnEntry>${'<a>'.repeat(150)}${'</a>'.repeat(150)}`),
        'wrong-format',
      ],
    ]
    for (const [name, body, code] of wrong) {
      for (const query of ['?force=true']) {
        const refused = await post(body, { query })
        t.match(
          refused,
          { status: 422, body: { type: /list-refused$/, errors: [{ code }] } },
          `${name} ${query}`,
        )
      }
    }
    const doubtful: readonly [name: string, body: string, code: string][] = [
      ['declares more', sdnXml('11/24/2026', [CEIEC, ...OTHERS], { count: 90 }), 'count-differs'],
      ['lacks who is always there', sdnXml('11/24/2026', OTHERS), 'sentinel-missing'],
      ['lost a third', sdnXml('11/24/2026', [CEIEC, ...OTHERS.slice(0, 20)]), 'count-far-off'],
      ['older', sdnXml('11/19/2026', [CEIEC, ...OTHERS]), 'older'],
      ['of a day to come', sdnXml('12/24/2026', [CEIEC, ...OTHERS]), 'in-the-future'],
      [
        'two entries of one id',
        sdnXml('11/24/2026', [CEIEC, ...OTHERS, { ...HIKVISION, uid: 1000 }]),
        'repeated-entry',
      ],
      ['an entry without a name', good.replace('<lastName>CEIEC</lastName>', ''), 'unreadable-entry'],
    ]
    for (const [name, body, code] of doubtful) {
      const refused = await post(body)
      t.equal(refused.status, 422, name)
      t.ok(
        refused.body.errors.some((one: { code: string }) => one.code === code),
        `${name}: ${JSON.stringify(refused.body.errors)}`,
      )
      t.match(refused.body.detail, /version in force stays.*force=true/)
    }
    h.setNow('2026-12-04T12:00:00Z')
    const after = await list()
    t.match(after, {
      inForce: before.inForce,
      outcome: 'refused',
      detail: /unreadable|has no uid/,
      ageDays: 10,
      isOld: true,
    })
    h.setNow('2026-11-24T12:00:00Z')
    t.equal(await sdnOf(hik), 'permitted')
    const same = await post(good)
    t.match(same, { status: 200, body: { isChanged: false, version: 3 } }, 'the same again changes nothing')
    const forced = await post(sdnXml('11/24/2026', [CEIEC, ...OTHERS.slice(0, 20)]), { query: '?force=true' })
    t.match(forced, { status: 201, body: { version: 4, counts: { ended: 10 } } })
    t.equal((await post(good, { key })).status, 403, 'for administrators')
  },
)

/** Files that are made to hurt whoever reads them. */
function hostileFiles(): readonly (readonly [
  what: string,
  list: string,
  type: string,
  body: string | Buffer,
  code: string,
])[] {
  const many = 300_000
  const good = sdnXml('11/24/2026', [CEIEC, ...OTHERS])
  const beginning = good.slice(0, good.indexOf('<sdnEntry>'))
  const attributes = Array.from({ length: 50_000 }, (_, i) => `a${i}="x"`).join(' ')
  const doubled = Array.from({ length: 30 }, (_, i) => `<!ENTITY a${i + 1} "&a${i};&a${i};">`).join('')
  const declared = (entity: string) => good.replace('?><', `?><!DOCTYPE l [${entity}]><`)
  const alias = '<aka><uid>1</uid><category>strong</category><lastName>B</lastName></aka>'
  const xml = (what: string, body: string | Buffer, code: string) =>
    [what, 'ofac-sdn', 'application/xml', body, code] as const
  const csl = (what: string, body: string, code: string, type = 'text/csv') =>
    [what, 'trade-csl', type, body, code] as const
  const page = (what: string, body: string, code: string) =>
    [what, 'fcc-covered-list', 'text/html', body, code] as const
  return [
    xml(
      'an entity that grows to a thousand million letters',
      declared(`<!ENTITY a0 "lol">${doubled}`).replace('CEIEC', '&a30;'),
      'wrong-format',
    ),
    xml(
      'an entity that is a file of the server',
      declared('<!ENTITY a0 SYSTEM "file:///etc/passwd">').replace('CEIEC', '&a0;'),
      'wrong-format',
    ),
    xml('elements in one another', beginning + '<a>'.repeat(many), 'wrong-format'),
    xml('an element of many attributes', `${beginning}<sdnEntry ${attributes}/></sdnList>`, 'empty'),
    xml('a name of megabytes', good.replace('CEIEC', 'x'.repeat(20 * many)), 'wrong-format'),
    xml(
      'an entry of many names',
      good.replace('<programList>', `<akaList>${alias.repeat(many)}</akaList><programList>`),
      'wrong-format',
    ),
    xml('a tag without an end', `${beginning}<${'a'.repeat(10 * many)}`, 'truncated'),
    xml('a section without an end', `${beginning}<![CDATA[${']'.repeat(many)}`, 'truncated'),
    xml('no text at all', Buffer.alloc(10 * many), 'wrong-format'),
    xml(
      'letters that are none',
      Buffer.concat([Buffer.from(beginning), Buffer.alloc(many, 0xff)]),
      'wrong-encoding',
    ),
    csl('lists in one another', `{"results":${'['.repeat(many)}`, 'truncated', 'application/json'),
    csl(
      'an object of many keys',
      `{"results":[{${'"a":1,'.repeat(many)}"b":1}]}`,
      'empty',
      'application/json',
    ),
    csl(
      'a quote without an end',
      `_id,source,entity_number,type,programs,name\n1,"${'x,\n'.repeat(many)}`,
      'wrong-format',
    ),
    csl('many columns', `_id,source,${'x,'.repeat(many)}\n`, 'wrong-format'),
    page('tags in one another', `<html><body>${'<table><tr><td>'.repeat(many / 10)}`, 'wrong-format'),
    page('a row of many cells', `<html><body><table><tr>${'<td>x</td>'.repeat(many / 3)}`, 'truncated'),
  ]
}

t.test('a file that is made to hurt is refused in words, and others are answered meanwhile', async (t) => {
  for (const [what, id, type, body, code] of hostileFiles()) {
    const before = await list(id)
    const posted = post(body, { list: id, query: '?force=true', headers: { 'content-type': type } })
    let isRefused = false
    let answers = 0
    const others = (async () => {
      while (!isRefused) {
        if ((await h.call('GET', '/healthz')).status === 200) answers++
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
    })()
    const refused = await posted
    isRefused = true
    await others
    t.match(refused, { status: 422, body: { type: /list-refused$/, errors: [{ code }] } }, what)
    t.ok(answers > 1, `${what}: ${answers} answers meanwhile`)
    t.same((await list(id)).inForce, before.inForce, `${what}: the version before stays`)
  }
})

t.test('whom a version would flag and clear is told before, and comes true', async (t) => {
  const other = await h.jurisdiction({ name: 'Lakeside', timezone: 'America/Los_Angeles', state: 'CA' })
  const theirs = await h.key('city-editor', other)
  for (const assetTag of ['L-1', 'L-2', 'L-3']) {
    const body = { assetTag, manufacturer: assetTag === 'L-3' ? 'Bosch' : 'Hikvision' }
    t.equal((await h.call('POST', '/v1/devices', { key: theirs, body })).status, 201)
  }
  await h.background.settle()
  const file = sdnXml('11/24/2026', [CEIEC, HIKVISION, ...KEPT])
  const findings = async () => {
    const counted: Record<string, number> = {}
    for (const activity of ['procure', 'firmware-update']) {
      let devices = 0
      for (let cursor = ''; ; ) {
        const { body } = await h.call(
          'GET',
          `/v1/devices?include=determinations&determinations=all&limit=5${cursor}`,
        )
        devices += body.items.filter(
          (one: { determinations: { regime: string; activity: string; outcome: string }[] }) =>
            one.determinations.some(
              (d) =>
                d.regime === 'ofac-sdn' &&
                d.activity === activity &&
                d.outcome !== 'permitted' &&
                d.outcome !== 'not-applicable',
            ),
        ).length
        if (body.nextCursor === null) break
        cursor = `&cursor=${body.nextCursor}`
      }
      counted[activity] = devices
    }
    return counted
  }
  const before = await findings()
  const dry = await post(file, { query: '?dryRun=true' })
  t.match(dry, {
    status: 200,
    body: {
      ...{ dryRun: true, isChanged: true, version: 5, knowledgeVersion: null },
      preview: {
        devices: { flagged: 4, cleared: 0 },
        byCity: [
          { name: 'Lakeside', flagged: 2 },
          { name: 'Riverbend', flagged: 2 },
        ],
        byMaker: [{ maker: 'hikvision', flagged: 4 }],
      },
    },
  })
  t.equal((await list()).inForce.version, 4, 'nothing was written')
  t.same(await findings(), before)
  const { body: real } = await post(file)
  t.same(real.listings, dry.body.listings)
  await h.background.settle()
  const after = await findings()
  const foretold = (activity: string) =>
    dry.body.preview.byActivity.find(
      (one: { regime: string; activity: string }) => one.regime === 'ofac-sdn' && one.activity === activity,
    )
  for (const activity of ['procure', 'firmware-update'])
    t.equal(after[activity]! - before[activity]!, foretold(activity).flagged, activity)
  const back = await post(sdnXml('11/24/2026', [CEIEC, ...KEPT]), { query: '?dryRun=true' })
  t.match(back.body.preview.devices, { flagged: 0, cleared: 4 }, 'and the other way round')
})

t.test(
  'a name that is only near lists nobody and waits for a person; who is not sure is in review',
  async (t) => {
    const bosch = await register('B-1', 'Bosch')
    const pelco = await register('P-1', 'Pelco')
    const now = [CEIEC, HIKVISION, ...KEPT]
    const near: readonly Sdn[] = [
      { uid: 70001, name: 'AXIS', type: 'Vessel', country: 'Iran' },
      { uid: 70002, name: 'AXIS COMMUNICATIONS AB', type: 'Individual' },
      { uid: 70003, name: 'AXIS COMMUNICATIONS LLC', country: 'Iran' },
      { uid: 70004, name: 'DAHUA ELECTRONICS CORPORATION', country: 'United States' },
      { uid: 70005, name: 'PELCO' },
    ]
    const loaded = await post(sdnXml('11/24/2026', [...now, ...near]))
    t.match(loaded, {
      status: 201,
      body: { counts: { added: 4, persons: 1 }, listings: [{ maker: 'pelco', unconfirmed: true }] },
    })
    t.equal(await sdnOf(axis), 'permitted', 'a vessel, a person, and a company elsewhere')
    t.equal(await sdnOf(bosch), 'permitted')
    t.equal(await sdnOf(pelco), 'review', 'one word and no address: nobody is accused, nobody is cleared')
    const waiting = await h.call('GET', '/v1/lists/ofac-sdn/unmatched')
    t.same(
      waiting.body.items
        .filter(({ key }: { key: string }) => key.startsWith('7000'))
        .map(({ key, standing, maker }: { key: string; standing: string; maker: string }) => [
          key,
          standing,
          maker,
        ]),
      [
        ['70003', 'near', 'axis'],
        ['70005', 'likely', 'pelco'],
        ...(waiting.body.items.some(({ key }: { key: string }) => key === '70004')
          ? [['70004', 'near', 'dahua']]
          : []),
      ].toSorted(([a], [b]) => (a! < b! ? -1 : 1)),
    )
    const decide = (body: object) => h.call('POST', '/v1/lists/ofac-sdn/decisions', { body })
    t.match(await decide({ key: '70005', maker: null, evidence: 'OFAC hotline, 2026-11-24' }), {
      status: 201,
      body: { listings: [{ how: 'withdrawn', maker: 'pelco' }] },
    })
    t.equal(await sdnOf(pelco), 'permitted')
    t.match(await decide({ key: '70003', maker: 'axis', evidence: 'letter of the company' }), {
      body: { listings: [{ how: 'begun', maker: 'axis', unconfirmed: false }] },
    })
    t.equal(await sdnOf(axis), 'prohibited')
    t.match(await decide({ key: '70003', maker: 'nobody', evidence: 'x' }), {
      status: 400,
      body: { errors: [{ pointer: '/maker' }] },
    })
    t.equal((await decide({ key: '1', maker: null, evidence: 'x' })).status, 404)
    const again = await post(sdnXml('11/24/2026', [...now, ...near, { uid: 70006, name: 'SOMEBODY NEW' }]))
    t.same(again.body.listings, [], 'what a person found holds for versions to come')
    t.equal(await sdnOf(pelco), 'permitted')
    const renamed = near.map((one) => (one.uid === 70003 ? { ...one, name: 'AXIZ COMUNICATIONS' } : one))
    t.match((await post(sdnXml('11/24/2026', [...now, ...renamed]))).body, {
      counts: { changed: 1, ended: 1 },
      listings: [],
    })
    t.equal(await sdnOf(axis), 'prohibited', 'a typing error of the authority clears nobody')
    const gone = await post(sdnXml('11/24/2026', now))
    t.match(gone.body.listings, [{ how: 'ended', maker: 'axis' }])
  },
)

const ofOfac = (lines: readonly (readonly string[])[]) =>
  lines
    .map(
      (cells) => `${cells.map((cell) => (/^(?:\d+|-0- )$/.test(cell) ? cell : `"${cell}"`)).join(',')}\r\n`,
    )
    .join('')
const blanks = (count: number) => Array.from({ length: count }, () => '-0- ')

t.test('a file of trade.gov that was cut where a row ends, or lacks columns, clears nobody', async (t) => {
  const header =
    '_id,source,entity_number,type,programs,name,title,addresses,federal_register_notice,start_date,alt_names'
  const rows = ['ALPHA TRADING', 'BETA TRADING', 'GAMMA TRADING'].map(
    (name, i) =>
      `${i + 1},Entity List (EL) - Bureau of Industry and Security,,,,${name},,"1 Road, CN",,2019-10-09,`,
  )
  const faultsOf = async (lines: readonly string[], end: string) => {
    const sent = { list: 'trade-csl', headers: { 'content-type': 'text/csv' }, query: '?dryRun=true' }
    const { body } = await post(`${[header, ...lines].join('\n')}${end}`, sent)
    const errors = (body.errors ?? []) as readonly { pointer?: string; code: string }[]
    return errors.filter(({ code }) => code === 'unreadable-entry').map(({ pointer }) => pointer)
  }
  t.same(await faultsOf(rows, '\n'), [])
  t.same(await faultsOf(rows.slice(0, 2), ''), ['the end of the file'])
  const [first, second] = rows
  t.same(await faultsOf([first!, second!.slice(0, second!.indexOf(',,2019'))], '\n'), ['row 3'])
  t.same(await faultsOf([first!, `${second},,`], '\n'), ['row 3'])
})

t.test('letters that are none are refused, and the mark of the end of a file is an end', async (t) => {
  const csv = (name: string, end: string) =>
    `_id,source,entity_number,type,programs,name,title,addresses,federal_register_notice,start_date,alt_names\n1,Entity List (EL) - Bureau of Industry and Security,,,,${name},,"1 Road, CN",,2019-10-09,${end}`
  const errorsOf = async (body: Buffer, over = {}) => {
    const sent = {
      list: 'trade-csl',
      headers: { 'content-type': 'text/csv' },
      query: '?dryRun=true',
      ...over,
    }
    const answer = await post(body, sent)
    return (answer.body.errors ?? []).map(({ code, message }: { code: string; message: string }) => ({
      code,
      message,
    })) as { code: string; message: string }[]
  }
  const latin = await errorsOf(Buffer.from(csv('SOCI\u00c9T\u00c9 ALPHA', '\n'), 'latin1'))
  t.match(latin, [{ code: 'wrong-encoding', message: /no text in UTF-8/ }])
  const cut = await errorsOf(Buffer.from(csv('SOCI\u00c9T\u00c9', '\u00c9')).subarray(0, -1))
  t.match(cut, [{ code: 'wrong-encoding' }], 'a letter that was cut in two')
  const marked = await errorsOf(Buffer.from(csv('ALPHA', '\n\x1a')))
  t.notOk(
    marked.some(({ code }) => code === 'unreadable-entry'),
    'as OFAC’s files may end, so may these',
  )

  const xml = sdnXml('11/20/2026', [CEIEC, ...OTHERS, { uid: 1999, name: 'SOCI\u00c9T\u00c9 ALPHA' }])
  const declared = xml.replace('version="1.0"', 'version="1.0" encoding="ISO-8859-1"')
  const sdn = { list: 'ofac-sdn', headers: XML, query: '?dryRun=true&force=true' }
  t.same(await errorsOf(Buffer.from(declared, 'latin1'), sdn), [], 'an XML file says its encoding')
  t.match(await errorsOf(Buffer.from(xml, 'latin1'), sdn), [{ code: 'wrong-encoding' }])
  const odd = xml.replace('version="1.0"', 'version="1.0" encoding="x-odd"')
  t.match(await errorsOf(Buffer.from(odd), sdn), [{ code: 'wrong-encoding', message: /x-odd/ }])
})

t.test(
  'a file of changes is laid over the version in force, and refused where it does not follow',
  async (t) => {
    const delta = await readFile(fixture('ofac-delta.xml'))
    const none = await post(delta, { list: 'ofac-consolidated' })
    t.match(none, { status: 422, body: { errors: [{ code: 'no-version-before' }] } })
    await post(sdnXml('11/24/2026', [CEIEC, ...KEPT]))
    t.equal(await sdnOf(hik), 'permitted')
    const laid = await post(delta)
    t.match(laid, {
      status: 201,
      body: {
        format: 'delta',
        counts: { entries: 20, persons: 1, added: 1, changed: 1, ended: 2 },
        listings: [{ how: 'reopened', maker: 'hikvision', from: '2026-11-24' }],
      },
    })
    t.equal(await sdnOf(hik), 'prohibited')
    const { version } = laid.body
    const { body } = await h.call('GET', `/v1/lists/ofac-sdn/versions/${version - 1}..${version}`)
    t.match(
      body.items.find((one: { key: string }) => one.key === '1002').after,
      { programs: ['IRAN-CON-ARMS-EO'], aliases: [{ text: 'BLUE RIVER TWO' }] },
      'what the file does not speak of is as it was',
    )
    const twice = await post(delta)
    t.match(twice, {
      status: 422,
      body: { errors: [{ pointer: 'entry 99001', code: 'does-not-follow' }, { pointer: 'entry 1001' }] },
    })
  },
)

t.test(
  'lists with days of their own: a period ends on its day, a merged entry goes on, a class waits',
  async (t) => {
    const csv = { 'content-type': 'text/csv' }
    const rows = await readFile(fixture('1260h.csv'), 'utf8')
    const periods = (end: string) =>
      post(`${rows}Axis Communications AB,Axis Communications AB,,,,,2026-06-08,${end},\n`, {
        list: 'dod-1260h',
        headers: csv,
      })
    t.match(await periods(''), {
      status: 201,
      body: {
        publishedOn: '2026-06-08',
        listings: [{ how: 'begun', maker: 'axis', from: '2026-06-08', to: null }],
      },
    })
    t.match(
      await periods('2026-10-01'),
      { body: { publishedOn: '2026-06-08', listings: [] } },
      'a day to come',
    )
    const later = `${rows}Axis Communications AB,Axis Communications AB,,,,,2026-06-08,2026-10-01,\nFar Field Two,Far Field Two,,,,,2026-11-01,,\n`
    t.match((await post(later, { list: 'dod-1260h', headers: csv })).body.listings, [
      { how: 'ended', maker: 'axis', to: '2026-10-01' },
    ])

    const page = { list: 'fcc-covered-list', headers: { 'content-type': 'text/html' } }
    const covered = await post(await readFile(fixture('covered-list.html')), page)
    t.match(covered, { status: 201, body: { format: 'html', publishedOn: '2026-07-21', listings: [] } })
    const classes = async () =>
      (await h.call('GET', '/v1/lists/fcc-covered-list/unmatched')).body.items.filter(
        ({ entry }: { entry: { kind: string } }) => entry.kind === 'class',
      )
    const [first] = await classes()
    t.match(first, { standing: 'near', maker: null, why: /a class of products without a company/ })
    const looked = { key: first.key, maker: null, evidence: 'the rules have this class' }
    t.equal((await h.call('POST', '/v1/lists/fcc-covered-list/decisions', { body: looked })).status, 201)
    t.equal((await classes()).length, 2)

    const line = (id: string, referents: readonly string[], name: string) =>
      `${JSON.stringify({ ...{ id, referents, schema: 'Company', target: true }, datasets: ['us_dod_chinese_milcorps'], properties: { name: [name], country: ['se'] } })}\n`
    const ours = { list: 'opensanctions', headers: { 'content-type': 'application/json' } }
    const copy = (lines: readonly string[], day: string) =>
      post(lines.join(''), { ...ours, query: `?publishedOn=2026-11-${day}` })
    const hikvision = line('h', [], 'Hangzhou Hikvision Digital Technology')
    const begun = await copy([line('a', [], 'Axis Communications AB'), hikvision], '20')
    t.match(begun.body.listings, [{ how: 'begun', maker: 'axis', regime: 'dod-1260h' }])
    const merged = await copy([line('NK', ['a'], 'Axis Communications AB'), hikvision], '21')
    t.match(merged, { status: 200, body: { isChanged: false, counts: { unchanged: 2, ended: 0 } } })
    const gone = await copy([line('x', [], 'Far Field Ltd')], '22')
    t.match(gone.body.listings, [{ how: 'ended', maker: 'axis' }])
    t.equal(gone.body.listings.length, 1, 'a copy ends nothing that an authority published')
  },
)

t.test('OFAC’s delimited files are one list, with remarks that go on in the middle of a word', async (t) => {
  const rest = 'Website www.hikvision.example; '.repeat(30)
  const primary = ofOfac([
    [
      '30946',
      'HANGZHOU HIKVISION DIGITAL TECHNOLOGY CO., LTD.',
      '-0- ',
      'CMIC-EO13959',
      ...blanks(7),
      `${rest}Listing Da`,
    ],
    ['30947', 'SOME PERSON', 'individual', 'X] [Y', ...blanks(8)],
    ['30948', 'AN AIRCRAFT', 'aircraft', 'X] [Y', ...blanks(8)],
  ])
  const alt = ofOfac([
    ['30946', '1', 'aka', 'HIKVISION', '-0- '],
    ['30947', '2', 'aka', 'A NICKNAME', '-0- '],
  ])
  const add = ofOfac([['30946', '3', '555, Qianmo Road', 'Hangzhou 310051', 'China', '-0- ']])
  const comments = ofOfac([
    [
      '30946',
      "te (CMIC) 03 Jun 2021; a.k.a. 'HIK'; Unified Social Credit Code (USCC) 91330000733796106P (China).",
    ],
  ])
  const whole = [primary, alt, add, comments].map((file) => `${file}\x1a`).join('')
  const csv = { 'content-type': 'text/csv' }
  const answer = await post(whole, {
    list: 'ofac-consolidated',
    headers: csv,
    query: '?publishedOn=2026-11-20',
  })
  t.match(answer, {
    status: 201,
    body: {
      format: 'delimited',
      publishedOn: '2026-11-20',
      counts: { entries: 2, persons: 1, unreadable: 0 },
    },
  })
  const { body } = await h.call('GET', '/v1/lists/ofac-consolidated/versions/0..1')
  t.match(body.items[0].after, {
    key: '30946',
    programs: ['CMIC-EO13959'],
    countries: ['CN'],
    from: '2021-06-03',
    identifiers: [{}, {}],
    aliases: [
      { text: 'HIKVISION', isWeak: false },
      { text: 'HIK', isWeak: true },
    ],
  })
  t.match(body.items[1].after, { kind: 'aircraft', programs: ['X', 'Y'] })
  const broken = await post(`${primary}30999,"only two","three"\r\n`, {
    list: 'ofac-consolidated',
    headers: csv,
  })
  t.match(broken, { status: 422, body: { errors: [{ pointer: 'line 4', code: 'unreadable-entry' }] } })
})

t.test(
  'a law that lapses by its own terms is unknown, until somebody confirms what became of it',
  async (t) => {
    const id = 'bis-affiliates'
    const confirm = (body: object, query = '', sender = h.admin) =>
      h.call('POST', `/v1/regimes/${id}/statuses${query}`, { key: sender, body })
    const statusOn = async (day: string) => {
      const { body } = await h.call('GET', `/v1/regimes/${id}`)
      return body.periods.find(
        ({ from, to }: { from: string | null; to: string | null }) =>
          (from === null || from <= day) && (to === null || day < to),
      ).status
    }
    let owned = ''
    const found = async (query = '') => {
      const { body } = await h.call('GET', `/v1/devices/${owned}${query}`, { key })
      return body.determinations
        .filter(({ regime }: { regime: string }) => regime === id)
        .map(({ activity, outcome, certainty, because, missingFacts }: Record<string, unknown>) => [
          ...[activity, outcome, certainty, because],
          missingFacts,
        ])
    }
    t.equal(await statusOn('2026-11-24'), 'unknown')
    owned = await register('O-1', 'HIKMICRO')
    await h.background.settle()
    const unconfirmed = await found()
    const asKnown = h.now().toISOString()
    h.setNow('2026-11-24T12:30:00Z')
    const stay = { status: 'stayed', from: '2026-11-10', to: '2027-11-10', evidence: '91 FR 1' }
    const wrong: readonly [body: object, pointer: string][] = [
      [{ ...stay, to: null }, '/to'],
      [{ ...stay, to: '2026-11-10' }, '/to'],
      [{ ...stay, status: 'unknown' }, '/status'],
      [{ ...stay, evidence: '' }, '/evidence'],
    ]
    for (const [body, pointer] of wrong)
      t.match(await confirm(body), { status: 400, body: { errors: [{ pointer }] } }, JSON.stringify(body))
    t.equal((await confirm(stay, '', key)).status, 403, 'for operators')
    t.equal((await h.call('POST', '/v1/regimes/nothing/statuses', { body: stay })).status, 404)
    const dry = await confirm(stay, '?dryRun=true')
    t.match(dry, { status: 200, body: { dryRun: true, knowledgeVersion: null, preview: { devices: {} } } })
    t.equal(await statusOn('2026-11-24'), 'unknown', 'nothing was written')

    const confirmed = await confirm(stay)
    t.equal(confirmed.status, 201, confirmed.text)
    t.equal(await statusOn('2026-11-24'), 'stayed')
    t.equal(await statusOn('2027-11-10'), 'unknown', 'a stay that nobody renews lapses on its day')
    await h.background.settle()
    t.not(JSON.stringify(await found()), JSON.stringify(unconfirmed), 'answers follow it')
    h.setNow('2026-11-24T13:00:00Z')
    t.same(await found(`?knownAt=${asKnown}`), unconfirmed, 'what was known before stays')
    await confirm({ status: 'in-force', from: '2027-01-01', to: null, evidence: '91 FR 2' })
    t.same(
      [await statusOn('2026-12-31'), await statusOn('2027-01-01'), await statusOn('2030-01-01')],
      ['stayed', 'in-force', 'in-force'],
      'the later confirmation lies over the earlier one',
    )
    const { body: rows } = await h.call('GET', `/v1/regimes/${id}/statuses`, { key })
    t.match(rows.items, [{ status: 'in-force' }, { status: 'stayed', to: '2027-11-10', evidence: '91 FR 1' }])
    const { body: trail } = await h.call('GET', '/v1/audit-events?action=regimes.confirm-status')
    t.match(trail.items[0], { target: id, detail: { evidence: /FR/ } })
  },
)

t.test('another process takes it on, and a new release of the program takes none of it away', async (t) => {
  t.equal(await sdnOf(hik), 'prohibited')
  const other = await harness(t, {
    opened: Promise.resolve({ database: h.database, asOwner: h.asOwner, drop: async () => {} }),
  })
  t.equal(await sdnOf(hik, 'procure', '', other), 'prohibited', 'read when it starts')
  await post(sdnXml('11/24/2026', [CEIEC, ...KEPT]))
  await h.background.settle()
  other.background.trigger('knowledge')
  await other.background.settle()
  t.equal(await sdnOf(hik, 'procure', '', other), 'permitted')
  t.equal(
    (await other.call('GET', '/v1/listings?vendor=hikvision&regime=ofac-sdn')).text,
    (await h.call('GET', '/v1/listings?vendor=hikvision&regime=ofac-sdn')).text,
  )
  await post(sdnXml('11/24/2026', [CEIEC, HIKVISION, ...KEPT]))
  await h.background.settle()

  const files = await readDataFiles(DATA)
  const [axisRow] = files.law.reference.vendors.filter(({ id }) => id === 'axis')
  const vendors = files.law.reference.vendors.map((one) =>
    one.id === 'axis' ? { ...axisRow!, notes: 'read again' } : one,
  )
  const law = {
    ...{ release: '9999-01-01', bytesDigest: 'b', digest: 'd'.repeat(64) },
    reference: { ...files.law.reference, vendors },
  }
  const { changes } = await loadData(h.database, { ...files, law }, h.now())
  t.match(changes, { manufacturers: { changed: 1 }, listings: { added: 0, changed: 0, removed: 0 } })
  h.background.trigger('knowledge')
  await h.background.settle()
  t.equal((await h.call('GET', '/v1/manufacturers/axis')).body.notes, 'read again')
  t.equal(await sdnOf(hik), 'prohibited', 'what the list brought is laid over the new rows')
  t.equal((await loadData(h.database, files, h.now())).changes, null, 'an older program leaves both alone')
  t.equal(
    (await loadData(h.database, { ...files, law }, h.now())).changes,
    null,
    'a second start changes nothing',
  )
  const patched = await post(sdnXml('11/24/2026', [CEIEC, ...KEPT]))
  t.match(patched.body.listings, [{ how: 'ended', maker: 'hikvision' }])
  t.equal(
    (await loadData(h.database, { ...files, law }, h.now())).changes,
    null,
    'nor after one more version',
  )
})

t.test(
  'what was true and what was known are two clocks, and a past answer stays the same bytes',
  async (t) => {
    h.setNow('2026-12-01T12:00:00Z')
    const town = await h.jurisdiction({ name: 'Two Clocks', timezone: 'UTC', state: 'OH' })
    const theirs = await h.key('city-editor', town)
    const at = async (day: string, work: () => Promise<unknown>) => {
      h.setNow(`${day}T12:00:00Z`)
      await work()
      await h.background.settle()
    }
    const without = (day: string) => post(sdnXml(`12/${day}/2026`, [CEIEC, ...KEPT]))
    const having = (day: string) => post(sdnXml(`12/${day}/2026`, [CEIEC, HIKVISION, ...KEPT]))
    let id = ''
    await at('2026-12-02', () => without('02'))
    await at('2026-12-03', () =>
      post(sdnXml('12/03/2026', [CEIEC, ...KEPT, { uid: 80001, name: 'ANOTHER LLC' }])),
    )
    await at('2026-12-04', async () => {
      const body = { assetTag: 'T-1', manufacturer: 'Hikvision', acquiredOn: '2026-12-03' }
      id = (await h.call('POST', '/v1/devices', { key: theirs, body })).body.id
    })
    const ask = async (asOf: string | null, knownAt: string | null) => {
      const query = new URLSearchParams({ ...(asOf ? { asOf } : {}), ...(knownAt ? { knownAt } : {}) })
      const { status, body, text } = await h.call('GET', `/v1/devices/${id}?${query}`, { key: theirs })
      t.equal(status, 200)
      const found = body.determinations.find(
        (one: { regime: string; activity: string }) =>
          one.regime === 'ofac-sdn' && one.activity === 'procure',
      )
      return { text, outcome: found.outcome, acquiredOn: body.acquiredOn }
    }
    h.setNow('2026-12-05T12:00:00Z')
    const kept = [
      ['2026-12-03', '2026-12-04T18:00:00Z'],
      ['2026-12-05', '2026-12-05T11:00:00Z'],
    ] as const
    const then = await Promise.all(kept.map(([asOf, knownAt]) => ask(asOf, knownAt)))
    const sums = (knownAt: string) =>
      h.call('GET', `/v1/summary?groupBy=maker&regime=ofac-sdn&outcome=prohibited&knownAt=${knownAt}`, {
        key: theirs,
      })
    const summed = (await sums('2026-12-05T11:00:00Z')).text
    const screened = (knownAt: string) =>
      h.call('POST', '/v1/screen', {
        key: theirs,
        body: { asOf: '2026-12-05', knownAt, items: [{ manufacturer: 'Hikvision' }] },
      })
    const screenedThen = (await screened('2026-12-05T11:00:00Z')).text
    await at('2026-12-06', () => having('05'))
    await at('2026-12-08', async () => {
      const { version } = (await h.call('GET', `/v1/devices/${id}`, { key: theirs })).body
      const changed = await h.call('PATCH', `/v1/devices/${id}`, {
        key: theirs,
        body: { acquiredOn: '2026-12-05' },
        headers: { 'if-match': `"${version}"` },
      })
      t.equal(changed.status, 200)
    })
    await at('2026-12-12', () => without('12'))
    await at('2026-12-16', () => having('16'))
    h.setNow('2026-12-20T12:00:00Z')
    const NOW = '2026-12-20T12:00:00Z'
    const table: readonly [
      question: string,
      asOf: string,
      knownAt: string,
      outcome: string,
      acquiredOn: string,
    ][] = [
      ['the day of purchase, as known now', '2026-12-05', NOW, 'prohibited', '2026-12-05'],
      ['that day, as known on it', '2026-12-05', '2026-12-05T18:00:00Z', 'permitted', '2026-12-03'],
      ['the day first recorded, as known now', '2026-12-03', NOW, 'permitted', '2026-12-05'],
      ['that day, as known then', '2026-12-03', '2026-12-04T18:00:00Z', 'permitted', '2026-12-03'],
      [
        'listed, purchase not corrected yet',
        '2026-12-06',
        '2026-12-07T00:00:00Z',
        'prohibited',
        '2026-12-03',
      ],
      ['delisted', '2026-12-12', NOW, 'permitted', '2026-12-05'],
      ['relisted, as known now', '2026-12-13', NOW, 'prohibited', '2026-12-05'],
      ['relisted, not known yet', '2026-12-13', '2026-12-13T18:00:00Z', 'permitted', '2026-12-05'],
      ['long before the register was kept', '2020-01-01', NOW, 'permitted', '2026-12-05'],
    ]
    for (const [question, asOf, knownAt, outcome, acquiredOn] of table) {
      const answer = await ask(asOf, knownAt)
      t.same([answer.outcome, answer.acquiredOn], [outcome, acquiredOn], question)
    }
    const later = await Promise.all(kept.map(([asOf, knownAt]) => ask(asOf, knownAt)))
    t.same(
      later.map(({ text }) => text),
      then.map(({ text }) => text),
      'the same bytes after three more versions and a correction',
    )
    t.equal((await sums('2026-12-05T11:00:00Z')).text, summed)
    t.match((await sums(NOW)).body.items, [{ group: { maker: 'hikvision' }, devices: 1 }])
    t.equal((await screened('2026-12-05T11:00:00Z')).text, screenedThen)
    t.not((await screened(NOW)).text, screenedThen)
    const wrong = [
      ['/v1/devices?knownAt=2026-12-21T00:00:00Z', 'in-the-future'],
      ['/v1/devices?knownAt=2026-01-01T00:00:00Z', 'before-record'],
      ['/v1/devices?knownAt=2026-12-01', 'invalid'],
    ] as const
    for (const [url, code] of wrong) {
      const { status, body } = await h.call('GET', url, { key: theirs })
      t.equal(status, 400, url)
      if (code !== 'invalid') t.match(body.errors, [{ pointer: '?knownAt', code }])
    }
    const page = await h.call(
      'GET',
      '/v1/devices?asOf=2026-12-13&knownAt=2026-12-13T18:00:00Z&regime=ofac-sdn&outcome=permitted',
      { key: theirs },
    )
    t.equal(page.body.items.length, 1, 'lists too')
  },
)

t.test(
  'a maker is cited under each program it is listed under, and a license lifts its own alone',
  async (t) => {
    const own = await harness(t)
    const town = await own.jurisdiction({ name: 'Stonebridge', timezone: 'America/New_York', state: 'NY' })
    const clerk = await own.key('city-editor', town)
    const put = (entries: readonly Sdn[], published = '11/20/2026') =>
      own.call('POST', '/v1/lists/ofac-sdn/versions?force=true', {
        key: own.admin,
        body: sdnXml(published, [CEIEC, ...OTHERS, ...entries]),
        headers: XML,
      })
    const named = (uid: number, name: string, program: string, country = 'China'): Sdn => ({
      ...{ uid, name, program, country },
    })
    const first = await put([
      named(1, 'HANGZHOU HIKVISION DIGITAL TECHNOLOGY CO., LTD.', 'SDGT IFSR'),
      named(2, 'ZHEJIANG DAHUA TECHNOLOGY CO., LTD.', 'RUSSIA-EO14024'),
      named(3, 'AXIS COMMUNICATIONS AB', 'CYBER2', 'Sweden'),
      named(4, 'HANWHA VISION CO., LTD.', 'IRAN-HR', 'Korea, South'),
      named(5, 'MOBOTIX AG', 'IRAN', 'Germany'),
      named(6, 'VIVOTEK INC.', 'XYZ-EO14999', 'Taiwan'),
    ])
    t.equal(first.status, 201, first.text.slice(0, 300))
    const cited = async (manufacturer: string) => {
      const { body } = await own.call('POST', '/v1/screen', {
        key: clerk,
        body: {
          asOf: '2026-11-24',
          jurisdiction: { state: 'NY' },
          items: [{ manufacturer, deviceClass: 'camera' }],
        },
      })
      return body.items[0].determinations.find(
        (one: { regime: string; activity: string }) =>
          one.regime === 'ofac-sdn' && one.activity === 'procure',
      ) as { outcome: string; citation: string; because: string; facts: { license?: string } }
    }
    const sections: readonly [string, RegExp][] = [
      ['Hikvision', /^31 CFR 594\.201; .*licenses under 31 CFR 501\.801$/],
      ['Dahua', /^31 CFR 587\.201; .*licenses under 31 CFR 501\.801$/],
      ['Axis', /^31 CFR part 578; .*licenses under 31 CFR 501\.801$/],
      ['Hanwha Vision', /^31 CFR part 562; .*licenses under 31 CFR 501\.801$/],
      ['Mobotix', /^31 CFR 560\.211; .*licenses under 31 CFR 501\.801$/],
      ['Vivotek', /; program XYZ-EO14999, whose part of 31 CFR chapter V was not read; licenses/],
      ['CEIEC', /^31 CFR 591\.201; /],
    ]
    for (const [maker, section] of sections) {
      const answer = await cited(maker)
      t.equal(answer.outcome, 'prohibited', maker)
      t.match(answer.citation, section, maker)
    }

    // A second program is a second listing, from the day of the first.
    const license = await own.call('POST', '/v1/licenses', {
      key: clerk,
      body: {
        ...{ type: 'specific', number: 'MUL-1', authority: 'OFAC', regime: 'ofac-sdn', program: 'SDGT' },
        ...{ activities: ['procure', 'firmware-update'], entities: ['hikvision'] },
        ...{ holder: { kind: 'party', id: town }, window: { from: '2026-01-01', to: '2027-12-31' } },
        citation: 'License MUL-1',
      },
    })
    t.equal(license.status, 201, license.text)
    t.equal((await cited('Hikvision')).outcome, 'conditional', 'the license lifts its program')
    const second = await put(
      [named(1, 'HANGZHOU HIKVISION DIGITAL TECHNOLOGY CO., LTD.', 'SDGT IFSR NPWMD')],
      '11/23/2026',
    )
    t.match(
      second.body.listings.filter((one: { maker: string }) => one.maker === 'hikvision'),
      [{ how: 'begun', from: first.body.listings[0].from }],
    )
    t.equal((await cited('Hikvision')).outcome, 'prohibited', 'and not the other')

    // A license for each program lifts both together, in the determination and in the risk of firmware alike.
    const made = await own.call('POST', '/v1/devices', {
      key: clerk,
      body: {
        ...{ assetTag: 'P-1', manufacturer: 'Hikvision', deviceClass: 'camera' },
        updateChannel: 'vendor-portal-us',
      },
    })
    t.equal(made.status, 201, made.text)
    type Told = { regime: string; activity: string; outcome: string }
    const kept = async () => {
      const url = `/v1/devices/${made.body.id}`
      const { body } = await own.call('GET', url, { key: clerk })
      const barred = body.determinations.find(
        ({ regime, activity }: Told) => regime === 'ofac-sdn' && activity === 'procure',
      )
      const needed = body.firmwareRisk.reasons.filter(
        ({ code, about }: { code: string; about: string }) =>
          about.startsWith('ofac-sdn') && ['license-covers', 'license-needed'].includes(code),
      )
      return [barred.outcome, ...needed.map(({ code }: { code: string }) => code).toSorted()]
    }
    const ONE = ['prohibited', 'license-covers', 'license-needed']
    t.same(await kept(), ONE)
    const { id } = license.body
    const other = await own.call('POST', '/v1/licenses', {
      key: clerk,
      body: {
        ...{ type: 'specific', number: 'MUL-2', authority: 'OFAC', regime: 'ofac-sdn', program: 'NPWMD' },
        ...{ activities: ['procure', 'firmware-update'], entities: ['hikvision'] },
        ...{ holder: { kind: 'party', id: town }, window: { from: '2026-01-01', to: '2027-12-31' } },
        citation: 'License MUL-2',
      },
    })
    t.equal(other.status, 201, other.text)
    const together = await cited('Hikvision')
    t.equal(together.outcome, 'conditional', 'one license for each program')
    t.same(together.facts.license?.split(', ').toSorted(), [id, other.body.id].toSorted())
    t.match(together.because, /together cover it within their terms, each under its own sanctions program/)
    t.same(await kept(), ['conditional', 'license-covers', 'license-covers'])
    for (const [held, change] of [
      [id, { window: { from: '2026-01-01', to: '2026-11-23' } }],
      [other.body.id, { window: { from: '2026-01-01', to: '2026-11-23' } }],
      [id, { program: 'NPWMD' }],
      [other.body.id, { activities: ['use'] }],
      [other.body.id, { status: 'revoked', statusSince: '2026-11-20' }],
    ] as const) {
      const url = `/v1/licenses/${held}`
      const { body: before } = await own.call('GET', url, { key: clerk })
      const changed = await own.call('PATCH', url, { key: clerk, body: change })
      t.equal(changed.status, 200, changed.text)
      t.equal((await cited('Hikvision')).outcome, 'prohibited', JSON.stringify(change))
      t.same(await kept(), ONE, JSON.stringify(change))
      const { window, program, activities, entities, status, statusSince } = before
      await own.call('PATCH', url, {
        key: clerk,
        body: { window, program, activities, entities, status, statusSince },
      })
      t.equal((await cited('Hikvision')).outcome, 'conditional', 'and back')
    }
    const gone = await put([], '11/24/2026')
    t.equal(
      gone.body.listings.filter((one: { maker: string; how: string }) => one.maker === 'hikvision').length,
      2,
      'both end',
    )
    t.equal((await cited('Hikvision')).outcome, 'permitted')
  },
)

t.test('whom a list names later is found in what a city called its fields before', async (t) => {
  const own = await harness(t)
  const town = await own.jurisdiction({ name: 'Stonebridge', timezone: 'America/New_York', state: 'NY' })
  const clerk = await own.key('city-editor', town)
  const put = (entries: readonly Sdn[], published: string, query = '') =>
    own.call('POST', `/v1/lists/ofac-sdn/versions?force=true${query}`, {
      key: own.admin,
      body: sdnXml(published, [CEIEC, ...OTHERS, ...entries]),
      headers: XML,
    })
  t.equal((await put([], '11/20/2026')).status, 201)
  for (const field of [
    { name: 'swap', label: 'Mobotix swap', type: 'boolean' },
    { name: 'mobotix_part', label: 'Inner part', type: 'text' },
  ])
    t.equal((await own.call('POST', '/v1/custom-fields', { key: clerk, body: field })).status, 201)
  const add = async (assetTag: string, over: object) =>
    (
      await own.call('POST', '/v1/devices', {
        key: clerk,
        body: { assetTag, manufacturer: 'Bosch', model: 'NDE-8502', ...over },
      })
    ).body.id as string
  const doubted = [
    await add('M-1', { custom: { swap: true } }),
    await add('M-2', { custom: { mobotix_part: 'M16' } }),
    await add('M-3', { notes: 'made by Mobotix' }),
  ]
  const clear = [await add('M-4', { custom: { swap: false, mobotix_part: 'none' } }), await add('M-5', {})]
  const procure = async (id: string, query = '') => {
    const { body } = await own.call('GET', `/v1/devices/${id}${query}`, { key: clerk })
    return body.determinations.find(
      (one: { regime: string; activity: string }) => one.regime === 'ofac-sdn' && one.activity === 'procure',
    ).outcome
  }
  for (const id of [...doubted, ...clear]) t.equal(await procure(id), 'permitted')
  const mobotix: Sdn = { uid: 7, name: 'MOBOTIX AG', program: 'GLOMAG', country: 'Germany' }
  const dry = await put([mobotix], '11/23/2026', '&dryRun=true')
  t.equal(dry.body.preview.devices.flagged, doubted.length, 'as the preview says')
  t.equal((await put([mobotix], '11/23/2026')).status, 201)
  await own.background.settle()
  for (const id of doubted) t.equal(await procure(id), 'review')
  for (const id of clear) t.equal(await procure(id), 'permitted')
  const past = encodeURIComponent(own.now().toISOString())
  for (const id of doubted) t.equal(await procure(id, `?asOf=${past}`), 'review', 'of an instant too')
  const found = await own.call('GET', '/v1/devices?regime=ofac-sdn&outcome=review', { key: clerk })
  t.equal(found.body.items.length, doubted.length, 'in lists too')
})
