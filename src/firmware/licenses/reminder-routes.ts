/** Reminders that licences give rise to: written with the licence, read as an outbox. */

import { and, eq, sql } from 'drizzle-orm'
import { z } from 'zod'
import type { Tx } from '../../db/database.ts'
import { licenceReminders } from '../../db/schema/index.ts'
import type { Licence } from '../../firmware-risk/licenses/license.ts'
import { licenceReminders as remindersOf } from '../../firmware-risk/licenses/reminders.ts'
import { linkNext } from '../../http/exports.ts'
import { after, decodeCursor, encodeCursor, orderBy, PageQuery, type SortKey } from '../../http/pages.ts'
import { problems } from '../../http/problems.ts'
import { Day, Id, Instant, pageOf, repeatable, toInstant } from '../../http/schemas.ts'
import type { App } from '../../http/services.ts'
import { dayIn } from '../../lib/calendar.ts'
import { OPERATOR_ID } from '../../lib/ids.ts'
import { loadJurisdiction } from '../../screening/context.ts'
import type { Services } from '../../screening/services.ts'
import { READERS, readScope } from '../../tenancy/auth.ts'
import { idOf, type Keeper, toKeeper } from '../owned-records.ts'

const ReminderShape = z
  .object({
    jurisdictionId: z.string().nullable(),
    licenseId: z.string(),
    authority: z.string(),
    number: z.string().nullable(),
    regime: z.string(),
    about: z.enum(['licence-end', 'report-due']),
    date: z.string().meta({ description: 'last day of cover, or the day the report is due' }),
    daysBefore: z.int(),
    sendOn: z.string(),
    sentAt: Instant.nullable(),
  })
  .meta({ id: 'LicenseReminder' })

export function reminderRoutes(app: App, { database, now }: Services): void {
  app.get(
    '/v1/reminders',
    {
      config: { roles: READERS, reads: 'reminders.read' },
      schema: {
        operationId: 'listReminders',
        tags: ['firmware'],
        summary: 'Reminders 90, 30 and 7 days before a licence ends or a report is due',
        security: [{ apiKey: [] }],
        querystring: z.strictObject({
          ...PageQuery,
          jurisdictionId: repeatable(Id),
          dueBy: Day.optional().meta({
            description:
              'to be sent on or before this day; default today, in the time zone of the jurisdiction',
          }),
          about: repeatable(z.enum(['licence-end', 'report-due'])),
          sent: z.stringbool().optional(),
        }),
        response: { 200: pageOf('ReminderPage', ReminderShape), ...problems('unauthenticated') },
      },
    },
    async (request, reply) => {
      const { limit, cursor, ...question } = request.query
      const { jurisdictionId, about, sent } = question
      // What everybody has is due by the day of the authority that gave it.
      const today = sql`(${now().toISOString()}::timestamptz at time zone coalesce(j.timezone, l.doc #>> '{window,timezone}'))::date`
      const dueBy = question.dueBy === undefined ? today : sql`${question.dueBy}::date`
      const scope = readScope(request.principal, jurisdictionId)
      const order: readonly SortKey[] = (
        [
          ['sendOn', sql`r.send_on`, 'date'],
          ['jurisdictionId', sql`r.jurisdiction_id`, 'uuid'],
          ['licenceId', sql`r.licence_id`, 'uuid'],
          ['about', sql`r.about collate "C"`, 'text'],
          ['date', sql`r.date`, 'date'],
          ['daysBefore', sql`r.days_before`, 'smallint'],
        ] as const
      ).map(([field, column, type]) => ({ field, column, type, descending: false, nullable: false }))
      const page = await database.acrossJurisdictions(scope, async (tx) => {
        const conditions = [
          sql`r.send_on <= ${dueBy}`,
          ...(about.length > 0 ? [sql`r.about = any (${sql.param(about)}::text[])`] : []),
          ...(sent === undefined ? [] : [sent ? sql`r.sent_at is not null` : sql`r.sent_at is null`]),
          ...(jurisdictionId.length > 0 ? [sql`r.jurisdiction_id <> ${OPERATOR_ID}::uuid`] : []),
          ...(cursor === undefined ? [] : [after(order, decodeCursor(cursor, question, order))]),
        ]
        const { rows } = await tx.execute<{
          jurisdictionId: string
          licenseId: string
          doc: Licence
          about: z.infer<typeof ReminderShape>['about']
          date: string
          daysBefore: number
          sendOn: string
          sentAt: string | null
        }>(sql`
          select r.jurisdiction_id::text as "jurisdictionId", r.licence_id::text as "licenseId", l.doc, r.about,
            r.date::text as date, r.days_before as "daysBefore", r.send_on::text as "sendOn", r.sent_at::text as "sentAt"
          from licence_reminders r
          join licences l on l.jurisdiction_id = r.jurisdiction_id and l.id = r.licence_id
          left join jurisdictions j on j.id = r.jurisdiction_id
          where ${sql.join(conditions, sql` and `)} order by ${orderBy(order)} limit ${limit + 1}`)
        const last = rows[limit - 1]
        return {
          items: rows.slice(0, limit).map(({ doc, ...row }) => ({
            ...row,
            jurisdictionId: toKeeper(row.jurisdictionId),
            authority: doc.authority,
            number: doc.number,
            regime: doc.regime,
            sentAt: row.sentAt === null ? null : toInstant(row.sentAt),
          })),
          nextCursor:
            rows.length > limit && last
              ? encodeCursor(
                  [last.sendOn, last.jurisdictionId, last.licenseId, last.about, last.date, last.daysBefore],
                  question,
                )
              : null,
        }
      })
      linkNext(request, reply, page.nextCursor)
      return page
    },
  )
}

/** Write the reminders that are still ahead; those already sent stay as they are. */
export async function writeReminders(tx: Tx, keeper: Keeper, licence: Licence, now: Date): Promise<void> {
  const mine = and(
    eq(licenceReminders.jurisdictionId, idOf(keeper)),
    eq(licenceReminders.licenceId, licence.id),
  )
  await tx.delete(licenceReminders).where(and(mine, sql`sent_at is null`))
  const timezone = keeper === null ? licence.window.timezone : (await loadJurisdiction(tx, keeper)).timezone
  const today = dayIn(now, timezone)
  const rows =
    licence.status === 'active' ? remindersOf(licence, timezone).filter(({ date }) => date >= today) : []
  if (rows.length === 0) return
  await tx
    .insert(licenceReminders)
    .values(
      rows.map(({ about, date, daysBefore, on }) => ({
        jurisdictionId: idOf(keeper),
        licenceId: licence.id,
        about,
        date,
        daysBefore,
        sendOn: on,
      })),
    )
    .onConflictDoNothing()
}
