/** Wire shapes of what is stored of a device. JSON-native types only. */
import { z } from 'zod'
import { Id, Instant } from '../http/schemas.ts'
import { STATUSES } from './choices.ts'
import { DEVICE_FIELDS } from './fields.ts'

type Fields = typeof DEVICE_FIELDS

/** What a client may set on a device, apart from where it stands and its status; statements have requests of their own. All optional: absent is unknown. */
const { siteId: _site, status: _status, statements: _statements, ...settable } = DEVICE_FIELDS
const writable = Object.fromEntries(
  Object.entries(settable).map(([name, { write }]) => [name, write.optional()]),
) as { [K in keyof typeof settable]: z.ZodOptional<Fields[K]['write']> }

export const DeviceWrite = z
  .strictObject({
    ...writable,
    jurisdictionId: Id.optional().meta({ description: 'operator keys only; other keys write to their own' }),
    siteId: Id.nullable().optional(),
    status: z.enum(STATUSES).optional().meta({ description: 'default active' }),
  })
  .meta({ id: 'NewDevice' })
export type DeviceWrite = z.infer<typeof DeviceWrite>

export const DeviceChange = z
  .strictObject({ ...writable, siteId: Id.nullable().optional(), status: z.enum(STATUSES).optional() })
  .meta({ id: 'DeviceChange', description: 'Fields to change; absent fields stay, null clears' })
export type DeviceChange = z.infer<typeof DeviceChange>

const answered = Object.fromEntries(
  Object.entries(DEVICE_FIELDS).map(([name, { read }]) => [name, read]),
) as { [K in keyof Fields]: Fields[K]['read'] }

/** The stored facts of a device, without what was found out about it. */
export const DeviceRecord = z
  .object({
    id: z.string(),
    jurisdictionId: z.string(),
    ...answered,
    version: z.int(),
    createdAt: Instant,
    updatedAt: Instant,
  })
  .meta({ id: 'DeviceRecord' })
export type DeviceRecord = z.infer<typeof DeviceRecord>
