// Writes what of the documents is made from the data: the table of every rule, the counts of sources and of the
// operations of each role, the picture of the README. `node tools/docs.mjs --check` writes nothing and ends with 1 when a file is not in step.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url))
const read = (path) => readFileSync(at(path), 'utf8')
const rows = (file) => {
  const { items, advisories, rows, periods } = JSON.parse(read(`data/${file}.json`))
  return items ?? advisories ?? rows ?? periods
}

const ACTIVITIES = ['procure', 'use', 'federal-funding', 'firmware-update', 'return-export', 'dispose']

/** A condition in words. */
function inWords(condition) {
  const [[operator, value]] = Object.entries(condition)
  switch (operator) {
    case 'all':
    case 'any': {
      const parts = value.map((part) =>
        isGroup(part) && value.length > 1 ? `(${inWords(part)})` : inWords(part),
      )
      return parts.join(operator === 'all' ? ' and ' : ' or ')
    }
    case 'not':
      return `not (${inWords(value)})`
    case 'is':
      return value[1] === true
        ? value[0]
        : value[1] === false
          ? `not ${value[0]}`
          : `${value[0]} is ${value[1]}`
    case 'in':
      return `${value[0]} is ${value[1].join(', ')}`
    case 'onOrAfter':
      return `${value[0]} since ${value[1]}`
    case 'before':
      return `${value[0]} before ${value[1]}`
    case 'reached':
    case 'listedClass':
    case 'affiliated':
      return `${{ reached: 'listed', listedClass: 'listed class', affiliated: 'affiliate of a listed company' }[operator]}${details(value)}`
    case 'beforePhase':
      return `${value[0]} before the step ${value[1]}`
    case 'beforeListing':
      return `${value} before the listing`
    case 'regimeIs':
      return `regime: ${value[0]} is ${value[1]}`
    default:
      throw new Error(`tools/docs.mjs has no words for the condition ${operator}`)
  }
}

const isGroup = (condition) => 'all' in condition || 'any' in condition

function details(value) {
  if (typeof value !== 'object') return ''
  const words = Object.entries(value).map(([name, what]) =>
    what === true ? name : what === false ? `not ${name}` : `${name} ${[what].flat().join(', ')}`,
  )
  return words.length === 0 ? '' : ` (${words.join('; ')})`
}

const cell = (text) => String(text).replaceAll('|', '\\|')

function decisionTable() {
  const regimes = new Map(rows('regimes').map((regime) => [regime.id, regime]))
  const rules = rows('rules')
  const lines = [
    '# Every rule',
    '',
    'Made from `data/rules.json` by `npm run docs`; do not edit. How the rules are read: [Determinations](determinations.md). What the outcomes mean: [Glossary](../glossary.md). An empty cell means that the rule says nothing of the activity. A rule applies also when a fact in its condition is unknown; the answer then names the fact.',
    '',
    `${rules.length} rules of ${new Set(rules.map(({ regime }) => regime)).size} of ${regimes.size} regimes. ${withoutRules(regimes, rules)}`,
  ]
  for (const [id, regime] of regimes) {
    const own = rules.filter((rule) => rule.regime === id)
    if (own.length === 0) continue
    lines.push('', `## ${id}`, '', `${regime.title}. ${regime.citation}.`, '')
    lines.push(
      `| rule | when | ${ACTIVITIES.join(' | ')} | citation |`,
      `|---|---|${'---|'.repeat(ACTIVITIES.length + 1)}`,
    )
    for (const rule of own) lines.push(ruleRow(rule))
  }
  return `${lines.join('\n')}\n`
}

function withoutRules(regimes, rules) {
  const bare = [...regimes.keys()].filter((id) => !rules.some(({ regime }) => regime === id))
  return bare.length === 0
    ? 'Every regime has a rule.'
    : `Without a rule, so listed and not evaluated: ${bare.join(', ')}.`
}

