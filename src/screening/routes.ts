/** `POST /v1/screen`: identify and determine without storing anything. */
import { Readable } from 'node:stream'
import { setImmediate as turnOfEvents } from 'node:timers/promises'
import { z } from 'zod'
import { dayIn, type PlainDate } from '../calendar.ts'
import { FirmwareRiskShape, writeRisk } from '../firmware/wire.ts'
import { READERS } from '../http/auth.ts'
import { DomainError, type FieldProblem, problems } from '../http/problems.ts'
import { Day } from '../http/schemas.ts'
import { BLANK_DEVICE, type DeviceFields, merge } from '../inventory/devices.ts'
import { Determination, DeviceWrite, Headline, Identification } from '../inventory/schemas.ts'
import type { Knowledge } from '../knowledge.ts'
import type { JurisdictionFacts } from '../regimes/determination.ts'
import { State } from '../regimes/states.ts'
import type { App, Services } from '../services.ts'
import { formatMac, parseMac } from '../vendors/mac.ts'
import { type Screening, screen } from './screen.ts'

/** The body of a large request is mostly items; 10,000 of them fit. */
const BODY_LIMIT_BYTES = 32 * 1024 * 1024
/** After this many items the loop lets other requests have a turn. */
const TURN = 250
const CHUNK_BYTES = 256 * 1024

const ScreenItem = DeviceWrite.omit({ jurisdictionId: true, siteId: true })
  .extend({
    reference: z.string().max(200).optional().meta({ description: 'comes back with the answer' }),
    mac: z.string().max(40).nullable().optional().meta({ description: 'the same as macAddress' }),
    firmware: z.string().max(200).nullable().optional().meta({ description: 'the same as firmwareVersion' }),
  })
  .meta({ id: 'ScreenItem' })

export const ScreenRequest = z
  .strictObject({
    asOf: Day.optional().meta({ description: 'the law as it stands on this day; default today (UTC)' }),
    jurisdiction: z
      .strictObject({
        state: State.nullable().default(null),
        kind: z.string().max(40).nullable().default('city'),
        federalContractor: z.boolean().nullable().default(null),
        sellsToFederal: z.boolean().nullable().default(null),
      })
      .default({ state: null, kind: 'city', federalContractor: null, sellsToFederal: null }),
    items: z.array(ScreenItem).min(1).max(10_000),
  })
  .meta({ id: 'ScreenRequest' })

const ScreenedItem = z
  .object({
    reference: z.string().optional(),
    identification: Identification,
    determinations: z.array(Determination),
    headline: Headline,
    firmwareRisk: FirmwareRiskShape,
  })
  .meta({ id: 'ScreenedItem' })

export const DataVersions = z
  .object({
    knowledge: z.int(),
    knowledgeDigest: z.string(),
    knowledgeAsOf: z.string(),
    matcher: z.string(),
    firmware: z.int().meta({ description: 'version of advisories, shared licences and releases' }),
  })
  .meta({ id: 'DataVersions', description: 'What the answer was computed from' })

const ScreenAnswer = z
  .object({ asOf: z.string(), dataVersions: DataVersions, items: z.array(ScreenedItem) })
  .meta({ id: 'ScreenAnswer' })

export function dataVersions(knowledge: Knowledge): z.infer<typeof DataVersions> {
  return {
    knowledge: knowledge.version,
    knowledgeDigest: knowledge.digest,
    knowledgeAsOf: knowledge.asOf,
    matcher: knowledge.matcher.version,
    firmware: knowledge.firmware.version,
  }
}

/**
 * Screens devices one after another, equal ones once.
 * `determinations` of an answer are the same objects for equal devices.
 */
export function screener(
  jurisdiction: JurisdictionFacts,
  knowledge: Knowledge,
  asOf: PlainDate,
): (device: DeviceFields) => Screening {
  const memo = new Map<string, Screening>()
  return (device) => {
    const key = JSON.stringify([
      device.manufacturer,
      device.model,
      device.macAddress,
      device.fccId,
      device.firmwareVersion,
      device.deviceClass,
      device.hasRadio,
      device.status,
      device.purpose,
      device.enforcementUse,
      device.acquiredOn,
      device.obligatedOn,
      device.paidOn,
      device.installedOn,
      device.producedOn,
      device.fundingSource,
      device.federalPassThrough,
      device.updateChannel,
      device.networkExposure,
      device.paidSupport,
      device.firmwareObtainedOn,
    ])
    let screening = memo.get(key)
    if (!screening) {
      screening = screen(device, jurisdiction, knowledge, asOf)
      memo.set(key, screening)
    }
    return screening
  }
}

