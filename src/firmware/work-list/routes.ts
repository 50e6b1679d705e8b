/** The work list, the same by site, and what to obtain before updates stop. */

import { z } from 'zod'
import { DEVICE_CLASSES } from '../../device/choices.ts'
import { WORK_QUEUES } from '../../firmware-risk/risk.ts'
import {
  Band,
  FirmwareRiskShape,
  Level,
  OutlookShape,
  PatchShape,
  PatchWord,
  PossibleVulnerabilityShape,
  Queue,
  RiskFix,
  Urgency,
} from '../../firmware-risk/schemas.ts'
import type { Column } from '../../http/exports.ts'
import { chosenFields, fieldsQuery } from '../../http/fields.ts'
import { textListRoute, wholeListRoute } from '../../http/list-route.ts'
import { Day, Id, pageOf, repeatable, State, someText } from '../../http/schemas.ts'
import type { App } from '../../http/services.ts'
import { assertKnown } from '../../screening/known-ids.ts'
import { lawOfCities } from '../../screening/law-columns.ts'
import type { Services } from '../../screening/services.ts'
import { READERS } from '../../tenancy/auth.ts'
import { listInScope, scopeOf } from '../../tenancy/list-in-scope.ts'
import { TreatmentInShort, treatmentInWords } from '../treatments/in-force.ts'
import {
  type DeadlineItem,
  deadlines,
  type SiteWork,
  sitePage,
  WORK_FIELDS,
  type WorkItem,
  workPage,
} from './queries.ts'

export const FilterQuery = {
  jurisdictionId: repeatable(Id),
  state: repeatable(State),
  siteId: repeatable(Id),
  maker: repeatable(someText(100)),
  brand: repeatable(someText(100)),
  model: repeatable(someText(200)).meta({ description: 'as declared, letter case ignored' }),
  deviceClass: repeatable(z.enum(DEVICE_CLASSES)),
  level: repeatable(Level),
  band: repeatable(Band),
  urgency: repeatable(Urgency),
  queue: repeatable(Queue).meta({ description: 'without it, every queue but `none`' }),
  vulnerability: repeatable(someText(100)).meta({
    description: 'open on the device, such as CVE-2021-36260',
  }),
  patch: repeatable(PatchWord),
  outlook: repeatable(OutlookShape),
  needsReview: z.stringbool().optional(),
  minScore: z.coerce.number().int().min(0).max(100).optional(),
  dueBy: Day.optional().meta({ description: 'an action is due on or before this day' }),
  cutOffBy: Day.optional().meta({ description: 'updates stop on or before this day' }),
  treated: z.stringbool().optional().meta({
    description: 'whether all that is open on the device has a verified control or an accepted risk today',
  }),
}

export const WorkItemShape = z
  .object({
    deviceId: z.string(),
    jurisdictionId: z.string(),
    assetTag: z.string().nullable(),
    name: z.string().nullable(),
    siteId: z.string().nullable(),
    siteName: z.string().nullable(),
    manufacturer: z.string().nullable(),
    model: z.string().nullable(),
    firmwareVersion: z.string().nullable(),
    maker: z.string().nullable(),
    brand: z.string().nullable(),
    level: Level,
    score: z.int(),
    band: Band,
    urgency: Urgency,
    needsReview: z.boolean(),
    queue: Queue,
    since: z.string(),
    cutOffOn: z.string().nullable(),
    dueOn: z.string().nullable(),
    action: z.string().meta({ description: 'what to do, most pressing first' }),
    channel: z.string().nullable().meta({ description: 'the channel to use' }),
    fix: RiskFix.nullable(),
    vulnerabilities: FirmwareRiskShape.shape.vulnerabilities,
    possibleVulnerabilities: z.array(PossibleVulnerabilityShape),
    missingFacts: z.array(z.string()),
    patch: PatchShape,
    outlook: OutlookShape,
    treatments: z
      .array(TreatmentInShort)
      .meta({ description: 'compensating controls and risk acceptances that count today' }),
  })
  .meta({ id: 'FirmwareWorkItem' })

export const ListedWorkItem = WorkItemShape.partial().extend({ deviceId: z.string() }).meta({
  id: 'ListedFirmwareWorkItem',
  description: 'What is there depends on `fields` and `include`; `deviceId` always is',
})

const SiteWorkShape = z
  .object({
    jurisdictionId: z.string(),
    siteId: z.string().nullable(),
    siteName: z.string().nullable(),
    devices: z.int(),
    queues: z.object(
      Object.fromEntries(WORK_QUEUES.map((queue) => [queue, z.int()])) as Record<
        (typeof WORK_QUEUES)[number],
        z.ZodInt
      >,
    ),
    firstDueOn: z.string().nullable(),
  })
  .meta({ id: 'FirmwareSiteWork' })

