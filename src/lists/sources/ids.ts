/** Names of the official lists that are read; what each is stands in `index.ts`, in the same order. */
export const LIST_IDS = [
  'ofac-sdn',
  'ofac-consolidated',
  'trade-csl',
  'bis-entity-list',
  'bis-denied-persons',
  'fcc-covered-list',
  'dod-1260h',
  'uflpa',
  'opensanctions',
] as const
