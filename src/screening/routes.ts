/** `POST /v1/screen`: identify and determine without storing anything. */
import { Readable } from 'node:stream'
import { z } from 'zod'
import type { JurisdictionFacts } from '../catalogue/facts.ts'
import { BLANK_DEVICE, type DeviceFields, merge } from '../device/blank.ts'
import { DeviceWrite } from '../device/schemas.ts'
import { type FirmwareHoldings, NO_HOLDINGS } from '../firmware-risk/holdings.ts'
import { sendText } from '../http/exports.ts'
import { EVERYTHING, fieldsQuery } from '../http/fields.ts'
import { DomainError, type FieldProblem, problems } from '../http/problems.ts'
import { Day } from '../http/schemas.ts'
import type { App } from '../http/services.ts'
import { dayIn, type PlainDate } from '../lib/calendar.ts'
import { formatMac, parseMac } from '../lib/mac.ts'
import { pacer } from '../lib/pacing.ts'
import { READERS } from '../tenancy/auth.ts'
import { StatedJurisdiction } from '../tenancy/jurisdictions.ts'
import { answerParts, headlineText, identificationText, join, riskText } from './answer-json.ts'
import { lawsOfStates, loadJurisdiction } from './context.ts'
import type { Knowledge } from './knowledge.ts'
import { KnownAt, readKnownAt } from './known-at.ts'
import { cityQuestions, leftOut, needPerson } from './left-out.ts'
import { underLocalLaw } from './local-law.ts'
import { screenedKey } from './profile.ts'
import { findingsOf } from './profiles.ts'
import { ListedDevice } from './schemas.ts'
import { type Screening, screen } from './screen.ts'
import type { Services } from './services.ts'
import {
  type AskedShape,
  DeterminationsQuery,
  type DeviceShape,
  SCREENED_ITEM_FIELDS,
  shapeOf,
} from './shape.ts'

/** The body of a large request is mostly items; 10,000 of them fit. */
const BODY_LIMIT_BYTES = 32 * 1024 * 1024
/** So many items are answered with every determination, which has some fifty kilobytes an item. */
const MOST_WHOLE = 500
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
    asOf: Day.optional().meta({
      description:
        'the law as it stands on this day; default today, in the zone of the key’s jurisdiction (otherwise UTC)',
    }),
    knownAt: KnownAt.optional().meta({
      description: 'what was on record of makers and law at this instant; default now',
    }),
    jurisdiction: StatedJurisdiction.prefault({}),
    items: z.array(ScreenItem).min(1).max(10_000),
  })
  .meta({ id: 'ScreenRequest' })

const ScreenedItem = ListedDevice.pick({
  identification: true,
  findings: true,
  determinations: true,
  headline: true,
  firmwareRisk: true,
})
  .extend({ reference: z.string().optional() })
  .meta({
    id: 'ScreenedItem',
    description:
      'What is there depends on `fields` and `include`, and on whether one item was asked or several',
  })

export const DataVersions = z
  .object({
    knowledge: z.int(),
    knowledgeDigest: z.string(),
    knowledgeAsOf: z.string(),
    matcher: z.string(),
    firmware: z.int().meta({ description: 'version of advisories, shared licenses and releases' }),
  })
  .meta({ id: 'DataVersions', description: 'What the answer was computed from' })

const ScreenAnswer = z
  .object({
    asOf: z.string(),
    dataVersions: DataVersions,
    cityQuestions: z
      .array(z.object({ fact: z.string(), question: z.string(), items: z.int() }))
      .meta({ description: 'facts of the jurisdiction that were not given and some finding hangs on' }),
    needPerson: z
      .int()
      .meta({ description: 'items that a person has to look at, whatever the jurisdiction answers' }),
    countsHoldings: z.boolean().meta({
      description:
        'whether the licenses, applications, images and local laws of the key’s own jurisdiction were counted; never those of another',
    }),
    leftOut: z.array(z.string()).meta({ description: 'what this answer does not count' }),
    items: z.array(ScreenedItem),
  })
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
  holdings: FirmwareHoldings = NO_HOLDINGS,
): (device: DeviceFields) => Screening {
  const memo = new Map<string, Screening>()
  return (device) => {
    const key = screenedKey(device, knowledge.cut)
    let screening = memo.get(key)
    if (!screening) {
      screening = screen(device, jurisdiction, knowledge, asOf, holdings)
      memo.set(key, screening)
    }
    return screening
  }
}