/** Determinations that devices share are written once. */
const written = new WeakMap<readonly unknown[], Buffer>()

/** The answer piece by piece: forty kilobytes an item are more than one string can hold. */
async function* answerText(
  head: string,
  screenings: readonly Screening[],
  references: readonly (string | undefined)[],
): AsyncGenerator<Buffer> {
  let pieces: Buffer[] = [Buffer.from(`${head},"items":[`)]
  let bytes = 0
  for (const [i, { identification, determinations, headline, firmwareRisk }] of screenings.entries()) {
    const reference = references[i]
    const named = reference === undefined ? '' : `"reference":${JSON.stringify(reference)},`
    const before = `${i > 0 ? ',' : ''}{${named}"identification":${JSON.stringify(identification)},"determinations":`
    let shared = written.get(determinations)
    if (!shared) {
      shared = Buffer.from(JSON.stringify(determinations))
      written.set(determinations, shared)
    }
    const after = `,"headline":${JSON.stringify(headline)},"firmwareRisk":${writeRisk(firmwareRisk)}}`
    pieces.push(Buffer.from(before), shared, Buffer.from(after))
    bytes += shared.length + before.length + after.length
    if (bytes >= CHUNK_BYTES) {
      yield Buffer.concat(pieces)
      await turnOfEvents()
      pieces = []
      bytes = 0
    }
  }
  pieces.push(Buffer.from(']}'))
  yield Buffer.concat(pieces)
}

export function screenRoutes(app: App, { knowledge, now }: Services): void {
  app.post(
    '/v1/screen',
    {
      config: { roles: READERS },
      bodyLimit: BODY_LIMIT_BYTES,
      schema: {
        operationId: 'screen',
        tags: ['screening'],
        summary: 'Identify devices and determine what each law says of them, storing nothing',
        description: 'Up to 10,000 items, answered in the order asked.',
        security: [{ apiKey: [] }],
        body: ScreenRequest,
        response: {
          200: ScreenAnswer,
          ...problems('unauthenticated', 'malformed-body', 'payload-too-large', 'unsupported-media-type'),
        },
      },
    },
    async (request, reply) => {
      const known = knowledge()
      const { items, jurisdiction } = request.body
      const asOf = request.body.asOf ?? dayIn(now())
      const devices = items.map(({ reference: _, mac, firmware, ...item }) =>
        merge(BLANK_DEVICE, {
          ...item,
          ...(mac === undefined ? {} : { macAddress: mac }),
          ...(firmware === undefined ? {} : { firmwareVersion: firmware }),
        }),
      )
      const errors: FieldProblem[] = []
      const read = devices.map((device, i): DeviceFields => {
        if (device.macAddress === null || device.macAddress.trim() === '')
          return { ...device, macAddress: null }
        const macAddress = parseMac(device.macAddress)
        if (macAddress !== null) return { ...device, macAddress: formatMac(macAddress) }
        const field = items[i]!.mac === undefined ? 'macAddress' : 'mac'
        errors.push({
          pointer: `/items/${i}/${field}`,
          code: 'not-a-mac',
          message: 'must have 12 hex digits',
        })
        return device
      })
      if (errors.length > 0) {
        throw new DomainError('invalid-request', `${errors.length} items are wrong.`, { errors })
      }
      const one = screener(jurisdiction, known, asOf)
      // All before the first byte is sent: what fails here is still answered as a failure.
      const screenings: Screening[] = []
      for (const device of read) {
        screenings.push(one(device))
        if (screenings.length % TURN === 0) await turnOfEvents()
      }
      const head = JSON.stringify({ asOf, dataVersions: dataVersions(known) }).slice(0, -1)
      const references = items.map(({ reference }) => reference)
      return reply
        .type('application/json; charset=utf-8')
        .send(Readable.from(answerText(head, screenings, references)) as never)
    },
  )
}
