/** Statements on who made a device, as they are sent and shown. */
import { z } from 'zod'
import type { makerStatements } from '../../db/schema/index.ts'
import { STATEMENT_BASES, STATEMENT_SCOPES } from '../../device/statement.ts'
import type { Column } from '../../http/exports.ts'
import { Day, Id, Instant, nameText, pageOf, someText, text, toInstant } from '../../http/schemas.ts'

const Person = nameText(200).meta({
  description: 'name of the person; the label of the key is kept beside it',
})

const wish = {
  maker: someText(100).nullable().meta({
    description: 'who built it, by catalog id (`GET /v1/manufacturers?q=`); null: it cannot be found out',
  }),
  basis: z.enum(STATEMENT_BASES).meta({ description: 'what it rests on' }),
  by: Person,
  statedOn: Day.optional().meta({ description: 'today, unless it was seen earlier' }),
  note: text(2000)
    .nullable()
    .default(null)
    .meta({ description: 'required when the maker cannot be found out' }),
}

const saysWhatWasTried = ({ maker, note }: { maker: string | null; note: string | null }) =>
  maker !== null || (note !== null && note !== '')
const NOTE_MISSING = {
  message: 'is required when the maker cannot be found out: say what was tried',
  path: ['note'],
}

export const StatementWrite = z
  .strictObject({
    ...wish,
    scope: z.enum(STATEMENT_SCOPES).default('device').meta({
      description:
        '`model`: of all devices of the city with this name and model, also those that come later, for as long as nothing else speaks for another maker',
    }),
  })
  .refine(saysWhatWasTried, NOTE_MISSING)
  .meta({ id: 'NewStatement' })
export type StatementWrite = z.output<typeof StatementWrite>

export const Confirmation = z.strictObject({ by: Person }).meta({ id: 'StatementConfirmation' })
export const Withdrawal = z
  .strictObject({ by: Person, reason: someText(2000) })
  .meta({ id: 'StatementWithdrawal' })

const CITY = Id.optional().meta({ description: 'operator keys only; other keys write to their own' })

/** Of all devices of a group of `/v1/reviews`. */
export const GroupStatement = z
  .strictObject({ jurisdictionId: CITY, ...wish })
  .refine(saysWhatWasTried, NOTE_MISSING)
  .meta({ id: 'GroupStatement' })

export const StatementsMade = z
  .object({
    id: z.string().meta({ description: 'of the group' }),
    devices: z.int().meta({ description: 'devices that carry it now' }),
    statements: z.array(z.string()).meta({
      description:
        'one where the devices share name and model, else one for each; `POST /v1/statements/withdrawals` takes them back',
    }),
  })
  .meta({ id: 'StatementsMade' })
export type StatementsMade = z.infer<typeof StatementsMade>

export const WithdrawMany = z
  .strictObject({
    jurisdictionId: CITY,
    ids: z.array(Id).min(1).max(5_000),
    by: Person,
    reason: someText(2000),
  })
  .meta({ id: 'StatementWithdrawals' })
export const StatementsWithdrawn = z
  .object({
    withdrawn: z.int(),
    devices: z.int().meta({ description: 'devices whose answers rest on them no more' }),
  })
  .meta({ id: 'StatementsWithdrawn' })
export type StatementsWithdrawn = z.infer<typeof StatementsWithdrawn>

const Signature = z.object({ by: z.string(), keyLabel: z.string(), at: Instant })

const shape = {
  id: z.string(),
  jurisdictionId: z.string(),
  deviceId: z.string().meta({ description: 'the device it was stated of, or by the example of' }),
  scope: z.enum(STATEMENT_SCOPES),
  manufacturer: z.string().nullable().meta({ description: 'as the device declared it then' }),
  model: z.string().nullable(),
  serialNumber: z.string().nullable(),
  macAddress: z.string().nullable(),
  maker: z.string().nullable(),
  basis: z.enum(STATEMENT_BASES),
  note: z.string().nullable(),
  statedOn: z.string(),
  statedBy: z.string(),
  keyLabel: z.string(),
  spokenFor: z.array(z.string()).meta({
    description: 'makers that other evidence pointed to then; when others come, the statement falls',
  }),
  confirmed: Signature.nullable(),
  withdrawn: Signature.extend({ reason: z.string() }).nullable(),
  version: z.int(),
  createdAt: Instant,
  updatedAt: Instant,
}

export const Statement = z.object(shape).meta({ id: 'Statement' })
export type Statement = z.infer<typeof Statement>

export const StatementPage = pageOf('StatementPage', Statement)

const EFFECTS = ['settles', 'noted', 'needs-second-person', 'contradicted', 'fell', 'withdrawn'] as const

export const StatementEffect = z
  .object({
    ...shape,
    effect: z.enum(EFFECTS).meta({
      description:
        'on the device it was stated of: `settles`, its maker is what is stated; `noted`, it cannot be found out and answers stay as they are; `needs-second-person`, a restricted maker stands against it; `contradicted`, another statement names somebody else; `fell`, facts have changed since',
    }),
    devices: z.int().meta({ description: 'devices that carry it' }),
  })
  .meta({ id: 'StatementEffect' })
export type StatementEffect = z.infer<typeof StatementEffect>

export function toStatement(row: typeof makerStatements.$inferSelect): Statement {
  const confirmed =
    row.confirmedAt === null
      ? null
      : { by: row.confirmedBy!, keyLabel: row.confirmedKeyLabel!, at: toInstant(row.confirmedAt) }
  const withdrawn =
    row.withdrawnAt === null
      ? null
      : {
          by: row.withdrawnBy!,
          keyLabel: row.withdrawnKeyLabel!,
          at: toInstant(row.withdrawnAt),
          reason: row.withdrawnReason!,
        }
  return {
    id: row.id,
    jurisdictionId: row.jurisdictionId,
    deviceId: row.deviceId,
    scope: row.scope as Statement['scope'],
    manufacturer: row.manufacturer,
    model: row.model,
    serialNumber: row.serialNumber,
    macAddress: row.macAddress,
    maker: row.makerId,
    basis: row.basis as Statement['basis'],
    note: row.note,
    statedOn: row.statedOn,
    statedBy: row.statedBy,
    keyLabel: row.keyLabel,
    spokenFor: row.spokenFor,
    confirmed,
    withdrawn,
    version: row.version,
    createdAt: toInstant(row.createdAt),
    updatedAt: toInstant(row.updatedAt),
  }
}

export const STATEMENT_COLUMNS: readonly Column<Omit<Statement, 'spokenFor'>>[] = [
  ...(
    [
      'id',
      'deviceId',
      'scope',
      'manufacturer',
      'model',
      'maker',
      'basis',
      'note',
      'statedOn',
      'statedBy',
      'keyLabel',
    ] as const
  ).map((field) => ({ header: field, value: (one: Omit<Statement, 'spokenFor'>) => one[field] })),
  { header: 'confirmedBy', value: ({ confirmed }) => confirmed?.by },
  { header: 'withdrawnBy', value: ({ withdrawn }) => withdrawn?.by },
  { header: 'withdrawnReason', value: ({ withdrawn }) => withdrawn?.reason },
]