/** Determinations that devices share are written once. */
function sharedAnswers(shape: DeviceShape): (screening: Screening) => Buffer {
  const written = new WeakMap<readonly unknown[], Buffer>()
  return (screening) => {
    const known = written.get(screening.determinations)
    if (known) return known
    const shown = shape.determinations === 'findings' ? findingsOf(screening) : screening.determinations
    const text = Buffer.from(join(answerParts(shown, shape)))
    written.set(screening.determinations, text)
    return text
  }
}

/** The answer piece by piece: whole items have some fifty kilobytes each, more than one string can hold. */
async function* answerText(
  head: string,
  screenings: readonly Screening[],
  references: readonly (string | undefined)[],
  shape: DeviceShape,
): AsyncGenerator<Buffer> {
  const answer = sharedAnswers(shape)
  const pause = pacer()
  let pieces: Buffer[] = [Buffer.from(`${head},"items":[`)]
  let bytes = 0
  for (const [i, screening] of screenings.entries()) {
    const { identification, headline, firmwareRisk } = screening
    const reference = references[i]
    const before = join([
      reference === undefined ? null : `"reference":${JSON.stringify(reference)}`,
      shape.identification && identificationText(identification, shape.identification),
    ])
    const answered = answer(screening)
    const after = join([
      shape.headline ? headlineText(headline) : null,
      shape.firmwareRisk && riskText(firmwareRisk, shape.firmwareRisk),
    ])
    const item = Buffer.concat([Buffer.from(before), answered, Buffer.from(after)])
    // Each part brings the comma before it; the first one of an item has none.
    pieces.push(Buffer.from(i > 0 ? ',{' : '{'), item.subarray(1), CLOSE)
    bytes += item.length
    await pause()
    if (bytes >= CHUNK_BYTES) {
      yield Buffer.concat(pieces)
      pieces = []
      bytes = 0
    }
  }
  pieces.push(Buffer.from(']}'))
  yield Buffer.concat(pieces)
}

const CLOSE = Buffer.from('}')

/** Throws `invalid-request` for more whole items than one answer can hold. */
function assertFew(items: number, { determinations }: DeviceShape): void {
  if (determinations !== 'all' || items <= MOST_WHOLE) return
  throw new DomainError(
    'invalid-request',
    `At most ${MOST_WHOLE} items are answered with every determination.`,
    {
      errors: [
        {
          pointer: '/items',
          code: 'too-many',
          message: `has ${items}; send at most ${MOST_WHOLE} at a time, or leave out what adds determinations (\`include\`, \`fields\`, \`determinations=all\`) and ask for up to 10,000 in short`,
        },
      ],
    },
  )
}

/** One item is a device on its own, which is answered whole; several are a list. */
function screenShape(items: number, asked: AskedShape): DeviceShape {
  const isPlain =
    asked.fields === undefined && asked.include === undefined && asked.determinations === undefined
  return shapeOf(SCREENED_ITEM_FIELDS, isPlain && items === 1 ? { include: EVERYTHING } : asked)
}

const DESCRIPTION = `
Up to 10,000 items, answered in the order asked.

**One item** is answered whole: all evidence, and every determination with its reason, facts and citation. **Several** are answered in short: ${SCREENED_ITEM_FIELDS.listed.join(', ')}. There \`identification\` has \`status\`, \`brand\`, \`maker\` and \`confidence\`, \`firmwareRisk\` has \`level\` and \`urgency\`; \`findings\` names, per activity and outcome, the rules whose answer is neither permitted nor out of scope. \`include=all\` gives every item whole (some fifty kilobytes each), \`include=determinations\` that part, of ${MOST_WHOLE} items at most; \`fields\` shows only what it names. \`reference\` always comes back.
`.trim()

