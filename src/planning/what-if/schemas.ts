/** What is supposed of a plan, and what comes of it. */
import { z } from 'zod'
import { someText } from '../../http/schemas.ts'
import { Remedies } from '../documents.ts'
import { FundingSourceChange, FundingSourceWrite } from '../funding/schemas.ts'
import { ComparedRows } from '../outputs/comparison-shapes.ts'
import { PlanSettingsWrite } from '../settings.ts'

const CASES_MOST = 5
/** Solver's time for each of the plans that are computed. */
const SECONDS_MOST = 60

const value = z.number().min(0).max(1e12)

const SupposedPrice = z
  .strictObject({
    code: someText(60).meta({ description: 'a price of the cost catalog' }),
    low: value.optional().meta({ description: 'default: as `expected`' }),
    expected: value,
    high: value.optional().meta({ description: 'default: as `expected`' }),
  })
  .meta({
    id: 'SupposedPrice',
    description: 'In the unit of the catalog: whole cents, percent, hours or years',
  })

const SupposedFund = FundingSourceChange.extend({
  fundingSourceId: z.uuid().meta({ description: 'the source that would have these fields' }),
}).meta({ id: 'SupposedFund' })

const { jurisdictionId: _, currency: _c, ...newFund } = FundingSourceWrite.shape
const SupposedNewFund = z.strictObject(newFund).meta({ id: 'SupposedNewFund' })

const Case = z
  .strictObject({
    label: someText(100).meta({ description: 'what it is called beside the others' }),
    settings: PlanSettingsWrite.default({}),
    prices: z.array(SupposedPrice).max(100).default([]),
    funds: z.array(SupposedFund).max(50).default([]),
    newFunds: z.array(SupposedNewFund).max(20).default([]).meta({
      description: 'pay after the others unless their `priority` puts them before',
    }),
  })
  .meta({ id: 'WhatIfCase', description: 'What would be different; what is absent stays as it is' })
export type Case = z.output<typeof Case>

export const WhatIfWrite = z
  .strictObject({
    cases: z.array(Case).min(1).max(CASES_MOST),
    seconds: z.number().min(0.1).max(SECONDS_MOST).default(10).meta({
      description: "limit of the solver's time for each",
    }),
  })
  .meta({ id: 'WhatIf' })

export const WhatIf = z
  .object({
    versions: z
      .array(
        z.object({
          label: z.string(),
          isFeasible: z.boolean(),
          status: z.string().meta({ description: 'how far the solver has proven it' }),
          doesNotFit: z.array(z.object({ site: z.string(), because: z.string() })),
          remedies: Remedies.nullable(),
        }),
      )
      .meta({ description: 'first the plan as it is now, computed anew, then the cases' }),
    rows: ComparedRows,
  })
  .meta({ id: 'WhatIfAnswer', description: 'Nothing of it is stored' })
export type WhatIf = z.output<typeof WhatIf>
