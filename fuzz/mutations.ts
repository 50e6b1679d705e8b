/** Ways to break a request. Each gives another request and says what it did. */
import { gzipSync } from 'node:zlib'
import type { Draw } from './draw.ts'
import type { FuzzRequest } from './requests.ts'

type Mutation = (request: FuzzRequest, draw: Draw) => FuzzRequest

/** Texts that software trips over. */
const TEXTS: readonly (() => string)[] = [
  () => '',
  () => ' ',
  () => '\0',
  () => 'a\0b',
  () => '\ud800',
  () => '\udfff\ud800',
  () => '\u202e\u200b\ufeff',
  () => 'e\u0301'.repeat(50),
  () => '👩‍👩‍👧‍👦'.repeat(20),
  () => 'x'.repeat(300),
  () => 'x'.repeat(70_000),
  () => '(A)'.repeat(66),
  () => `${'a*'.repeat(40)}b`,
  () => `${'('.repeat(2000)}${')'.repeat(2000)}`,
  () => '(a+)+$',
  () => '%_\\%',
  () => "'; drop table devices; --",
  () => '=cmd|calc',
  () => '../../etc/passwd',
  () => '__proto__',
  () => 'constructor',
  () => 'toString',
  () => '9'.repeat(400),
  () => '1e309',
  () => '-0',
  () => 'NaN',
  () => 'null',
  () => 'true',
  () => '[]',
  () => '{"a":',
]
const DAYS = [
  '0000-01-01',
  '0001-01-01',
  '1900-02-29',
  '2023-02-29',
  '2024-02-30',
  '9999-12-31',
  '10000-01-01',
  '+012345-01-01',
  '-000001-01-01',
  '2026-11-24T24:00:00Z',
  '2026-11-24T23:59:60Z',
  '2026-11-24T12:00:00+99:99',
  '2026-13-01',
  '1970-01-01T00:00:00.0000000001Z',
]
const NUMBERS = [
  -1,
  0,
  -0,
  0.1,
  1e-7,
  2 ** 31,
  -(2 ** 31) - 1,
  2 ** 32,
  2 ** 53,
  2 ** 63,
  1e21,
  1e308,
  -1e308,
  Number.MAX_SAFE_INTEGER,
]

function oddValue(draw: Draw): unknown {
  const kind = draw.below(10)
  if (kind < 4) return draw.one(TEXTS)()
  if (kind < 5) return draw.one(DAYS)
  if (kind < 7) return draw.one(NUMBERS)
  return draw.one<unknown>([
    null,
    true,
    [],
    {},
    [[]],
    [null],
    { a: 1 },
    [1, 'x'],
    { __proto__: null, length: -1 },
  ])
}

const note = (request: FuzzRequest, what: string, change: Partial<FuzzRequest>): FuzzRequest => ({
  ...request,
  ...change,
  broken: [...request.broken, what],
})

/** A place in a JSON value where something else could stand. */
function replaced(value: unknown, draw: Draw, depth = 0): unknown {
  if (depth > 0 && draw.percent(35)) return oddValue(draw)
  if (Array.isArray(value) && value.length > 0) {
    const at = draw.below(value.length)
    return value.map((item, i) => (i === at ? replaced(item, draw, depth + 1) : item))
  }
  if (typeof value === 'object' && value !== null && Object.keys(value).length > 0) {
    const key = draw.one(Object.keys(value))
    return { ...value, [key]: replaced((value as Record<string, unknown>)[key], draw, depth + 1) }
  }
  return oddValue(draw)
}

