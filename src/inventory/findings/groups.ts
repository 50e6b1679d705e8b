/** Findings grouped by rule: how many devices, and what they cost. Counted by answers, which are far fewer than devices. */
import { sql } from 'drizzle-orm'
import { isFinding } from '../../catalogue/outcomes.ts'
import type { Scope, Tx } from '../../db/database.ts'
import type { Determination } from '../../determination/determination.ts'
import { conditionsOf } from '../queries/filter.ts'
import { hasFinding, isAskedFor, type Question } from './read.ts'
import type { RuleGroup } from './schemas.ts'

interface AnswerRow extends Record<string, unknown> {
  readonly findings: string
  readonly currency: string | null
  readonly devices: number
  readonly cost: string
  readonly withoutCost: number
}

interface Group extends Omit<RuleGroup, 'acquisitionCostCents'> {
  devices: number
  devicesWithoutCost: number
  readonly acquisitionCostCents: Record<string, number>
}

/** Those of the most devices first. */
export async function ruleGroups(tx: Tx, scope: Scope, { devices, asked }: Question): Promise<RuleGroup[]> {
  const { rows } = await tx.execute<AnswerRow>(sql`
    select a.findings, g.currency, g.devices, g.cost, g."withoutCost" from (
      select p.jurisdiction_id, p.answer_id, d.currency, count(*)::int as devices,
        coalesce(sum(d.acquisition_cost_cents), 0)::text as cost,
        (count(*) filter (where d.acquisition_cost_cents is null))::int as "withoutCost"
      from devices d join profiles p on p.jurisdiction_id = d.jurisdiction_id and p.id = d.profile_id
      where ${conditionsOf(devices, scope)} and ${hasFinding(asked)}
      group by p.jurisdiction_id, p.answer_id, d.currency) g
    join answers a on a.jurisdiction_id = g.jurisdiction_id and a.id = g.answer_id`)
  const groups = new Map<string, Group>()
  for (const row of rows) {
    for (const one of JSON.parse(row.findings) as Determination[]) {
      if (isFinding(one.outcome) && isAskedFor(one, asked)) add(groups, one, row)
    }
  }
  return [...groups.values()].toSorted((a, b) => b.devices - a.devices || (keyOf(a) < keyOf(b) ? -1 : 1))
}

const keyOf = ({
  ruleId,
  regime,
  activity,
  outcome,
}: Pick<RuleGroup, 'ruleId' | 'regime' | 'activity' | 'outcome'>) =>
  `${ruleId} ${regime} ${activity} ${outcome}`

function add(
  groups: Map<string, Group>,
  one: Determination,
  { devices, cost, currency, withoutCost }: AnswerRow,
): void {
  const { ruleId, regime, activity, outcome, because, citation } = one
  const key = keyOf(one)
  const group = groups.get(key) ?? {
    ruleId,
    regime,
    activity,
    outcome,
    because,
    citation,
    devices: 0,
    acquisitionCostCents: {},
    devicesWithoutCost: 0,
  }
  group.devices += devices
  group.devicesWithoutCost += withoutCost
  if (currency !== null && devices > withoutCost) {
    group.acquisitionCostCents[currency] = (group.acquisitionCostCents[currency] ?? 0) + Number(cost)
  }
  groups.set(key, group)
}
