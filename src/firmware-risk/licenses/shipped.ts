/** `data/licenses.json`: licenses that authorities published and that every register starts with. */
import { z } from 'zod'
import { LICENSE_TYPES, type License } from './license.ts'

const text = z.string().min(1)
const someOf = z.union([z.literal('any'), z.array(text).min(1)])

const Shipped = z.strictObject({
  id: z.uuid(),
  type: z.enum(LICENSE_TYPES),
  number: text.nullable(),
  authority: text,
  regime: text,
  program: text.nullable(),
  activities: z.array(text).min(1),
  entities: someOf,
  includesOwned: z.boolean().nullable(),
  products: someOf.default('any'),
  models: someOf.default('any'),
  holder: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('any-us-person') }),
    z.strictObject({ kind: z.literal('party'), id: text }),
  ]),
  window: z.strictObject({ from: text.nullable(), to: text.nullable(), timezone: text }),
  conditions: z.array(z.strictObject({ text, isMet: z.boolean().nullable() })),
  citation: text,
  asOf: z.iso.date(),
})

export const ShippedLicenses = z.strictObject({
  version: z.iso.date(),
  note: text,
  licenses: z.array(Shipped),
})
export type ShippedLicenses = z.output<typeof ShippedLicenses>

/** As everybody's records they are read only. */
export function shippedLicenses({ licenses }: ShippedLicenses): License[] {
  return licenses.map(
    ({ asOf: _, products, ...license }): License => ({
      ...license,
      products: products as License['products'],
      channels: 'any',
      territory: 'any',
      status: 'active',
      statusSince: null,
      reportingDue: [],
      documentSha256: null,
      supersedes: null,
      isShipped: true,
    }),
  )
}
