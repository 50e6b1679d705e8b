/** Plans as they are sent and shown. */
import { z } from 'zod'
import type { Column } from '../../http/exports.ts'
import type { Fields } from '../../http/fields.ts'
import { Id, Instant, someText, text, toInstant } from '../../http/schemas.ts'
import { stringifier } from '../../http/serialize.ts'
import { DeviceFilterQuery, filterObject } from '../../inventory/queries/device-filter.ts'
import type { ApprovalRow } from '../approvals/baselines.ts'
import { PlanSettings, PlanSettingsWrite } from '../settings.ts'
import { PLAN_STATUSES, type PlanRow } from './plans.ts'

export const planFields = {
  name: someText(200),
  description: text(4000).nullable(),
  projectNumber: someText(100).nullable().meta({ description: "the city's own number" }),
  status: z.enum(PLAN_STATUSES),
}

export const PlanWrite = z
  .strictObject({
    jurisdictionId: Id.optional(),
    name: planFields.name,
    description: planFields.description.default(null),
    projectNumber: planFields.projectNumber.default(null),
    status: planFields.status.default('draft'),
    settings: PlanSettingsWrite.default({}),
  })
  .meta({ id: 'NewPlan' })

export const PlanChange = z
  .strictObject({ ...planFields, settings: PlanSettingsWrite })
  .partial()
  .meta({ id: 'PlanChange', description: 'Fields to change; settings that are absent stay' })

export const PlanCopy = z
  .strictObject({
    name: planFields.name,
    description: planFields.description.optional().meta({ description: 'default: that of the plan' }),
    projectNumber: planFields.projectNumber.optional(),
    settings: PlanSettingsWrite.default({}).meta({ description: 'settings that the copy has otherwise' }),
  })
  .meta({ id: 'PlanCopy' })

export const Plan = z
  .object({
    id: z.string(),
    jurisdictionId: z.string(),
    ...planFields,
    revision: z.int().meta({ description: 'goes up with everything that changes a figure' }),
    devices: z.int(),
    approval: z
      .object({
        id: z.string(),
        scheduleId: z.string(),
        revision: z.int(),
        requestCents: z.int(),
        approvedBy: z.string(),
        approvedOn: z.string(),
        reference: z.string().nullable(),
      })
      .nullable()
      .meta({ description: 'the baseline: what was approved last; null before anything is' }),
    changedSinceApproval: z.boolean().meta({
      description: 'it has another revision by now than the one that was approved',
    }),
    settings: PlanSettings,
    version: z.int(),
    createdAt: Instant,
    updatedAt: Instant,
  })
  .meta({ id: 'Plan' })
export type Plan = z.infer<typeof Plan>

export const PLAN_FIELDS: Fields<keyof Plan> = {
  known: Object.keys(Plan.shape) as (keyof Plan)[],
  listed: (Object.keys(Plan.shape) as (keyof Plan)[]).filter((field) => field !== 'settings'),
}

export const ListedPlan = Plan.partial()
  .extend({ id: z.string() })
  .meta({ id: 'ListedPlan', description: 'A plan as lists show it; `settings` with `include=settings`' })
export const writePlan = stringifier(ListedPlan)

export const Revision = z
  .object({
    revision: z.int(),
    change: z.string(),
    devices: z.int(),
    createdAt: Instant,
    createdBy: z.string(),
    settings: PlanSettings,
    estimates: z.array(
      z.object({
        id: z.string(),
        createdAt: Instant,
        inputsDigest: z.string(),
        pointCents: z.int(),
        atConfidenceCents: z.int(),
      }),
    ),
    schedules: z.array(
      z.object({ id: z.string(), createdAt: Instant, isFeasible: z.boolean(), nominalCents: z.int() }),
    ),
  })
  .meta({ id: 'PlanRevision' })

export const writeRevision = stringifier(Revision)

const { jurisdictionId: _j, state: _s, ...deviceFilter } = DeviceFilterQuery

/** The filters of `GET /v1/devices` within one city. */
export { deviceFilter }

const PlanFilter = filterObject({
  ...deviceFilter,
  needsReview: z.boolean().optional(),
  hasFindings: z.boolean().optional(),
}).meta({
  id: 'DeviceFilter',
  description: 'The filters of `GET /v1/devices`; `{}` is every device of the city',
})

