/** Findings as tables: evidence of what was found and decided, and the columns of a plan of action and milestones. */
import { OUTCOME_WORDS, type Outcome } from '../../catalogue/outcomes.ts'
import type { Column } from '../../http/exports.ts'
import type { Cell, SheetColumn } from '../../http/workbook/write.ts'
import type { Finding } from './schemas.ts'

const own = (field: keyof Finding): Column<Finding> => ({
  header: field,
  value: (finding) => finding[field] as string | number | null,
})

/** Finding, rule, list version, who decided, when and why. */
const EVIDENCE: readonly Column<Finding>[] = [
  ...(['jurisdiction', 'deviceId', 'assetTag', 'name', 'manufacturer', 'model', 'maker'] as const).map(own),
  ...(['acquiredOn', 'fundingSource', 'acquisitionCostCents', 'currency'] as const).map(own),
  ...(['regime', 'activity', 'outcome', 'certainty', 'ruleId', 'because'] as const).map(own),
  { header: 'missingFacts', value: ({ missingFacts }) => missingFacts.join('; ') },
  ...(['citation', 'listsReadOn', 'triage', 'reopened'] as const).map(own),
  { header: 'decision', value: ({ decision }) => decision?.state },
  { header: 'reviewer', value: ({ decision }) => decision?.by },
  { header: 'reviewedAt', value: ({ decision }) => decision?.at },
  { header: 'secondPerson', value: ({ decision }) => decision?.confirmed?.by },
  { header: 'until', value: ({ decision }) => decision?.until },
  { header: 'comment', value: ({ decision }) => decision?.reason },
  { header: 'documents', value: ({ decision }) => decision?.documentIds.join(' ') },
]

/** As systems that track remediation name it. */
const POAM_STATUS: Readonly<Record<Finding['triage'], string>> = {
  open: 'Ongoing',
  planned: 'Ongoing',
  accepted: 'Risk Accepted',
  disputed: 'Ongoing',
  mitigated: 'Ongoing',
  gone: 'Completed',
}
const SEVERE: readonly Outcome[] = ['prohibited']

const device = ({ assetTag, manufacturer, model, deviceId }: Finding): string =>
  [assetTag, manufacturer, model].filter((part) => part !== null).join(' ') || deviceId

/** Columns of the POA&M of NIST SP 800-53 CA-5, as eMASS calls them. */
const POAM: readonly Column<Finding>[] = [
  {
    header: 'Control Vulnerability Description',
    value: (finding) =>
      `${device(finding)}: ${OUTCOME_WORDS[finding.outcome]} (${finding.activity}). ${finding.because}`,
  },
  {
    header: 'Security Control Number',
    value: ({ regime }) => (regime.startsWith('ndaa-889') ? 'SR-5' : 'SR-3'),
  },
  { header: 'Office/Org', value: ({ jurisdiction }) => jurisdiction },
  { header: 'Security Checks', value: ({ ruleId }) => ruleId },
  {
    header: 'Resources Required',
    value: ({ acquisitionCostCents, currency }) =>
      acquisitionCostCents === null
        ? ''
        : `acquired for ${(acquisitionCostCents / 100).toFixed(2)} ${currency ?? ''}`.trim(),
  },
  {
    header: 'Scheduled Completion Date',
    value: ({ decision, triage }) => (triage === 'planned' ? decision?.until : ''),
  },
  {
    header: 'Milestone with Completion Dates',
    value: ({ decision, triage }) => (triage === 'planned' ? `${decision?.reason} (${decision?.until})` : ''),
  },
  {
    header: 'Source Identifying Vulnerability',
    value: ({ citation, listsReadOn }) => `${citation}; lists read on ${listsReadOn}`,
  },
  { header: 'Status', value: ({ triage }) => POAM_STATUS[triage] },
  {
    header: 'Comments',
    value: ({ triage, reopened, decision, needsSecondPerson }) =>
      [
        triage,
        needsSecondPerson ? 'accepted, waits for a second person' : null,
        reopened,
        decision && `${decision.by}, ${decision.at.slice(0, 10)}: ${decision.reason}`,
      ]
        .filter((part) => part)
        .join('; '),
  },
  { header: 'Raw Severity', value: ({ outcome }) => (SEVERE.includes(outcome) ? 'High' : 'Moderate') },
  { header: 'Devices Affected', value: device },
  {
    header: 'Mitigations',
    value: ({ triage, decision }) => (triage === 'mitigated' ? decision?.reason : ''),
  },
  { header: 'Unique ID', value: ({ deviceId, regime, activity }) => `${deviceId}/${regime}/${activity}` },
]

export const LAYOUTS = { evidence: EVIDENCE, poam: POAM } as const
export type Layout = keyof typeof LAYOUTS

const WIDE = /because|citation|comment|Description|Milestone|Source|Comments|Mitigations/i

export function sheetColumns(layout: Layout): SheetColumn[] {
  return LAYOUTS[layout].map(({ header }) => ({
    header,
    width: WIDE.test(header) ? 50 : 18,
    kind: header === 'acquisitionCostCents' ? 'number' : WIDE.test(header) ? 'wrapped' : 'text',
  }))
}

export const sheetCells = (layout: Layout, finding: Finding): Cell[] =>
  LAYOUTS[layout].map(({ value }) => value(finding))
