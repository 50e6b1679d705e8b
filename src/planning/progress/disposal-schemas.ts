/** Disposal records as they are sent and shown. */
import { z } from 'zod'
import type { planDisposals } from '../../db/schema/index.ts'
import type { Column } from '../../http/exports.ts'
import { Day, Id, Instant, someText, text, toInstant } from '../../http/schemas.ts'

const METHODS = ['clear', 'purge', 'destroy'] as const

export const DisposalWrite = z
  .strictObject({
    deviceId: Id,
    method: z.enum(METHODS).meta({ description: 'NIST SP 800-88: how data on it was made unreadable' }),
    disposedOn: Day,
    party: someText(200).meta({ description: 'who took it' }),
    partyCertification: z.enum(['R2', 'e-Stewards', 'none']).nullable().default(null),
    certificate: someText(200).nullable().default(null).meta({
      description: 'number or place of the certificate; needed for `destroy`',
    }),
    witness: someText(200).nullable().default(null),
    note: text(2000).nullable().default(null),
  })
  .refine((body) => body.method !== 'destroy' || body.certificate !== null, {
    message: 'is required for a destroyed device',
    path: ['certificate'],
  })
  .meta({ id: 'NewDisposal' })

export const Disposal = z
  .object({
    id: z.string(),
    planId: z.string(),
    deviceId: z.string(),
    device: z.object({
      assetTag: z.string().nullable(),
      serialNumber: z.string().nullable(),
      manufacturer: z.string().nullable(),
      model: z.string().nullable(),
    }),
    method: z.string(),
    disposedOn: z.string(),
    party: z.string(),
    partyCertification: z.string().nullable(),
    certificate: z.string().nullable(),
    witness: z.string().nullable(),
    keepUntil: z.string().meta({ description: 'first day on which the record may be thrown away' }),
    note: z.string().nullable(),
    createdAt: Instant,
    createdBy: z.string(),
  })
  .meta({ id: 'Disposal' })
export type Disposal = z.infer<typeof Disposal>

/** A record as it is shown. */
export function toDisposal(row: typeof planDisposals.$inferSelect): Disposal {
  const { jurisdictionId: _, device, ...rest } = row
  return { ...rest, device: device as Disposal['device'], createdAt: toInstant(row.createdAt) }
}

export const DISPOSAL_COLUMNS: readonly Column<Disposal>[] = [
  ...(
    [
      'id',
      'deviceId',
      'method',
      'disposedOn',
      'party',
      'partyCertification',
      'certificate',
      'witness',
      'keepUntil',
      'note',
    ] as const
  ).map((field) => ({ header: field, value: (one: Disposal) => one[field] })),
  { header: 'assetTag', value: (one) => one.device.assetTag },
  { header: 'serialNumber', value: (one) => one.device.serialNumber },
  { header: 'manufacturer', value: (one) => one.device.manufacturer },
  { header: 'model', value: (one) => one.device.model },
]