export const PlanDevicesWrite = z
  .strictObject({
    deviceIds: z.array(Id).min(1).max(10_000).optional(),
    filter: PlanFilter.optional(),
    scope: z.enum(['like-for-like', 'betterment']).optional().meta({
      description: 'betterment is more than comparable equipment, which many programs do not pay for',
    }),
    costCode: someText(60).nullable().optional().meta({
      description: 'price of the new device; default found from class, model and name',
    }),
    mount: z
      .enum(['building', 'pole'])
      .optional()
      .meta({ description: 'default: traffic and plates on poles' }),
    candidateId: Id.nullable().optional(),
    legalHold: z.boolean().optional().meta({ description: 'evidence on it has to be kept: no disposal' }),
    legalHoldReason: someText(500).nullable().optional(),
  })
  .refine((body) => (body.deviceIds === undefined) !== (body.filter === undefined), {
    message: 'name either deviceIds or filter',
    path: ['filter'],
  })
  .meta({ id: 'PlanDevicesWrite' })

export const PlanDevicesChanged = z
  .object({ added: z.int(), changed: z.int(), devices: z.int(), revision: z.int() })
  .meta({ id: 'PlanDevicesChanged' })

export const PlanDevice = z
  .object({
    deviceId: z.string(),
    assetTag: z.string().nullable(),
    manufacturer: z.string().nullable(),
    model: z.string().nullable(),
    deviceClass: z.string().nullable(),
    siteId: z.string().nullable(),
    site: z.string().nullable(),
    status: z.string(),
    restriction: z.string().meta({ description: 'worst outcome that bears on keeping it' }),
    rules: z.array(z.string()).meta({ description: 'rules that it is restricted by' }),
    citations: z.array(z.string()).meta({ description: 'where they are written' }),
    lawAsOf: z.string().meta({ description: 'the day whose law it is' }),
    listsReadOn: z.string().meta({ description: 'when the lists behind it were last read' }),
    scope: z.string(),
    costCode: z.string().nullable().meta({ description: 'null: nothing prices it, and it is in no figure' }),
    mount: z.string(),
    candidateId: z.string().nullable(),
    legalHold: z.boolean(),
    legalHoldReason: z.string().nullable(),
    disposedOn: z.string().nullable(),
  })
  .meta({ id: 'PlanDevice' })
export type PlanDevice = z.infer<typeof PlanDevice>

type PlanDeviceRow = Omit<PlanDevice, 'rules' | 'citations'> &
  Readonly<Record<'rules' | 'citations', readonly string[]>>

export const DEVICE_COLUMNS: readonly Column<PlanDeviceRow>[] = (
  Object.keys(PlanDevice.shape) as (keyof PlanDevice)[]
).map((field) => ({
  header: field,
  value: ({ [field]: value }: PlanDeviceRow) =>
    typeof value === 'object' && value !== null ? value.join('; ') : value,
}))

export const PLAN_COLUMNS: readonly Column<Plan>[] = (
  [
    'id',
    'jurisdictionId',
    'name',
    'projectNumber',
    'status',
    'revision',
    'devices',
    'createdAt',
    'updatedAt',
  ] as const
)
  .map((field): Column<Plan> => ({ header: field, value: (plan) => plan[field] }))
  .concat([
    { header: 'approvedOn', value: ({ approval }) => approval?.approvedOn ?? null },
    { header: 'approvedBy', value: ({ approval }) => approval?.approvedBy ?? null },
    { header: 'approvedRequestCents', value: ({ approval }) => approval?.requestCents ?? null },
    { header: 'changedSinceApproval', value: ({ changedSinceApproval }) => changedSinceApproval },
  ])

/** A plan as it is shown. */
export function toPlan(row: PlanRow, devices: number, approval: ApprovalRow | null): Plan {
  return {
    id: row.id,
    jurisdictionId: row.jurisdictionId,
    name: row.name,
    description: row.description,
    projectNumber: row.projectNumber,
    status: row.status as Plan['status'],
    revision: row.revision,
    devices,
    approval:
      approval === null
        ? null
        : {
            id: approval.id,
            scheduleId: approval.scheduleId,
            revision: approval.revision,
            requestCents: approval.requestCents,
            approvedBy: approval.approvedBy,
            approvedOn: approval.approvedOn,
            reference: approval.reference,
          },
    changedSinceApproval: approval !== null && approval.revision !== row.revision,
    settings: row.settings as PlanSettings,
    version: row.version,
    createdAt: toInstant(row.createdAt),
    updatedAt: toInstant(row.updatedAt),
  }
}
