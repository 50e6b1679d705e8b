/** "Can I patch it?": one answer for a device, one list of them, and counts per vulnerability. */

import { z } from 'zod'
import { FirmwareRiskShape, PatchShape } from '../../firmware-risk/schemas.ts'
import type { Column } from '../../http/exports.ts'
import { wholeListRoute } from '../../http/list-route.ts'
import { problems } from '../../http/problems.ts'
import { Id, pageOf } from '../../http/schemas.ts'
import type { App } from '../../http/services.ts'
import { screenDevice } from '../../screening/device-reads.ts'
import { assertKnown } from '../../screening/known-ids.ts'
import { lawColumns, lawOfCities } from '../../screening/law-columns.ts'
import { orWhereItWent } from '../../screening/merged-devices.ts'
import type { Services } from '../../screening/services.ts'
import { READERS, readScope } from '../../tenancy/auth.ts'
import { cityDays } from '../../tenancy/city-days.ts'
import { listInScope, scopeOf } from '../../tenancy/list-in-scope.ts'
import { TreatmentInShort, treatmentsByDevice } from '../treatments/in-force.ts'
import { FilterQuery, WorkItemShape } from '../work-list/routes.ts'
import {
  PATCH_COLUMNS,
  PATCH_FIELDS,
  type PatchItem,
  patchPage,
  type VulnerabilityCount,
  vulnerabilityCounts,
} from './patches.ts'

export const PatchItemShape = WorkItemShape.pick(
  Object.fromEntries(PATCH_FIELDS.map((field) => [field, true])) as Record<
    (typeof PATCH_FIELDS)[number],
    true
  >,
).meta({ id: 'DevicePatchAnswer' })

const DevicePatch = z
  .object({
    deviceId: z.string(),
    asOf: z.string().meta({ description: 'the day of the answer, in the zone of the jurisdiction' }),
    level: FirmwareRiskShape.shape.level,
    outlook: FirmwareRiskShape.shape.outlook,
    ...PatchShape.shape,
    vulnerabilities: FirmwareRiskShape.shape.vulnerabilities,
    actions: FirmwareRiskShape.shape.actions,
    missingFacts: z.array(z.string()),
    treatments: z
      .array(TreatmentInShort)
      .meta({ description: 'compensating controls and risk acceptances that count today' }),
  })
  .meta({ id: 'OneDevicePatchAnswer' })

export const VulnerabilityCountShape = z
  .object({
    id: z.string(),
    isKnownExploited: z.boolean(),
    dueOn: z.string().nullable().meta({ description: 'CISA binds federal agencies; for a city a yardstick' }),
    epss: z.number().nullable().meta({ description: '0 to 1: the chance of exploitation within 30 days' }),
    ssvc: z.string().nullable().meta({ description: 'what CISA knows of exploitation: none, poc, active' }),
    devices: z.int(),
    fix: z
      .object({ yes: z.int(), no: z.int(), unknown: z.int() })
      .meta({ description: 'devices by whether a fix for it can be had today' }),
    underLicense: z.int().meta({ description: 'of those with a fix: only under a license' }),
  })
  .meta({ id: 'VulnerabilityCount' })

const COUNT_COLUMNS: readonly Column<VulnerabilityCount>[] = [
  { header: 'vulnerability', value: ({ id }) => id },
  { header: 'isKnownExploited', value: (one) => one.isKnownExploited },
  { header: 'dueOn', value: (one) => one.dueOn },
  { header: 'epss', value: ({ epss }) => epss },
  { header: 'ssvc', value: ({ ssvc }) => ssvc },
  { header: 'devices', value: (one) => one.devices },
  { header: 'fixYes', value: ({ fix }) => fix.yes },
  { header: 'fixNo', value: ({ fix }) => fix.no },
  { header: 'fixUnknown', value: ({ fix }) => fix.unknown },
  { header: 'underLicense', value: (one) => one.underLicense },
]

export function patchRoutes(app: App, services: Services): void {
  getPatchAnswerRoute(app, services)
  listPatchAnswersRoute(app, services)
  countPatchAnswersRoute(app, services)
}

