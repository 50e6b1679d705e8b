/** What the options of `camledger scenario` ask for, as the service takes it. */
import { DomainError } from '../http/problems.ts'
import { ScenarioWrite } from '../scenarios/schemas.ts'
import type { ScenarioOptions } from './scenario.ts'

/** The request that the options mean. Throws `invalid-request` as the service does. */
export function bodyOf(options: ScenarioOptions, jurisdictionId: string | undefined): ScenarioWrite {
  const { maker, template, regime, from, windDown, reach, crews, rate, leadDays, surge, asOf, budget } =
    options
  const plan = given({ crews, devicesPerCrewDay: rate, leadDays })
  const updates = {
    name: 'general license for firmware updates',
    activities: ['firmware-update'],
    lastDay: null,
    includesOwned: true,
  }
  const body = given({
    makers: maker.length === 0 ? undefined : maker,
    effectiveOn: from,
    windDownDays: windDown,
    ...{ jurisdictionId, template, regime, reach, surge, asOf },
    licenses: options.licenseUpdates ? [updates] : undefined,
    plan: Object.keys(plan).length === 0 ? undefined : plan,
    budget: budget ? undefined : false,
  })
  const parsed = ScenarioWrite.safeParse(body)
  if (parsed.success) return parsed.data
  throw new DomainError('invalid-request', 'The scenario cannot be computed with this.', {
    errors: parsed.error.issues.map(({ path, message }) => ({
      pointer: `/${path.join('/')}`,
      code: 'invalid',
      message,
    })),
  })
}

const given = (fields: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
