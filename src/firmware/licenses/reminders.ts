/** Reminders that licenses give rise to: written with the license, read as an outbox. */
import { and, eq, sql } from 'drizzle-orm'
import type { Tx } from '../../db/database.ts'
import { licenseReminders } from '../../db/schema/index.ts'
import type { License } from '../../firmware-risk/licenses/license.ts'
import { licenseReminders as remindersOf } from '../../firmware-risk/licenses/reminders.ts'
import { orderBy, type PageAsked, type SortKey } from '../../http/pages.ts'
import { toInstant } from '../../http/schemas.ts'
import { cutPage, fromCursor } from '../../http/table-pages.ts'
import { dayIn } from '../../lib/calendar.ts'
import { loadJurisdiction } from '../../screening/context.ts'
import { idOf, type Owner, ownOnly, toOwner } from '../owned-records.ts'

const ORDER: readonly SortKey[] = (
  [
    ['sendOn', sql`r.send_on`, 'date'],
    ['jurisdictionId', sql`r.jurisdiction_id`, 'uuid'],
    ['licenseId', sql`r.license_id`, 'uuid'],
    ['about', sql`r.about collate "C"`, 'text'],
    ['date', sql`r.date`, 'date'],
    ['daysBefore', sql`r.days_before`, 'smallint'],
  ] as const
).map(([field, column, type]) => ({ field, column, type, descending: false, nullable: false }))

export interface ReminderFilter {
  readonly jurisdictionId: readonly string[]
  readonly dueBy?: string | undefined
  readonly about: readonly string[]
  readonly sent?: boolean | undefined
}

interface ReminderRow extends Record<string, unknown> {
  readonly jurisdictionId: string
  readonly licenseId: string
  readonly doc: License
  readonly about: 'license-end' | 'report-due'
  readonly date: string
  readonly daysBefore: number
  readonly sendOn: string
  readonly sentAt: string | null
}

export async function reminderPage(tx: Tx, filter: ReminderFilter, page: PageAsked, now: Date) {
  const { jurisdictionId, about, sent } = filter
  // What everybody has is due by the day of the authority that gave it.
  const today = sql`(${now.toISOString()}::timestamptz at time zone coalesce(j.timezone, l.doc #>> '{window,timezone}'))::date`
  const dueBy = filter.dueBy === undefined ? today : sql`${filter.dueBy}::date`
  const conditions = and(
    sql`r.send_on <= ${dueBy}`,
    about.length > 0 ? sql`r.about = any (${sql.param(about)}::text[])` : undefined,
    sent === undefined ? undefined : sent ? sql`r.sent_at is not null` : sql`r.sent_at is null`,
    ownOnly(jurisdictionId, sql`r.jurisdiction_id`),
    fromCursor(ORDER, page),
  )
  const { rows } = await tx.execute<ReminderRow>(sql`
    select r.jurisdiction_id::text as "jurisdictionId", r.license_id::text as "licenseId", l.doc, r.about,
      r.date::text as date, r.days_before as "daysBefore", r.send_on::text as "sendOn", r.sent_at::text as "sentAt"
    from license_reminders r
    join licenses l on l.jurisdiction_id = r.jurisdiction_id and l.id = r.license_id
    left join jurisdictions j on j.id = r.jurisdiction_id
    where ${conditions} order by ${orderBy(ORDER)} limit ${page.limit + 1}`)
  return cutPage(rows, ORDER, page, ({ doc, ...row }) => ({
    ...row,
    jurisdictionId: toOwner(row.jurisdictionId),
    authority: doc.authority,
    number: doc.number,
    regime: doc.regime,
    sentAt: row.sentAt === null ? null : toInstant(row.sentAt),
  }))
}

/** Write the reminders that are still ahead; those already sent stay as they are. */
export async function writeReminders(tx: Tx, owner: Owner, license: License, now: Date): Promise<void> {
  const mine = and(
    eq(licenseReminders.jurisdictionId, idOf(owner)),
    eq(licenseReminders.licenseId, license.id),
  )
  await tx.delete(licenseReminders).where(and(mine, sql`sent_at is null`))
  const timezone = owner === null ? license.window.timezone : (await loadJurisdiction(tx, owner)).timezone
  const today = dayIn(now, timezone)
  const rows =
    license.status === 'active' ? remindersOf(license, timezone).filter(({ date }) => date >= today) : []
  if (rows.length === 0) return
  await tx
    .insert(licenseReminders)
    .values(
      rows.map(({ about, date, daysBefore, on }) => ({
        jurisdictionId: idOf(owner),
        licenseId: license.id,
        about,
        date,
        daysBefore,
        sendOn: on,
      })),
    )
    .onConflictDoNothing()
}
