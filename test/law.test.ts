/** What the law makes of a device, asked over HTTP: classes, parts, contradictions, names, places and words. */
import t from 'tap'
import { harness } from './support/harness.ts'

const h = await harness(t)
const OHIO = { state: 'OH', federalContractor: false, sellsToFederal: false }
/** A whole answer. */
interface Answer {
  readonly identification: {
    readonly status: string
    readonly maker: string | null
    readonly wouldSettle: readonly string[]
    readonly components: readonly { readonly vendor: string; readonly standing: string }[]
  }
  readonly headline: Readonly<Record<string, string>>
  readonly determinations: readonly Told[]
}
interface Told {
  readonly regime: string
  readonly activity: string
  readonly outcome: string
  readonly because: string
  readonly facts: Readonly<Record<string, unknown>>
  readonly missingFacts: readonly string[]
  readonly certainty: string
  readonly citation: string
  readonly waitsFor: string | null
}

async function ask(item: object, jurisdiction: object = {}, asOf = '2026-11-28'): Promise<Answer> {
  const reply = await h.call('POST', '/v1/screen', {
    body: {
      asOf,
      jurisdiction: { ...OHIO, ...jurisdiction },
      items: [{ purpose: 'public-safety', fundingSource: 'local', ...item }],
    },
  })
  if (reply.status !== 200) throw new Error(`${reply.status} ${reply.text.slice(0, 500)}`)
  return reply.body.items[0]
}
const outcome = (answer: Answer, regime: string, activity: string) =>
  answer.determinations.find((one) => one.regime === regime && one.activity === activity)?.outcome
/** Whether a class of products was in question: the list names classes, and the class was not known. */
const asksForClass = ({ determinations }: Answer) =>
  determinations.some(
    ({ missingFacts, facts }) =>
      missingFacts.includes('deviceClass') || String(facts.listing ?? '').startsWith('fcc-class'),
  )

t.test('a camera of whoever makes drones and routers too is known by its line', async (t) => {
  const cameras = [
    ['Samsung', 'SNV-6084'],
    ['Sony', 'SNC-VB600'],
    ['LG', 'LNV5110R'],
    ['Toshiba', 'IK-WB16A'],
    ['Ring', 'Stick Up Cam'],
    ['Nest', 'Cam IQ'],
    ['Huawei', 'IPC6325'],
    ['Intelbras', 'VIP 1230'],
    ['Flock Safety', 'Falcon'],
    ['Milesight', 'MS-C2964-PB'],
  ]
  for (const [manufacturer, model] of cameras)
    t.notOk(asksForClass(await ask({ manufacturer, model })), `${manufacturer} ${model}`)
  for (const [manufacturer, model] of [
    ['DJI', 'Mavic 3'],
    ['Sony', 'Airpeak S1'],
    ['TP-Link', 'Archer AX50'],
  ])
    t.ok(
      (await ask({ manufacturer, model })).determinations.some(
        ({ regime, activity, outcome }) =>
          regime === 'fcc-covered-list' && activity === 'procure' && outcome !== 'permitted',
      ),
      `${manufacturer} ${model} stays in its class`,
    )
})

t.test(
  'while the maker is not settled, the lines of those who may have built it tell the class',
  async (t) => {
    const open = [
      { model: 'IPC-HDW2431T' },
      { model: 'DS-2CD2143G2-I' },
      { manufacturer: 'Hikvision / Dahua', model: 'IPC-HDW2431T' },
      { manufacturer: 'Honeywell?', model: 'HC30W45R2' },
    ]
    for (const item of open) {
      const answer = await ask(item)
      t.equal(answer.identification.maker, null)
      t.notOk(asksForClass(answer), JSON.stringify(item))
      t.ok(Object.values(answer.headline).every((one) => one !== 'permitted'))
    }
    const drone = await ask({ manufacturer: 'DJI / Autel', model: 'Mavic 3' })
    t.equal(drone.identification.maker, null)
    t.equal(outcome(drone, 'fcc-covered-list', 'procure'), 'review', 'a drone of either stays one')
  },
)

t.test('a brand that sells only cameras sells no drone, whoever builds for it', async (t) => {
  for (const [manufacturer, maker] of [
    ['LTS', 'hikvision'],
    ['Lorex', 'dahua'],
  ]) {
    const answer = await ask({ manufacturer, model: 'Series 8', acquiredOn: '2021-06-01' })
    t.notOk(asksForClass(answer), `${manufacturer} behind which stands ${maker}`)
  }
  t.ok(asksForClass(await ask({ manufacturer: 'Hikvision' })), 'who makes drones may have made one')
})