const bodyMutations: readonly Mutation[] = [
  (r, d) =>
    r.body && 'json' in r.body ? note(r, 'a value', { body: { json: replaced(r.body.json, d) } }) : r,
  (r, d) => {
    if (!(r.body && 'json' in r.body && typeof r.body.json === 'object' && r.body.json !== null)) return r
    const keys = Object.keys(r.body.json)
    if (keys.length === 0) return r
    const gone = d.one(keys)
    return note(r, `without ${gone}`, {
      body: { json: Object.fromEntries(Object.entries(r.body.json).filter(([key]) => key !== gone)) },
    })
  },
  (r, d) => {
    if (!(r.body && 'json' in r.body)) return r
    const name = d.one(['colour', '__proto__', 'constructor', '', '\0', 'x'.repeat(5000)])
    const text = JSON.stringify(r.body.json ?? {})
    const more = `${text.slice(0, -1)}${text.length > 2 ? ',' : ''}${JSON.stringify(name)}:1}`
    return note(r, 'a field more', { body: { bytes: Buffer.from(more) } })
  },
  (r, d) => {
    const deep = d.one([200, 20_000])
    const text = d.percent(50)
      ? '['.repeat(deep) + ']'.repeat(deep)
      : `${'{"a":'.repeat(deep)}1${'}'.repeat(deep)}`
    return r.body ? note(r, 'deep JSON', { body: { bytes: Buffer.from(text) } }) : r
  },
  (r, d) => {
    if (!r.body) return r
    const bytes = Buffer.from('bytes' in r.body ? r.body.bytes : (JSON.stringify(r.body.json) ?? ''))
    if (bytes.length === 0) return r
    for (let i = 0; i <= d.below(4); i++)
      bytes[d.below(bytes.length)] = d.one([0, 0x22, 0x80, 0xc3, 0xff, 0x0a])
    return note(r, 'bytes changed', { body: { bytes } })
  },
  (r, d) => {
    const bytes = r.body && 'json' in r.body ? Buffer.from(JSON.stringify(r.body.json) ?? '') : r.body?.bytes
    return bytes ? note(r, 'cut off', { body: { bytes: bytes.subarray(0, d.below(bytes.length + 1)) } }) : r
  },
  (r, d) => note(r, 'another body', { body: { bytes: d.one(FILES)() } }),
]

/** Bodies of files, good and bad. */
const FILES: readonly (() => Buffer)[] = [
  () => Buffer.alloc(0),
  () => Buffer.from('\ufeffAsset Tag;Manufacturer\r\nX-1;"Axis'),
  () => Buffer.from('Asset Tag,Manufacturer\nX-1,Axis\n', 'utf16le'),
  () => Buffer.from('{"assetTag":"X-2","manufacturer":"Axis"}\n{"assetTag":\n[]\nnull\n'),
  () => Buffer.from(`Asset Tag,Manufacturer\n${'"'.repeat(5000)}\n`),
  () => Buffer.from([0x50, 0x4b, 3, 4, 0, 0, 0, 0, 0, 0]),
  () => gzipSync('Asset Tag,Manufacturer\nX-1,Axis\n'),
  () => Buffer.from([0xc3, 0x28, 0xff, 0xfe, 0x00]),
  () => Buffer.from('a,'.repeat(20_000)),
  () => Buffer.from('Manufacturer\n'.repeat(3000)),
  () => Buffer.from('null'),
  () => Buffer.from('"text"'),
  () => Buffer.from('[1,2'),
]

const queryMutations: readonly Mutation[] = [
  (r, d) => {
    const parameters = r.operation.parameters.filter((one) => one.in === 'query')
    if (parameters.length === 0) return r
    const value = oddValue(d)
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    return note(r, 'a parameter', { query: [...r.query, [d.one(parameters).name, text.slice(0, 6000)]] })
  },
  (r, d) => {
    const [first] = r.query
    return first
      ? note(r, 'given twice', { query: [...r.query, first, [first[0], d.one(['x', '', '0'])]] })
      : r
  },
  (r, d) =>
    note(r, 'an unknown parameter', {
      query: [...r.query, [d.one(['colour', '__proto__', 'a[b]', '']), 'x']],
    }),
  (r, d) =>
    note(r, 'a cursor', {
      query: [...r.query, ['cursor', d.one(['x', 'W10', 'WyJhIl0', '\0', 'bnVsbA', 'e30'])]],
    }),
  (r, d) =>
    note(r, 'broken escapes', {
      query: [...r.query, ['q', d.one(['raw:%', 'raw:%zz', 'raw:%c3%28', 'raw:%00', 'raw:%ed%a0%80'])]],
    }),
]

const PATH_TRICKS = [
  '%2e%2e',
  '%00',
  '..',
  '.',
  '%',
  '%zz',
  '%c3%28',
  '%2f',
  '\\',
  '%0d%0aX-A:b',
  'a'.repeat(3000),
  ';a=b',
  '%F0%9F%92%A9',
  '0',
  '-1',
  'null',
]

