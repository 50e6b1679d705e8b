/** Statements of a city that stand, and what a device carries of them. */
import { and, eq, isNull, or } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'
import { makerStatements } from '../db/schema/index.ts'
import type { DeviceFields } from '../device/blank.ts'
import { type MakerStatement, type StatementBasis, statementsText } from '../device/statement.ts'
import { isModelNumber, tidy } from '../identification/declared.ts'
import { put } from '../lib/multimap.ts'

type Row = typeof makerStatements.$inferSelect
type Named = Pick<DeviceFields, 'manufacturer' | 'model'>

/** Letters and digits in one form and one case: `DS-2CD2042WD-I` and `ds 2cd2042wd i` are the same model. */
function folded(text: string | null): string {
  return tidy(text)
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '')
}

/** What devices of one name and model have in common; null where no model number tells one model from another. */
export function subjectOf({ manufacturer, model }: Named): string | null {
  return tidy(model).split(' ').some(isModelNumber) ? `${folded(manufacturer)}|${folded(model)}` : null
}

export interface Standing {
  /** The fields with the statements that such a device is to carry; the same object when it carries them already. */
  on(deviceId: string | null, fields: DeviceFields): DeviceFields
}

export function standingOf(rows: readonly Row[]): Standing {
  const byDevice = new Map<string, Row[]>()
  const bySubject = new Map<string, Row[]>()
  for (const row of rows) {
    if (row.subject === null) put(byDevice, row.deviceId, row)
    else put(bySubject, row.subject, row)
  }
  return {
    on(deviceId, fields) {
      if (rows.length === 0 && fields.statements === null) return fields
      const subject = bySubject.size === 0 ? null : subjectOf(fields)
      const carried = [
        ...(deviceId === null ? [] : (byDevice.get(deviceId) ?? [])),
        ...(subject === null ? [] : (bySubject.get(subject) ?? [])),
      ].map((row) => onDevice(row, fields))
      if (statementsText(carried) === statementsText(fields.statements)) return fields
      return { ...fields, statements: carried.length === 0 ? null : carried }
    },
  }
}

function onDevice(row: Row, fields: DeviceFields): MakerStatement {
  return {
    id: row.id,
    scope: row.scope as MakerStatement['scope'],
    maker: row.makerId,
    basis: row.basis as StatementBasis,
    by: signed(row.statedBy, row.keyLabel),
    statedOn: row.statedOn,
    confirmedBy: row.confirmedBy === null ? null : signed(row.confirmedBy, row.confirmedKeyLabel!),
    spokenFor: row.spokenFor,
    fell: row.scope === 'device' ? otherThan(row, fields) : null,
  }
}

const signed = (name: string, keyLabel: string) => (name === keyLabel ? name : `${name} (${keyLabel})`)

const TELLING = {
  manufacturer: 'name',
  model: 'model',
  serialNumber: 'serial number',
  macAddress: 'MAC address',
} as const

/** Why a device is not what the statement was made of: something that it said of itself is something else now. */
function otherThan(row: Row, fields: DeviceFields): string | null {
  for (const [field, what] of Object.entries(TELLING) as [keyof typeof TELLING, string][]) {
    const [was, is] = [row[field], fields[field]]
    if (folded(was) === '' || folded(was) === folded(is)) continue
    return `the ${what} was ${was} then and is ${is ?? 'not known'} now`
  }
  return null
}

/** All that stand in a city. */
export async function allStanding(tx: Tx, jurisdictionId: string): Promise<Standing> {
  const where = and(eq(makerStatements.jurisdictionId, jurisdictionId), isNull(makerStatements.withdrawnAt))
  return standingOf(await tx.select().from(makerStatements).where(where).orderBy(makerStatements.id))
}

/** Those that one device may carry; null as id for one that is new. */
export async function standingFor(
  tx: Tx,
  jurisdictionId: string,
  deviceId: string | null,
  fields: DeviceFields,
): Promise<Standing> {
  const subject = subjectOf(fields)
  const about = or(
    deviceId === null
      ? undefined
      : and(eq(makerStatements.scope, 'device'), eq(makerStatements.deviceId, deviceId)),
    subject === null ? undefined : eq(makerStatements.subject, subject),
  )
  if (about === undefined) return standingOf([])
  const where = and(
    eq(makerStatements.jurisdictionId, jurisdictionId),
    isNull(makerStatements.withdrawnAt),
    about,
  )
  return standingOf(await tx.select().from(makerStatements).where(where).orderBy(makerStatements.id))
}
