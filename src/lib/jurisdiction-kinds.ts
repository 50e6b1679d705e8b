/** What kinds of bodies keep registers, as their facts and the rules name them. */
export const JURISDICTION_KINDS = [
  'city',
  'county',
  'school',
  'transit',
  'special-district',
  'state',
  'other',
] as const