function getPatchAnswerRoute(app: App, { database, knowledge, now }: Services): void {
  app.get(
    '/v1/devices/:id/patch-answer',
    {
      config: { roles: READERS, reads: 'device.patch-answer.read', readsOf: 'devices' },
      schema: {
        operationId: 'getPatchAnswer',
        tags: ['firmware'],
        summary: 'Can this device be patched? Yes or no, source, license, last lawful day and rule',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        querystring: z.strictObject({}),
        response: { 200: DevicePatch, ...problems('unauthenticated', 'not-found', 'device-merged') },
      },
    },
    async (request) => {
      const { id } = request.params
      const instant = now()
      const scope = readScope(request.principal)
      const { screening, asOf, treatments } = await orWhereItWent({ database }, request.principal, id, () =>
        database.acrossJurisdictions(scope, async (tx) => {
          const screened = await screenDevice(tx, id, knowledge(), instant)
          return { ...screened, treatments: (await treatmentsByDevice(tx, [id], instant)).get(id) ?? [] }
        }),
      )
      const { patch, level, outlook, vulnerabilities, actions, missingFacts } = screening.firmwareRisk
      return {
        deviceId: id,
        asOf,
        level,
        outlook,
        ...patch,
        vulnerabilities,
        actions,
        missingFacts,
        treatments,
      }
    },
  )
}

function listPatchAnswersRoute(app: App, services: Services): void {
  const { database, knowledge, now } = services
  listInScope(app, services, {
    url: '/v1/patch-answers',
    operationId: 'listPatchAnswers',
    tag: 'firmware',
    summary: 'Can each device be patched? JSON pages, CSV or NDJSON by `Accept`',
    description:
      'Every device that is in use or stored, in the order of work: yes, no or unknown, where the file comes from, the license it rests on, the last lawful day, the rule and its citation. `vulnerability` asks for the devices on which one is open.',
    config: { roles: READERS, reads: 'patch-answers.read' },
    query: FilterQuery,
    response: pageOf('PatchAnswerPage', PatchItemShape),
    rows: {
      file: 'patch-answers',
      columns: async (asked) => [
        ...PATCH_COLUMNS,
        ...(await lawOfCities<PatchItem>(database, scopeOf(asked), now(), knowledge())),
      ],
    },
    page: (tx, { scope, question: { jurisdictionId: _, ...filter } }, page) => {
      const known = knowledge()
      assertKnown(filter, known)
      return patchPage(tx, scope, { filter, ...page }, known, now())
    },
  })
}

function countPatchAnswersRoute(app: App, { database, knowledge, now }: Services): void {
  wholeListRoute(app, {
    url: '/v1/patch-answers/vulnerabilities',
    operationId: 'countPatchAnswers',
    tag: 'firmware',
    summary: 'Open vulnerabilities with the devices that have them and can be fixed; CSV by `Accept`',
    description:
      'Exploited ones first, then by how likely exploitation is (SSVC, EPSS), then by devices. Counts are those of the last evaluation.',
    config: { roles: READERS, reads: 'patch-answers.vulnerabilities.read' },
    query: FilterQuery,
    response: z
      .object({ items: z.array(VulnerabilityCountShape), nextCursor: z.null() })
      .meta({ id: 'VulnerabilityCounts' }),
    rows: {
      file: 'vulnerabilities',
      columns: async (asked) => {
        const day = (await cityDays(database, scopeOf(asked))).earliest(now())
        return [...COUNT_COLUMNS, ...lawColumns<VulnerabilityCount>(() => day, knowledge())]
      },
    },
    read: async (asked) => {
      const { jurisdictionId: _, ...filter } = asked.question
      assertKnown(filter, knowledge())
      const scope = scopeOf(asked)
      const instant = now()
      const items = await database.acrossJurisdictions(scope, (tx) =>
        vulnerabilityCounts(tx, scope, filter, instant),
      )
      return { items, nextCursor: null }
    },
  })
}