/** The devices that items state. Throws `invalid-request` naming every wrong address. */
function readItems(items: z.infer<typeof ScreenRequest>['items']): DeviceFields[] {
  const errors: FieldProblem[] = []
  const devices = items.map(({ reference: _, mac, firmware, ...item }, i): DeviceFields => {
    const device = merge(BLANK_DEVICE, {
      ...item,
      ...(mac === undefined ? {} : { macAddress: mac }),
      ...(firmware === undefined ? {} : { firmwareVersion: firmware }),
    })
    if (device.macAddress === null || device.macAddress.trim() === '') return { ...device, macAddress: null }
    const macAddress = parseMac(device.macAddress)
    if (macAddress !== null) return { ...device, macAddress: formatMac(macAddress) }
    const field = mac === undefined ? 'macAddress' : 'mac'
    errors.push({ pointer: `/items/${i}/${field}`, code: 'not-a-mac', message: 'must have 12 hex digits' })
    return device
  })
  if (errors.length > 0) {
    throw new DomainError('invalid-request', `${errors.length} items are wrong.`, { errors })
  }
  return devices
}

export function screenRoutes(app: App, { database, knowledgeAt, now }: Services): void {
  app.post(
    '/v1/screen',
    {
      config: { roles: READERS },
      bodyLimit: BODY_LIMIT_BYTES,
      schema: {
        operationId: 'screen',
        tags: ['screening'],
        summary: 'Identify devices and determine what each law says of them, storing nothing',
        description: DESCRIPTION,
        security: [{ apiKey: [] }],
        querystring: z.strictObject({
          ...fieldsQuery(SCREENED_ITEM_FIELDS),
          determinations: DeterminationsQuery,
        }),
        body: ScreenRequest,
        response: {
          200: ScreenAnswer,
          ...problems('unauthenticated', 'malformed-body', 'payload-too-large', 'unsupported-media-type'),
        },
      },
    },
    async (request, reply) => {
      const { items, jurisdiction, knownAt } = request.body
      const known = await knowledgeAt(
        knownAt === undefined ? undefined : readKnownAt(knownAt, now(), '/knownAt'),
      )
      const shape = screenShape(items.length, request.query)
      assertFew(items.length, shape)
      const { jurisdictionId } = request.principal
      // The day of a city is counted in its own zone, and what it holds counts for what it asks.
      const own =
        jurisdictionId === null
          ? null
          : await database.inJurisdiction(jurisdictionId, (tx) =>
              loadJurisdiction(tx, jurisdictionId, knownAt),
            )
      const localLaws =
        own?.localLaws ??
        (await database.acrossJurisdictions([], (tx) => lawsOfStates(tx, jurisdiction, knownAt)))
      const asOf = request.body.asOf ?? dayIn(now(), own?.timezone ?? 'UTC')
      const read = readItems(items)
      const one = screener(jurisdiction, underLocalLaw(known, { ...own, localLaws }), asOf, own?.firmware)
      // All before the first byte is sent: what fails here is still answered as a failure.
      const screenings: Screening[] = []
      const pause = pacer()
      for (const device of read) {
        await pause()
        screenings.push(one(device))
      }
      const head = JSON.stringify({
        asOf,
        dataVersions: dataVersions(known),
        cityQuestions: cityQuestions(screenings),
        needPerson: needPerson(screenings),
        countsHoldings: own !== null,
        leftOut: leftOut(screenings, own !== null),
      }).slice(0, -1)
      const references = items.map(({ reference }) => reference)
      return sendText(reply, Readable.from(answerText(head, screenings, references, shape)))
    },
  )
}
