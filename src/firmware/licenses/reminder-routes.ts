/** `/v1/reminders`: what licenses give rise to, as an outbox. */

import { z } from 'zod'
import { Day, Id, Instant, pageOf, repeatable } from '../../http/schemas.ts'
import type { App, HttpServices } from '../../http/services.ts'
import { READERS } from '../../tenancy/auth.ts'
import { listInScope } from '../../tenancy/list-in-scope.ts'
import { reminderPage } from './reminders.ts'

const ReminderShape = z
  .object({
    jurisdictionId: z.string().nullable(),
    licenseId: z.string(),
    authority: z.string(),
    number: z.string().nullable(),
    regime: z.string(),
    about: z.enum(['license-end', 'report-due']),
    date: z.string().meta({ description: 'last day of cover, or the day the report is due' }),
    daysBefore: z.int(),
    sendOn: z.string(),
    sentAt: Instant.nullable(),
  })
  .meta({ id: 'LicenseReminder' })

export function reminderRoutes(app: App, services: HttpServices): void {
  listInScope(app, services, {
    url: '/v1/reminders',
    operationId: 'listReminders',
    tag: 'firmware',
    summary: 'Reminders 90, 30 and 7 days before a license ends or a report is due',
    config: { roles: READERS, reads: 'reminders.read' },
    query: {
      jurisdictionId: repeatable(Id),
      dueBy: Day.optional().meta({
        description: 'to be sent on or before this day; default today, in the time zone of the jurisdiction',
      }),
      about: repeatable(z.enum(['license-end', 'report-due'])),
      sent: z.stringbool().optional(),
    },
    response: pageOf('ReminderPage', ReminderShape),
    page: (tx, { question }, page) => reminderPage(tx, question, page, services.now()),
  })
}
