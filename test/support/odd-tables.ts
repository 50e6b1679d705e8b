/** Tables that no program writes on purpose: each kind in any size, for what reading them costs and says. */

const HEAD = 'Asset Tag,Manufacturer,Model,Notes\n'

function repeated(piece: string, length: number): string {
  return piece.repeat(Math.ceil(length / piece.length)).slice(0, length)
}

function rows(length: number, row: (i: number) => string): string {
  const lines: string[] = []
  for (let i = 0, written = 0; written < length; i++) {
    const line = row(i)
    lines.push(line)
    written += line.length
  }
  return lines.join('')
}

const plain = (i: number) => `A${i},Axis,P3245,corner of 5th and Main\n`

/** By what is odd about it: about so many characters of it. The first is not odd. */
export const ODD_TABLES: Readonly<Record<string, (length: number) => string>> = {
  'plain rows': (n) => HEAD + rows(n, plain),
  'one quote never closed, at the start': (n) => `${HEAD}Q,Axis,"P3245,x\n${rows(n, plain)}`,
  'one quote never closed, in the middle': (n) =>
    `${HEAD}${rows(n / 2, plain)}Q,Axis,"P3245,x\n${rows(n / 2, plain)}`,
  'one quote never closed, in one line': (n) => `${HEAD}Q,Axis,"${repeated('x', n)}`,
  'a quote never closed in every row': (n) => HEAD + rows(n, (i) => `A${i},Axis,"P3245,x\n`),
  'a quote never closed in every tenth row': (n) =>
    HEAD + rows(n, (i) => (i % 10 === 0 ? `A${i},Axis,"P3245,x\n` : plain(i))),
  'a quote and a line break': (n) => HEAD + repeated('"\n', n),
  'an empty quoted cell a line': (n) => HEAD + repeated('""\n', n),
  'a quote, a comma and a line break': (n) => HEAD + repeated('",\n', n),
  'doubled quotes and line breaks in an open cell': (n) => `${HEAD}A1,"${repeated('x""\n', n)}`,
  'only quotes': (n) => repeated('"', n),
  'only quotes below a header': (n) => HEAD + repeated('"', n),
  'quotes in the middle of cells': (n) => HEAD + rows(n, (i) => `A${i},Axis,P"32"45,12" dome\n`),
  'text after closing quotes': (n) => HEAD + rows(n, (i) => `A${i},Axis,"P32"45,x\n`),
  'quoted cells of several lines': (n) => HEAD + rows(n, (i) => `A${i},Axis,"P3\n245","a\nb"\n`),
  'only delimiters': (n) => repeated(',', n),
  'only delimiters below a header': (n) => HEAD + repeated(',', n),
  'only line breaks': (n) => repeated('\n', n),
  'only carriage returns': (n) => repeated('\r', n),
  'carriage returns for line breaks': (n) => (HEAD + rows(n, plain)).replaceAll('\n', '\r'),
  'only byte order marks': (n) => repeated('\uFEFF', n),
  'NUL characters in cells': (n) => HEAD + rows(n, (i) => `A${i},Axis,P3\u00002,corner of 5th and Main\n`),
  'one endless line': (n) => HEAD + repeated('x', n),
  'rows of one character': (n) => HEAD + repeated('a\n', n),
  'apostrophes that look escaped': (n) => HEAD + repeated("'=,'=,'=,'=\n", n),
  'addresses with logins in one cell': (n) => HEAD + rows(n, (i) => `A${i},${'rtsp://a:b@'.repeat(2500)}\n`),
  'NDJSON without a line break': (n) => `{"assetTag":"${repeated('x', n)}`,
  'NDJSON with a new key a line': (n) =>
    rows(n, (i) => `{"assetTag":"${i}"${i < 5000 ? '' : `,"k${i}":1`}}\n`),
}
