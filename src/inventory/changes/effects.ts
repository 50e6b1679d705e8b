/** What a change of many devices does to the answers on them. */
import type { DeviceFields } from '../../device/blank.ts'
import { pacer } from '../../lib/pacing.ts'
import type { JurisdictionContext } from '../../screening/context.ts'
import type { Revised } from '../../screening/device-bulk.ts'
import type { Knowledge } from '../../screening/knowledge.ts'
import { evaluated, findingsOf, profileOf } from '../../screening/profiles.ts'
import type { ChangedMany } from './schemas.ts'

type Effects = Pick<ChangedMany, 'answers' | 'findings'>

interface Told {
  readonly headline: Readonly<Record<string, string>>
  readonly findings: ReadonlySet<string>
}

/** Devices that share a profile share the answer: each is evaluated once. */
export async function effectsOf(
  revised: readonly Revised[],
  jurisdiction: JurisdictionContext,
  knowledge: Knowledge,
  now: Date,
): Promise<Effects> {
  const known = new Map<string, Told>()
  const answerOf = (fields: DeviceFields): Told => {
    const { id, facts } = profileOf(fields, jurisdiction, knowledge)
    let told = known.get(id)
    if (told === undefined) {
      const { columns, screening } = evaluated(facts, jurisdiction, knowledge, now)
      const findings = findingsOf(screening).map(({ regime, activity }) => `${regime} ${activity}`)
      told = { headline: columns.headline as Told['headline'], findings: new Set(findings) }
      known.set(id, told)
    }
    return told
  }
  const moves = new Map<string, number>()
  const appear = new Map<string, number>()
  const disappear = new Map<string, number>()
  const count = (counts: Map<string, number>, key: string) => counts.set(key, (counts.get(key) ?? 0) + 1)
  const pause = pacer()
  for (const { device, fields } of revised) {
    await pause()
    const before = answerOf(device.fields)
    const after = answerOf(fields)
    if (before === after) continue
    for (const [activity, from] of Object.entries(before.headline)) {
      const to = after.headline[activity]
      if (to !== from) count(moves, `${activity} ${from} ${to}`)
    }
    for (const finding of after.findings) if (!before.findings.has(finding)) count(appear, finding)
    for (const finding of before.findings) if (!after.findings.has(finding)) count(disappear, finding)
  }
  return { answers: answersIn(moves), findings: findingsIn(appear, disappear) }
}

function answersIn(moves: ReadonlyMap<string, number>): Effects['answers'] {
  return [...moves].toSorted(byKey).map(([key, devices]) => {
    const [activity, from, to] = key.split(' ')
    return { activity, from, to, devices } as Effects['answers'][number]
  })
}

function findingsIn(
  appear: ReadonlyMap<string, number>,
  disappear: ReadonlyMap<string, number>,
): Effects['findings'] {
  return [...new Set([...appear.keys(), ...disappear.keys()])].toSorted().map((key) => {
    const [regime, activity] = key.split(' ')
    const counts = { appear: appear.get(key) ?? 0, disappear: disappear.get(key) ?? 0 }
    return { regime, activity, ...counts } as Effects['findings'][number]
  })
}

const byKey = ([a]: readonly [string, number], [b]: readonly [string, number]) => (a < b ? -1 : 1)