const DeadlineShape = z
  .object({
    jurisdictionId: z.string(),
    maker: z.string().nullable(),
    brand: z.string().nullable(),
    model: z.string().nullable(),
    devices: z.int(),
    cutOffOn: z.string(),
    saveBy: z.string(),
    channel: z.string().nullable(),
    installedVersions: z.array(z.string()),
    wanted: z
      .object({
        firmwareVersion: z.string(),
        channel: z.string().nullable(),
        publisher: z.string().nullable(),
        source: z.string(),
        isLawful: z.boolean().meta({ description: 'whether it may be had today' }),
        needs: z.array(z.string()).meta({ description: 'what taking it needs; empty when nothing' }),
      })
      .nullable(),
    heldImages: z.array(z.object({ id: z.string(), firmwareVersion: z.string(), isVerified: z.boolean() })),
    isMissing: z.boolean(),
  })
  .meta({ id: 'FirmwareDeadline', description: 'Images to obtain and hash for one model' })

export const FirmwareDeadlines = z
  .object({ items: z.array(DeadlineShape), devices: z.int(), nextCursor: z.null() })
  .meta({ id: 'FirmwareDeadlines' })

const WORK_COLUMNS: readonly Column<WorkItem>[] = [
  ...(
    [
      'queue',
      'urgency',
      'dueOn',
      'action',
      'channel',
      'assetTag',
      'name',
      'siteName',
      'manufacturer',
      'model',
      'firmwareVersion',
      'maker',
      'brand',
      'level',
      'score',
      'band',
      'needsReview',
      'cutOffOn',
      'since',
    ] as const
  ).map((field) => ({ header: field, value: (item: WorkItem) => item[field] })),
  { header: 'fixVersion', value: (item) => item.fix?.firmwareVersion },
  { header: 'fixFrom', value: (item) => item.fix?.from },
  { header: 'fixPublisher', value: (item) => item.fix?.publisher },
  { header: 'fixIsLawful', value: (item) => item.fix?.isLawful },
  { header: 'fixNeeds', value: (item) => item.fix?.needs.join(' ') },
  { header: 'vulnerabilities', value: (item) => item.vulnerabilities.map(({ id }) => id).join(' ') },
  {
    header: 'possibleVulnerabilities',
    value: (item) => item.possibleVulnerabilities.map(({ id }) => id).join(' '),
  },
  { header: 'missingFacts', value: (item) => item.missingFacts.join(' ') },
  { header: 'patch', value: (item) => item.patch.answer },
  { header: 'outlook', value: (item) => item.outlook },
  { header: 'treatments', value: (item) => item.treatments.map(treatmentInWords).join('; ') },
  { header: 'siteId', value: (item) => item.siteId },
  { header: 'deviceId', value: (item) => item.deviceId },
  { header: 'jurisdictionId', value: (item) => item.jurisdictionId },
]

/** The columns of a field. */
function workColumns(field: keyof WorkItem): readonly Column<WorkItem>[] {
  return WORK_COLUMNS.filter(({ header }) => (header.startsWith('fix') ? 'fix' : header) === field)
}

const SITE_COLUMNS: readonly Column<SiteWork>[] = [
  { header: 'siteName', value: (item) => item.siteName },
  { header: 'devices', value: (item) => item.devices },
  ...WORK_QUEUES.map((queue) => ({ header: queue, value: (item: SiteWork) => item.queues[queue] })),
  { header: 'firstDueOn', value: (item) => item.firstDueOn },
  { header: 'siteId', value: (item) => item.siteId },
  { header: 'jurisdictionId', value: (item) => item.jurisdictionId },
]

const DEADLINE_COLUMNS: readonly Column<DeadlineItem>[] = [
  ...(['saveBy', 'cutOffOn', 'maker', 'brand', 'model', 'devices', 'channel', 'isMissing'] as const).map(
    (field) => ({ header: field, value: (item: DeadlineItem) => item[field] }),
  ),
  { header: 'wantedVersion', value: (item) => item.wanted?.firmwareVersion },
  { header: 'wantedFrom', value: (item) => item.wanted?.source },
  { header: 'wantedNeeds', value: (item) => item.wanted?.needs.join(' ') },
  { header: 'installedVersions', value: (item) => item.installedVersions.join('; ') },
  { header: 'heldVersions', value: (item) => item.heldImages.map((one) => one.firmwareVersion).join('; ') },
  { header: 'jurisdictionId', value: (item) => item.jurisdictionId },
]