const pathMutations: readonly Mutation[] = [
  (r, d) => note(r, 'a path segment', { path: segmentReplaced(r.path, d, d.one(PATH_TRICKS)) }),
  (r, d) =>
    note(r, 'an id', {
      path: segmentReplaced(
        r.path,
        d,
        d.one([
          '00000000-0000-0000-0000-000000000000',
          'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF',
          '01900000-0000-7000-8000-00000000000g',
        ]),
      ),
    }),
  (r, d) =>
    note(r, 'a longer path', {
      path: r.path + d.one(['/', '//', '/..', '/%2e%2e/%2e%2e', '/x', '?', '%20']),
    }),
]

function segmentReplaced(path: string, draw: Draw, by: string): string {
  const parts = path.split('/')
  const at = 1 + draw.below(Math.max(1, parts.length - 1))
  return parts.map((part, i) => (i === at ? by : part)).join('/')
}

const HEADERS: readonly (readonly [string, readonly string[]])[] = [
  [
    'content-type',
    [
      '',
      'x',
      'application/json',
      'text/csv',
      'text/plain',
      'application/xml',
      'application/json; charset=utf-16',
      'application/json;;',
      'multipart/form-data',
      'multipart/form-data; boundary=x',
      `application/${'x'.repeat(500)}`,
    ],
  ],
  ['content-encoding', ['gzip', 'br', 'identity', 'x', 'gzip, gzip']],
  [
    'accept',
    [
      '',
      'image/png',
      'text/csv;q=0',
      '*/*;q=0',
      'text/*',
      ';;;',
      'application/json;q=nan',
      ','.repeat(500),
      'text/csv, application/x-ndjson;q=0.9',
    ],
  ],
  [
    'authorization',
    [
      '',
      'Bearer',
      'Bearer  ',
      'Basic YTpi',
      'Bearer wrong-key-of-the-fuzzer',
      'bearer wrong-key-of-the-fuzzer',
    ],
  ],
  ['x-api-key', ['wrong-key-of-the-fuzzer', '']],
  ['idempotency-key', ['', 'x'.repeat(400), 'é', '"quoted"', 'k1']],
  ['if-match', ['"', '""', '*', '"99999999999999999999"', 'W/"1"', ','.repeat(100)]],
  ['if-none-match', ['*', '"', ','.repeat(100)]],
  ['prefer', ['respond-async', 'x'.repeat(300), 'respond-async;wait=-1']],
  ['range', ['bytes=0-0', 'bytes=-1', 'x']],
  ['expect', ['x']],
  ['x-forwarded-for', ['1.1.1.1', 'x', '::1, 2.2.2.2']],
  ['accept-encoding', ['gzip', 'identity;q=0']],
  ['x-request-id', ['x', '\u00ff']],
  ['cookie', ['a=b; c']],
  ['origin', ['https://elsewhere.example']],
]

const headerMutations: readonly Mutation[] = [
  (r, d) => {
    const [name, values] = d.one(HEADERS)
    const rest = d.percent(70) ? r.headers.filter(([known]) => known !== name) : r.headers
    return note(r, `header ${name}`, { headers: [...rest, [name, d.one(values)]] })
  },
  (r) => note(r, 'no key', { headers: r.headers.filter(([name]) => name !== 'authorization') }),
  (r, d) => note(r, 'large headers', { headers: [...r.headers, ['x-a', 'a'.repeat(d.one([4000, 30_000]))]] }),
]

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'QUERY']

const methodMutation: Mutation = (r, d) => note(r, 'another method', { method: d.one(METHODS) })

/** Break a request in one way, or in two. */
export function broken(request: FuzzRequest, draw: Draw): FuzzRequest {
  const groups = [
    ...(request.body ? [bodyMutations, bodyMutations, bodyMutations] : []),
    queryMutations,
    queryMutations,
    pathMutations,
    headerMutations,
    headerMutations,
    ...(draw.percent(30) ? [[methodMutation]] : []),
  ]
  let result = request
  for (let i = draw.percent(25) ? 2 : 1; i > 0; i--) result = draw.one(draw.one(groups))(result, draw)
  return result
}