function ruleRow({ id, regime, when, inForce, during, outcomes, whileUnknown = [], citation }) {
  const period = [inForce.from && `from ${inForce.from}`, inForce.to && `until ${inForce.to}`]
    .filter(Boolean)
    .join(' ')
  const conditions = [inWords(when), `status ${during.join(', ')}`, period].filter(Boolean)
  const milder = whileUnknown.map(
    ({ facts, outcomes: given }) =>
      `While ${facts.join(', ')} is unknown: ${Object.entries(given)
        .map((pair) => pair.join(' '))
        .join(', ')}.`,
  )
  const name = id.slice(regime.length + 1)
  const texts = [
    name,
    [`${conditions.join('; ')}.`, ...milder].join(' '),
    ...ACTIVITIES.map((activity) => outcomes[activity] ?? ''),
    citation,
  ]
  return `| ${texts.map(cell).join(' | ')} |`
}

/** Nothing but what somebody knows, or remembers of a source that was not read again. */
const UNREAD =
  /no published source read|not read again|from memory|common knowledge|not yet read|not read$|naming conventions of the vendor/
/** Texts of law, notices and records of authorities and courts, registries, and what a maker publishes of itself. */
const PRIMARY =
  /\b(?:Pub\. L\.|USC|CFR|\d+ FR \d|EO \d|Executive Order|IEEPA|Entity List|OFAC|FCC|DoD|BIS|CBP|CISA|NVD|MOFCOM|MFA of the PRC|Ministry|Cabinet|Governor|Agency of Digital|Model plan|Texas additions|Texas model|Texas prohibited|R\.S\.|K\.S\.A\.|O\.C\.G\.A\.|Stat\.|Code|SB \d|LB \d|Investment Canada|Compulsory Registration|s\.\d+|indictment|complaint|Texas v\.|Nebraska v\.|help\.axis\.com|developer\.axis\.com|SDK readme|source headers|Direction of|Decision of|written statement|council|ordinance|purchase orders)/i

function kindOf(text) {
  if (text.startsWith('Planning assumption')) return 'unsourced'
  const parts = text.split('; ')
  if (parts.every((part) => UNREAD.test(part))) return 'unsourced'
  return parts.some((part) => PRIMARY.test(part) && !UNREAD.test(part)) ? 'primary' : 'secondary'
}

const SOURCES = [
  ['regimes', 'citation'],
  ['rules', 'citation'],
  ['listings', 'citation'],
  ['vendors', 'source'],
  ['relationships', 'citation'],
  ['identifiers', 'citation'],
  ['models', 'source'],
  ['costs', 'source'],
  ['support-periods', 'citation'],
]

function sourceCounts() {
  const lines = ['| file | rows | primary | secondary | none read |', '|---|---|---|---|---|']
  for (const [file, field] of SOURCES) {
    const kinds = rows(file).map((row) => kindOf(row[field]))
    const count = (kind) => kinds.filter((one) => one === kind).length
    lines.push(
      `| \`data/${file}.json\` | ${kinds.length} | ${count('primary')} | ${count('secondary')} | ${count('unsourced')} |`,
    )
  }
  const law = ['regimes', 'rules', 'listings'].flatMap(rows)
  const sure = (certainty) => law.filter((row) => row.certainty === certainty).length
  lines.push(
    '',
    `Of the ${law.length} rows of law, ${sure('sure')} are \`sure\` (read in the cited text), ${sure('reported')} \`reported\` (known, not read again) and ${sure('uncertain')} \`uncertain\` (contested, or it may have moved). An answer is never more certain than its rule and its listing.`,
  )
  return lines.join('\n')
}

const COLORS = {
  severe: ['#8c1d18', 'forbidden, or needs a license', '#fff'],
  money: ['#8a4a7a', 'unallowable for this money', '#fff'],
  bar: ['#b84a06', 'barred by contract or seller', '#fff'],
  open: ['#e0b030', 'review or vendor risk', '#222'],
  caution: ['#a9cbe0', 'permitted with caution', '#222'],
  clear: ['#2f6d3e', 'permitted', '#fff'],
}
const GROUP = {
  prohibited: 'severe',
  'license-required': 'severe',
  unallowable: 'money',
  'contract-bar': 'bar',
  'seller-bar': 'bar',
  'updates-unavailable': 'bar',
  conditional: 'open',
  'vendor-risk': 'open',
  review: 'open',
  'permitted-with-caution': 'caution',
  permitted: 'clear',
  'not-applicable': 'clear',
}