export function workRoutes(app: App, services: Services): void {
  workRoute(app, services)
  siteWorkRoute(app, services)
  deadlineRoute(app, services)
}

function workRoute(app: App, { database, knowledge, now }: Services): void {
  textListRoute(app, {
    url: '/v1/firmware-risks',
    operationId: 'listFirmwareRisks',
    tag: 'firmware',
    summary: 'Devices that need work on their firmware, in the order of work; CSV or NDJSON by `Accept`',
    description:
      'Exploited and unpatchable first, then patchable before a cut-off, then by queue, date and score. In each queue come last the devices of which all that is open has a verified control or an accepted risk today; `treatments` names them. By itself a list leaves out `brand`, `band`, `since`, `fix`, `missingFacts`, `patch` and `outlook`; `include=all` has them. CSV has every field, of vulnerabilities the ids; `fields` chooses its columns and their order.',
    config: { roles: READERS, reads: 'firmware-risks.read' },
    query: { ...FilterQuery, ...fieldsQuery(WORK_FIELDS) },
    response: pageOf('FirmwareWorkPage', ListedWorkItem),
    rows: {
      file: 'firmware-risks',
      columns: async (asked): Promise<readonly Column<WorkItem>[]> => {
        const { question } = asked
        if (question.fields !== undefined)
          return chosenFields(WORK_FIELDS, question).shown.flatMap(workColumns)
        return [
          ...WORK_COLUMNS,
          ...(await lawOfCities<WorkItem>(database, scopeOf(asked), now(), knowledge())),
        ]
      },
    },
    page: (asked) => {
      const { fields, include, ...question } = asked.question
      const { jurisdictionId: _, ...filter } = question
      const chosen = chosenFields(WORK_FIELDS, { fields, include })
      const shown = asked.format === 'csv' ? WORK_FIELDS.known : chosen.shown
      const known = knowledge()
      assertKnown(filter, known)
      const scope = scopeOf(asked)
      const instant = now()
      return (page) =>
        database.acrossJurisdictions(scope, (tx) =>
          workPage(tx, scope, { filter, ...page, question, shown }, known, instant),
        )
    },
  })
}

function siteWorkRoute(app: App, services: Services): void {
  const { database, knowledge, now } = services
  listInScope(app, services, {
    url: '/v1/firmware-risks/sites',
    operationId: 'listFirmwareRisksBySite',
    tag: 'firmware',
    summary: 'Counts of the work list per site, the most pressing site first; CSV or NDJSON by `Accept`',
    config: { roles: READERS, reads: 'firmware-risks.sites.read' },
    query: FilterQuery,
    response: pageOf('FirmwareSiteWorkPage', SiteWorkShape),
    rows: {
      file: 'firmware-risks-by-site',
      columns: async (asked) => [
        ...SITE_COLUMNS,
        ...(await lawOfCities<SiteWork>(database, scopeOf(asked), now(), knowledge())),
      ],
    },
    page: (tx, { scope, question: { jurisdictionId: _, ...filter } }, page) => {
      assertKnown(filter, knowledge())
      return sitePage(tx, scope, { filter, ...page }, now())
    },
  })
}

function deadlineRoute(app: App, { database, knowledge, now }: Services): void {
  wholeListRoute(app, {
    url: '/v1/firmware-risks/deadlines',
    operationId: 'listFirmwareDeadlines',
    tag: 'firmware',
    summary: 'Before the deadline: which images to obtain and hash, for how many devices; CSV by `Accept`',
    config: { roles: READERS, reads: 'firmware-deadlines.read' },
    query: {
      jurisdictionId: repeatable(Id),
      maker: repeatable(someText(100)),
      by: Day.optional().meta({ description: 'updates stop on or before this day' }),
      missing: z
        .stringbool()
        .optional()
        .meta({ description: 'only models of which no verified image is kept' }),
    },
    response: FirmwareDeadlines,
    rows: {
      file: 'firmware-deadlines',
      columns: async (asked) => [
        ...DEADLINE_COLUMNS,
        ...(await lawOfCities<DeadlineItem>(database, scopeOf(asked), now(), knowledge())),
      ],
    },
    read: async (asked) => {
      const { jurisdictionId: _, ...filter } = asked.question
      const known = knowledge()
      assertKnown(filter, known)
      const scope = scopeOf(asked)
      const items = await database.acrossJurisdictions(scope, (tx) =>
        deadlines(tx, scope, filter, known, now()),
      )
      return { items, devices: items.reduce((sum, item) => sum + item.devices, 0), nextCursor: null }
    },
  })
}
