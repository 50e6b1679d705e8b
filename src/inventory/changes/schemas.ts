/** Changes of many devices, as they are sent and answered. */
import { z } from 'zod'
import { ACTIVITIES } from '../../catalogue/outcomes.ts'
import { DeviceChange } from '../../device/schemas.ts'
import { Id } from '../../http/schemas.ts'
import { Activity, Outcome } from '../../screening/schemas.ts'
import { DeviceFilterBody } from '../queries/device-filter.ts'

/** So many devices are changed in one transaction. */
export const MOST_DEVICES = 10_000

/** What only one device can have is changed one by one. */
const ManyChange = DeviceChange.omit({ assetTag: true, serialNumber: true, macAddress: true })

export const ChangeManyWrite = z
  .strictObject({
    jurisdictionId: Id.optional().meta({ description: 'operator keys only; other keys write to their own' }),
    ids: z.array(Id).min(1).max(MOST_DEVICES).optional(),
    filter: DeviceFilterBody.optional(),
    change: ManyChange.refine((change) => Object.keys(change).length > 0, 'must name a field'),
    expected: z
      .strictObject({ count: z.int().min(0), digest: z.string().max(100) })
      .optional()
      .meta({ description: 'what the dry run counted; required unless it is one' }),
    dryRun: z.boolean().default(false),
  })
  .refine(({ ids, filter }) => (ids === undefined) !== (filter === undefined), {
    message: 'is needed, or else filter',
    path: ['ids'],
  })
  .refine(({ expected, dryRun }) => dryRun || expected !== undefined, {
    message: 'is required: try it with dryRun first, and send its count and digest',
    path: ['expected'],
  })
  .meta({ id: 'ChangeOfMany' })
export type ChangeManyWrite = z.output<typeof ChangeManyWrite>

const Result = z.object({
  id: z.string(),
  assetTag: z.string().nullable(),
  result: z
    .enum(['changed', 'unchanged', 'unknown'])
    .meta({ description: '`unknown`: no device of the city' }),
  changed: z.array(z.string()),
})

export const ChangedMany = z
  .object({
    dryRun: z.boolean(),
    count: z.int().meta({ description: 'devices that the filter or the ids name' }),
    digest: z.string().meta({ description: 'stands for these devices in these versions' }),
    changed: z.int(),
    unchanged: z.int(),
    unknown: z.int(),
    answers: z
      .array(z.object({ activity: z.enum(ACTIVITIES), from: Outcome, to: Outcome, devices: z.int() }))
      .meta({ description: 'how many devices go from which worst answer to which' }),
    findings: z
      .array(z.object({ regime: z.string(), activity: Activity, appear: z.int(), disappear: z.int() }))
      .meta({ description: 'devices on which a finding of the regime appears or disappears' }),
    items: z.array(Result),
  })
  .meta({ id: 'ChangedMany' })
export type ChangedMany = z.infer<typeof ChangedMany>
