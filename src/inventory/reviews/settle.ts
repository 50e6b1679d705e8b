/** Requests that settle what waits for a person. Pure. */
import type { ReviewGroup } from './schemas.ts'

type Settle = ReviewGroup['settle']

/** Facts of a device that a person reads off it, in the words of its label. */
const READABLE: Readonly<Record<string, string>> = {
  manufacturer: 'the name on the label',
  model: 'the model number on the label',
  macAddress: 'the MAC address on the label or in the switch',
  fccId: 'the FCC ID on the label',
  firmwareVersion: 'the firmware version of its web page',
  producedOn: 'the day of production, YYYY-MM-DD',
}

export function waysToSettle(
  group: Pick<ReviewGroup, 'id' | 'by' | 'missing' | 'model' | 'candidates' | 'manufacturer'>,
  deviceId: string,
): Settle {
  const scope = group.by === 'model' ? 'model' : 'device'
  const path = `/v1/devices/${deviceId}/statements`
  const fact = group.missing.find((name) => READABLE[name] !== undefined)
  const facts: Settle =
    fact === undefined
      ? []
      : [
          {
            how: `Look for ${READABLE[fact]}.`,
            method: 'PATCH',
            path: `/v1/devices/${deviceId}`,
            body: { [fact]: `<${READABLE[fact]}>` },
          },
        ]
  const maker = group.candidates[0]?.vendor ?? '<catalog id>'
  return [
    ...facts,
    ...catalogQuestion(group),
    {
      how: 'State who built it, when you know.',
      method: 'POST',
      path,
      body: { maker: `<such as ${maker}>`, basis: 'label-photo', by: '<your name>', scope },
    },
    {
      how: 'Say of all of them that it cannot be found out, and what was tried.',
      method: 'POST',
      path: `/v1/reviews/${group.id}/statements`,
      body: { maker: null, basis: 'inspection', by: '<your name>', note: '<what was tried>' },
    },
  ]
}

/** A name that points to nobody: how to look it up, before anything is stated. */
function catalogQuestion({
  candidates,
  manufacturer,
}: Pick<ReviewGroup, 'candidates' | 'manufacturer'>): Settle {
  if (candidates.length > 0 || manufacturer === null) return []
  return [
    {
      how: `No maker is known for “${manufacturer}”. Look whether the catalog has it under another name; if not, ask the seller who built it, or state below that it cannot be found out.`,
      method: 'GET',
      path: `/v1/manufacturers?q=${encodeURIComponent(manufacturer)}`,
      body: {},
    },
  ]
}
