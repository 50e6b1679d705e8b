/** Names of months, in English and Spanish. */
const ENGLISH = 'january february march april may june july august september october november december'
const SPANISH = 'enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre'

const MONTHS: ReadonlyMap<string, number> = new Map([
  ...[ENGLISH, SPANISH].flatMap((names) =>
    names.split(' ').flatMap((name, i): [string, number][] => [
      [name, i + 1],
      [name.slice(0, 3), i + 1],
    ]),
  ),
  ['sept', 9],
  ['setiembre', 9],
])

/** 1 to 12; 0 when the word is no month. `Sept` and full names are months, `Juneau` is not. */
export function monthOf(word: string): number {
  return MONTHS.get(word.toLowerCase()) ?? 0
}
