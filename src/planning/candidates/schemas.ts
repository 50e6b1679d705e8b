/** Candidates as they are sent and shown. */
import { z } from 'zod'
import type { planCandidates } from '../../db/schema/index.ts'
import { DEVICE_CLASSES } from '../../device/choices.ts'
import { Cents, Day, Instant, someText } from '../../http/schemas.ts'
import type { Sendable } from '../../http/services.ts'

const OfferedPrice = z
  .strictObject({
    lowCents: Cents,
    expectedCents: Cents,
    highCents: Cents,
    quotedOn: Day,
    source: someText(1000),
  })
  .refine((price) => price.lowCents <= price.expectedCents && price.expectedCents <= price.highCents, {
    message: 'needs low <= expected <= high',
    path: ['expectedCents'],
  })

export const CandidateWrite = z
  .strictObject({
    manufacturer: someText(200),
    model: someText(200),
    deviceClass: z.enum(DEVICE_CLASSES).default('camera'),
    hasRadio: z.boolean().nullable().default(null),
    fccId: someText(40).nullable().default(null),
    costCode: someText(60).nullable().default(null).meta({ description: 'price from the catalog' }),
    price: OfferedPrice.nullable()
      .default(null)
      .meta({ description: 'its own price; takes the place of the catalog for devices it replaces' }),
    supportUntil: Day.nullable().default(null).meta({ description: 'first day without support, as offered' }),
    countryOfManufacture: z
      .string()
      .regex(/^[A-Z]{2}$/, 'must be an ISO 3166-1 code such as SE')
      .nullable()
      .default(null),
    chipMaker: someText(100).nullable().default(null).meta({ description: 'maker of the main chip' }),
  })
  .meta({ id: 'NewCandidate' })
export type Offer = z.infer<typeof CandidateWrite>

const Reason = z
  .object({
    regime: z.string(),
    activity: z.string(),
    outcome: z.string(),
    because: z.string(),
    citation: z.string(),
  })
  .meta({ id: 'CandidateReason' })

export const Candidate = z
  .object({
    id: z.string(),
    planId: z.string(),
    manufacturer: z.string(),
    model: z.string(),
    deviceClass: z.string(),
    verdict: z.enum(['accepted', 'review', 'refused']).meta({
      description: 'under the law of `screenedOn`; a candidate that is refused later stops the estimate',
    }),
    mayBePaidFederally: z.boolean().nullable(),
    maker: z.string().nullable(),
    country: z.string().nullable().meta({ description: 'of manufacture when offered, else of the maker' }),
    chipMaker: z.string().nullable(),
    reasons: z.array(Reason),
    screenedOn: z.string(),
    knowledgeVersion: z.int(),
    devices: z.int().meta({ description: 'of the plan that it is to replace' }),
    price: z
      .object({
        lowCents: z.int(),
        expectedCents: z.int(),
        highCents: z.int(),
        basis: z.string(),
        code: z.string(),
      })
      .nullable(),
    support: z.object({ kind: z.string(), until: z.string().nullable(), citation: z.string().nullable() }),
    counterSanction: z
      .object({
        isListed: z.boolean(),
        reasons: z.array(Reason),
        leadTimeFactor: z.array(z.number()).meta({ description: 'scenario: low and high' }),
        highCentsUnder: z.int().nullable().meta({ description: 'scenario: the high price under it' }),
      })
      .meta({ description: 'China’s counter-lists: a risk to parts and prices, no US bar' }),
    createdAt: Instant,
  })
  .meta({ id: 'Candidate' })
export type Candidate = Sendable<z.infer<typeof Candidate>>

export const Comparison = z
  .object({
    asOf: z.string(),
    items: z.array(Candidate),
    concentration: z.array(
      z.object({
        of: z.string(),
        hhi: z.int().nullable(),
        shares: z.array(z.object({ value: z.string(), devices: z.int(), share: z.number() })),
        above50: z.array(z.string()),
      }),
    ),
    devicesWithoutCandidate: z.int(),
  })
  .meta({ id: 'CandidateComparison' })

export type CandidateRow = typeof planCandidates.$inferSelect
