// Writes data/han.json: which traditional character is which simplified one, as two strings of equal length.
//
// The service folds Chinese names to simplified characters. The converter that knows all of them weighs
// six megabytes, so it is used here only, when the table is made: `node tools/han-table.mjs`.
// Kept: pairs of single characters whose simplified form is in GB 2312 level 1 (the 3,755 commonest), which
// covers the words that company names are made of.
// Source of the mapping: OpenCC, by way of opencc-js (MIT / Apache-2.0).
import { readFileSync, writeFileSync } from 'node:fs'
import { Converter } from 'opencc-js/t2cn'

const toSimplified = Converter({ from: 't', to: 'cn' })
const gb2312 = new TextDecoder('gb2312')
const common = new Set()
for (let row = 0xb0; row <= 0xd7; row++) {
  for (let cell = 0xa1; cell <= 0xfe; cell++) {
    const char = gb2312.decode(Uint8Array.of(row, cell))
    if (/^\p{Script=Han}$/u.test(char)) common.add(char)
  }
}

const pairs = []
for (let code = 0x4e00; code <= 0x9fff; code++) {
  const traditional = String.fromCodePoint(code)
  const simplified = toSimplified(traditional)
  // A character that is itself a simplified form stays: folding twice must give what folding once gives.
  if (simplified === traditional || common.has(traditional) || !common.has(simplified)) continue
  pairs.push([traditional, simplified])
}

const { version } = JSON.parse(
  readFileSync(new URL('../node_modules/opencc-js/package.json', import.meta.url), 'utf8'),
)
writeFileSync(
  new URL('../data/han.json', import.meta.url),
  `${JSON.stringify(
    {
      version: 1,
      source: `opencc-js ${version} (OpenCC tables, Apache-2.0), traditional to simplified, GB 2312 level 1`,
      traditional: pairs.map(([from]) => from).join(''),
      simplified: pairs.map(([, to]) => to).join(''),
    },
    null,
    2,
  )}\n`,
)
console.log(`${pairs.length} pairs`)
