/**
 * What is open on the devices of a city as a VEX document in CycloneDX 1.6 (ECMA-424): for tools that scan, so that they
 * know what was looked at already, and for whoever supplies the devices. Pure.
 */
import type { FixObtainable, PossibleVulnerability, Risk } from '../../../firmware-risk/risk.ts'
import { compareText } from '../../../lib/compare.ts'
import { uuidOf } from '../../../lib/ids.ts'
import type { TreatmentInShort } from '../../treatments/in-force.ts'

export const VEX_TYPE = 'application/vnd.cyclonedx+json'

/** Devices that are alike, with what is open on them. */
export interface VexGroup {
  readonly manufacturer: string | null
  readonly maker: string | null
  readonly model: string | null
  readonly firmwareVersion: string | null
  readonly devices: number
  readonly vulnerabilities: Risk['vulnerabilities']
  readonly possible: readonly PossibleVulnerability[]
  /** Controls and acceptances that count for these devices. */
  readonly treatments: readonly TreatmentInShort[]
}

interface Analysis {
  readonly state: 'exploitable' | 'in_triage'
  readonly response: readonly string[]
  readonly detail: string
}

interface Component {
  readonly type: 'device'
  readonly 'bom-ref': string
  readonly name: string
  readonly version?: string
  readonly manufacturer?: { readonly name: string }
  readonly properties: readonly { readonly name: string; readonly value: string }[]
}

/** CISA, the CVE list and FIRST are named as sources of what they say. */
const CVE = (id: string) => ({ name: 'CVE', url: `https://www.cve.org/CVERecord?id=${id}` })

export function vexDocument(
  groups: readonly VexGroup[],
  about: {
    readonly at: string
    readonly city: string
    readonly listsReadOn: string
    readonly software: string
  },
) {
  const components = groups.map(componentOf)
  const vulnerabilities = groups
    .flatMap((group, i) => statementsOf(group, components[i]!['bom-ref']))
    .reduce(together, new Map<string, Statement & { refs: Set<string> }>())
  const body = {
    components: [...new Map(components.map((one) => [one['bom-ref'], one])).values()],
    vulnerabilities: [...vulnerabilities.values()]
      .toSorted((a, b) => compareText(a.id, b.id) || compareText(a.analysis.detail, b.analysis.detail))
      .map(vulnerabilityOf),
  }
  return {
    bomFormat: 'CycloneDX' as const,
    specVersion: '1.6' as const,
    serialNumber: `urn:uuid:${uuidOf(JSON.stringify([about, body]))}`,
    version: 1,
    metadata: {
      timestamp: about.at,
      tools: { components: [{ type: 'application' as const, name: 'camledger', version: about.software }] },
      properties: [
        { name: 'camledger:registerOf', value: about.city },
        { name: 'camledger:listsReadOn', value: about.listsReadOn },
      ],
    },
    ...body,
  }
}

function componentOf({
  manufacturer,
  maker,
  model,
  firmwareVersion,
  devices,
  treatments,
}: VexGroup): Component {
  const identity = [manufacturer, maker, model, firmwareVersion, treatments.map(({ id }) => id)]
  return {
    type: 'device',
    'bom-ref': `device-${uuidOf(JSON.stringify(identity))}`,
    name: model ?? 'model not known',
    ...(firmwareVersion === null ? {} : { version: firmwareVersion }),
    ...(manufacturer === null ? {} : { manufacturer: { name: manufacturer } }),
    properties: [
      { name: 'camledger:devices', value: String(devices) },
      { name: 'camledger:maker', value: maker ?? 'not known' },
    ],
  }
}

interface Statement {
  readonly id: string
  readonly analysis: Analysis
  readonly epss: { readonly score: number; readonly on: string } | null
  readonly ssvc: string | null
  readonly isKnownExploited: boolean
  readonly ref: string
}

function statementsOf({ vulnerabilities, possible, treatments }: VexGroup, ref: string): Statement[] {
  const open = vulnerabilities.map(
    ({ id, fixObtainable, epss, ssvc, isKnownExploited, dueOn }): Statement => {
      const own = treatments.filter(({ vulnerabilities: about }) => about === 'any' || about.includes(id))
      return {
        id,
        analysis: {
          state: 'exploitable',
          response: responsesOf(fixObtainable, own),
          detail: [
            FIX_WORDS[fixObtainable],
            ...(dueOn === null ? [] : [`CISA's date, which binds federal agencies: ${dueOn}.`]),
            ...own.map(treatmentWords),
          ].join(' '),
        },
        epss: epss ?? null,
        ssvc: ssvc?.exploitation ?? null,
        isKnownExploited,
        ref,
      }
    },
  )
  const triage = possible.map(({ id, isKnownExploited, because }): Statement => {
    const detail =
      because === 'no-model-named'
        ? 'The source names the maker and no model; a person has to look.'
        : 'Who made the device is not settled; one of those who may have is affected.'
    return {
      id,
      analysis: { state: 'in_triage', response: [], detail },
      epss: null,
      ssvc: null,
      isKnownExploited,
      ref,
    }
  })
  return [...open, ...triage]
}

const FIX_WORDS: Readonly<Record<FixObtainable, string>> = {
  yes: 'A fix can be had and is not installed.',
  no: 'No fix can be had today, in fact or by law.',
  unknown: 'Whether a fix can be had is not known.',
}

/** In the words of CycloneDX: `update`, `can_not_fix`, `workaround_available`, `will_not_fix`. */
function responsesOf(fix: FixObtainable, treatments: readonly TreatmentInShort[]): readonly string[] {
  const isControlled = treatments.some((one) => one.kind === 'compensating-control' && one.isVerified)
  const isAccepted = treatments.some(({ kind }) => kind === 'risk-acceptance')
  return [
    ...(fix === 'yes' ? ['update'] : fix === 'no' ? ['can_not_fix'] : []),
    ...(isControlled ? ['workaround_available'] : []),
    ...(isAccepted ? ['will_not_fix'] : []),
  ]
}

function treatmentWords({ kind, title, owner, isVerified, expiresOn }: TreatmentInShort): string {
  const what =
    kind === 'risk-acceptance' ? 'Risk accepted' : isVerified ? 'Control, verified' : 'Control, not verified'
  return `${what}: ${title} (${owner}, through ${expiresOn}).`
}

/** The same words on the same vulnerability are one entry that names all its devices. */
function together(
  found: Map<string, Statement & { refs: Set<string> }>,
  statement: Statement,
): Map<string, Statement & { refs: Set<string> }> {
  const key = JSON.stringify([statement.id, statement.analysis])
  const known = found.get(key) ?? { ...statement, refs: new Set<string>() }
  known.refs.add(statement.ref)
  return found.set(key, known)
}

function vulnerabilityOf({
  id,
  analysis,
  epss,
  ssvc,
  isKnownExploited,
  refs,
}: Statement & { refs: Set<string> }) {
  const ratings =
    epss === null
      ? []
      : [
          {
            source: { name: 'FIRST EPSS' },
            score: epss.score,
            method: 'other',
            vector: `score of ${epss.on}`,
          },
        ]
  return {
    'bom-ref': `vex-${uuidOf(JSON.stringify([id, analysis]))}`,
    id,
    source: CVE(id),
    ...(ratings.length === 0 ? {} : { ratings }),
    analysis,
    affects: [...refs].sort().map((ref) => ({ ref })),
    properties: [
      { name: 'camledger:knownExploited', value: String(isKnownExploited) },
      ...(ssvc === null ? [] : [{ name: 'camledger:ssvcExploitation', value: ssvc }]),
    ],
  }
}