/** The answer of a real screening of the sample as one bar for each activity. */
function picture() {
  const answer = execFileSync(
    process.execPath,
    [
      at('build/src/cli.js'),
      'screen',
      at('examples/riverbend-cameras.csv'),
      '--state',
      'OH',
      '--as-of',
      '2026-11-29',
      '--json',
    ],
    { encoding: 'utf8' },
  )
  const { headline, screened } = JSON.parse(answer)
  const scale = 560 / screened
  const text = (x, y, words, more = '') =>
    `<text x="${x}" y="${y}" font-family="sans-serif" font-size="14" fill="#222"${more}>${words}</text>`
  const bars = ACTIVITIES.flatMap((activity, i) => {
    const y = 44 + i * 34
    let x = 150
    const parts = Object.keys(COLORS).map((group) => {
      const count = Object.entries(headline[activity])
        .filter(([outcome]) => GROUP[outcome] === group)
        .reduce((sum, [, devices]) => sum + devices, 0)
      const width = Math.round(count * scale)
      const [, , ink] = COLORS[group]
      const drawn = [`<rect x="${x}" y="${y}" width="${width}" height="24" fill="${COLORS[group][0]}"/>`]
      if (count > 1)
        drawn.push(text(x + width / 2, y + 17, count, ` text-anchor="middle" style="fill:${ink}"`))
      x += width
      return count === 0 ? '' : drawn.join('')
    })
    return [text(140, y + 17, activity, ' text-anchor="end"'), ...parts]
  })
  const legend = Object.values(COLORS).map(([color, words], i) => {
    const x = 20 + (i % 3) * 240
    const y = 262 + Math.floor(i / 3) * 24
    return `<rect x="${x}" y="${y}" width="14" height="14" fill="${color}"/>${text(x + 20, y + 12, words)}`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 730 310" width="730" height="310" role="img" aria-labelledby="t d">
<title id="t">What may be done with the ${screened} cameras of the sample city</title>
<desc id="d">One bar for each activity, divided by the outcome of its devices; law of 2026-11-29.</desc>
<rect width="730" height="310" fill="#fff"/>
${text(20, 26, `The ${screened} readable devices of examples/riverbend-cameras.csv, law of 2026-11-29`, ' font-weight="bold"')}
${[...bars, ...legend].filter(Boolean).join('\n')}
</svg>
`
}

/** The text between two comments of a document, replaced. */
function between(document, name, text) {
  const [start, end] = [`<!-- ${name}: made by npm run docs -->`, `<!-- end of ${name} -->`]
  const [before, rest] = document.split(start)
  return `${before}${start}\n${text}\n${end}${rest.split(end)[1]}`
}

/** In the table of roles, how many operations each may call and how many of them change something. */
function withOperations(document) {
  const operations = Object.values(parse(read('openapi/openapi.yaml')).paths).flatMap(Object.entries)
  return document.replaceAll(/^(\| `([\w-]+)` \| .* \| )\d+ operations \| \d+ \|$/gm, (_, start, role) => {
    const own = operations.filter(([, operation]) => operation['x-roles']?.includes(role))
    const changing = own.filter(([method, { operationId }]) => method !== 'get' && operationId !== 'screen')
    return `${start}${own.length} operations | ${changing.length} |`
  })
}

const made = {
  'docs/authentication.md': withOperations(read('docs/authentication.md')),
  'docs/methodology/decision-table.md': decisionTable(),
  'docs/data-provenance.md': between(read('docs/data-provenance.md'), 'counts', sourceCounts()),
  'docs/images/sample-city.svg': picture(),
}
let stale = 0
for (const [path, text] of Object.entries(made)) {
  let before
  try {
    before = read(path)
  } catch {}
  if (before === text) continue
  stale++
  if (process.argv.includes('--check')) console.error(`${path} is not in step: npm run docs writes it.`)
  else {
    mkdirSync(dirname(at(path)), { recursive: true })
    writeFileSync(at(path), text)
  }
}
if (process.argv.includes('--check') && stale > 0) process.exitCode = 1
