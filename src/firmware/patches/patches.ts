/** "Can I patch it?" over the register: for every device, and counted per vulnerability. */
import { sql } from 'drizzle-orm'
import type { Scope, Tx } from '../../db/database.ts'
import { PATCH_ANSWERS, type PatchAnswerWord } from '../../firmware-risk/patch-answer.ts'
import { WORK_QUEUES } from '../../firmware-risk/risk.ts'
import type { Column } from '../../http/exports.ts'
import type { Knowledge } from '../../screening/knowledge.ts'
import { type TreatmentInShort, treatmentInWords } from '../treatments/in-force.ts'
import { conditionsOf, type WorkFilter, type WorkItem, workPage } from '../work-list/queries.ts'

export const PATCH_FIELDS = [
  'deviceId',
  'jurisdictionId',
  'assetTag',
  'name',
  'siteId',
  'siteName',
  'manufacturer',
  'model',
  'firmwareVersion',
  'maker',
  'brand',
  'level',
  'outlook',
  'patch',
  'treatments',
] as const satisfies readonly (keyof WorkItem)[]

export type PatchItem = Pick<WorkItem, (typeof PATCH_FIELDS)[number]>

/** Every device is asked about, also one that needs no work. */
export const everyQueue = (filter: WorkFilter): WorkFilter =>
  filter.queue.length > 0 ? filter : { ...filter, queue: WORK_QUEUES }

/** One page of devices with their answers, in the order of work. */
export async function patchPage(
  tx: Tx,
  scope: Scope,
  request: { filter: WorkFilter; limit: number; cursor: string | undefined; question: unknown },
  knowledge: Knowledge,
  now: Date,
): Promise<{ items: PatchItem[]; nextCursor: string | null }> {
  const filter = everyQueue(request.filter)
  const page = await workPage(tx, scope, { ...request, filter, shown: PATCH_FIELDS }, knowledge, now)
  return { ...page, items: page.items.map((text) => JSON.parse(text) as PatchItem) }
}

export const PATCH_COLUMNS: readonly Column<PatchItem>[] = [
  { header: 'canPatch', value: ({ patch }) => patch.answer },
  { header: 'why', value: ({ patch }) => patch.why },
  ...(
    ['assetTag', 'name', 'siteName', 'manufacturer', 'model', 'firmwareVersion', 'maker', 'brand'] as const
  ).map((field) => ({ header: field, value: (item: PatchItem) => item[field] })),
  { header: 'source', value: ({ patch }) => patch.source?.from },
  { header: 'channel', value: ({ patch }) => patch.source?.channel },
  { header: 'publisher', value: ({ patch }) => patch.source?.publisher },
  { header: 'fixVersion', value: ({ patch }) => patch.source?.firmwareVersion },
  {
    header: 'licenseNumber',
    value: ({ patch }) => patch.licenses.map(({ number, authority }) => number ?? authority).join(' '),
  },
  { header: 'lastLawfulDay', value: ({ patch }) => patch.lastLawfulDay },
  { header: 'rule', value: ({ patch }) => patch.rule?.id },
  { header: 'citation', value: ({ patch }) => patch.rule?.citation },
  { header: 'needs', value: ({ patch }) => patch.needs.join(' ') },
  { header: 'closes', value: ({ patch }) => patch.closes.join(' ') },
  { header: 'leavesOpen', value: ({ patch }) => patch.leavesOpen.join(' ') },
  {
    header: 'compensatingControls',
    value: ({ treatments }) => inWords(treatments, 'compensating-control'),
  },
  { header: 'riskAcceptances', value: ({ treatments }) => inWords(treatments, 'risk-acceptance') },
  { header: 'level', value: ({ level }) => level },
  { header: 'outlook', value: ({ outlook }) => outlook },
  { header: 'siteId', value: ({ siteId }) => siteId },
  { header: 'deviceId', value: ({ deviceId }) => deviceId },
  { header: 'jurisdictionId', value: ({ jurisdictionId }) => jurisdictionId },
]

function inWords(treatments: readonly TreatmentInShort[], kind: TreatmentInShort['kind']): string {
  return treatments
    .filter((one) => one.kind === kind)
    .map(treatmentInWords)
    .join('; ')
}

export interface VulnerabilityCount {
  readonly id: string
  readonly isKnownExploited: boolean
  /** CISA's date; the earliest where devices differ. */
  readonly dueOn: string | null
  /** 0 to 1, the chance that it is exploited within 30 days; null when not scored. */
  readonly epss: number | null
  /** What CISA knows of exploitation: `none`, `poc`, `active`; null when it has not decided. */
  readonly ssvc: string | null
  readonly devices: number
  /** Devices by whether a fix for this vulnerability can be had today. */
  readonly fix: Readonly<Record<PatchAnswerWord, number>>
  /** Of those with a fix: only under a license. */
  readonly underLicense: number
}

/** Open vulnerabilities with the devices that have them, exploited ones first, then by how likely that is, then by devices. */
export async function vulnerabilityCounts(
  tx: Tx,
  scope: Scope,
  filter: WorkFilter,
  now: Date,
): Promise<VulnerabilityCount[]> {
  const { vulnerability } = filter
  const wanted =
    vulnerability.length === 0
      ? sql`true`
      : sql`v ->> 'id' = any (${sql.param(vulnerability.map((id) => id.toUpperCase()))}::text[])`
  const counts = sql.raw(
    PATCH_ANSWERS.map(
      (answer) =>
        `coalesce(sum(devices) filter (where v ->> 'fixObtainable' = '${answer}'), 0)::int as "${answer}"`,
    ).join(', '),
  )
  const { rows } = await tx.execute<
    Record<PatchAnswerWord, number> & Omit<VulnerabilityCount, 'fix'> & Record<string, unknown>
  >(sql`
    select v ->> 'id' as id, bool_or((v ->> 'isKnownExploited')::boolean) as "isKnownExploited",
      min(v ->> 'dueOn') as "dueOn", max((v -> 'epss' ->> 'score')::float8) as epss,
      max(v -> 'ssvc' ->> 'exploitation') as ssvc, sum(devices)::int as devices, ${counts},
      coalesce(sum(devices) filter (where v ->> 'fixObtainable' = 'yes'
        and jsonb_array_length(risk -> 'patch' -> 'licenses') > 0), 0)::int as "underLicense"
    from (
      select p.firmware_risk::jsonb as risk, count(*)::int as devices
      from profiles p join devices d on d.jurisdiction_id = p.jurisdiction_id and d.profile_id = p.id
      where cardinality(p.firmware_vulnerabilities) > 0 and ${conditionsOf(everyQueue(filter), scope, now)}
      group by p.jurisdiction_id, p.id
    ) w cross join jsonb_array_elements(w.risk -> 'vulnerabilities') v
    where ${wanted}
    group by 1 order by 2 desc, max(v -> 'ssvc' ->> 'exploitation') = 'active' desc nulls last,
      max((v -> 'epss' ->> 'score')::float8) desc nulls last, sum(devices) desc, (v ->> 'id') collate "C"`)
  return rows.map(({ id, isKnownExploited, dueOn, epss, ssvc, devices, underLicense, yes, no, unknown }) => ({
    id,
    isKnownExploited,
    dueOn,
    epss,
    ssvc,
    devices,
    fix: { yes, no, unknown },
    underLicense,
  }))
}
