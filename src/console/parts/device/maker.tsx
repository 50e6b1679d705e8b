/** Who made a device, and what says so. */

import { factWords } from '../../../determination/missing-words.ts'
import type { Gets } from '../../answers.ts'
import { IDENTIFIED_WORDS } from '../../choice-words.ts'
import { isField } from '../../device-fields.ts'
import type { Names } from '../../names.ts'
import { Table } from '../table.tsx'
import { Known } from '../words.tsx'

type Device = Gets['/v1/devices/{id}']
type Evidence = Device['identification']['evidence'][number]

const KIND_WORDS: Readonly<Record<string, string>> = {
  'declared-name': 'Name on the label',
  'model-pattern': 'Model number',
  'mac-prefix': 'MAC address',
  'fcc-grantee': 'FCC id',
  'firmware-string': 'Firmware version',
  'relabel-record': 'Record of relabeling',
  'ownership-record': 'Record of ownership',
  'component-statement': 'Statement on parts',
  'person-statement': 'Statement of a person',
  'fallen-statement': 'Statement that no longer counts',
}

const percent = (share: number) => `${Math.round(share * 100)}%`

export function Maker({ device, names }: { readonly device: Device; readonly names: Names }) {
  const { identification } = device
  const counts = identification.evidence.filter(({ weight }) => weight > 0)
  const against = identification.evidence.filter(({ weight }) => weight === 0)
  return (
    <section id="evidence">
      <h2>Who made it</h2>
      <p class="lead">{verdict(device, names)}</p>
      <Chain device={device} names={names} />
      {identification.maker === null && identification.candidates.length > 0 ? (
        <>
          <h3>It may be made by</h3>
          <ul>
            {identification.candidates.map(({ vendor, name, confidence, because }) => (
              <li key={vendor}>
                <strong>{name}</strong>, {percent(confidence)}: {because}
              </li>
            ))}
          </ul>
        </>
      ) : null}
      <WouldSettle device={device} />
      {counts.length === 0 ? null : <Pieces caption="What points to a maker" pieces={counts} names={names} />}
      {against.length === 0 ? null : (
        <Pieces caption="What was read and does not count" pieces={against} names={names} />
      )}
      {identification.components.length === 0 ? null : <Components device={device} />}
    </section>
  )
}

function verdict({ identification }: Device, names: Names): string {
  const { status, maker, confidence } = identification
  if (maker !== null) return `Made by ${names.vendor(maker)}, ${percent(confidence)} sure.`
  return `${IDENTIFIED_WORDS[status]}.`
}

/** From the label to the maker. */
function Chain({ device, names }: { readonly device: Device; readonly names: Names }) {
  const { brand, maker } = device.identification
  const label = [device.manufacturer, device.model].filter(Boolean).join(' ')
  if (label === '' && brand === null) return <p>Neither label nor model is known.</p>
  return (
    <ol class="chain">
      <li>
        <span class="hint">The label says</span> <strong>{label === '' ? 'nothing' : label}</strong>
      </li>
      {brand === null ? null : (
        <li>
          <span class="hint">which is the brand</span> <strong>{names.vendor(brand)}</strong>
        </li>
      )}
      <li>
        <span class="hint">made by</span>{' '}
        <strong>{maker === null ? 'not known' : names.vendor(maker)}</strong>
      </li>
    </ol>
  )
}

function WouldSettle({ device }: { readonly device: Device }) {
  const { wouldSettle, needsReview } = device.identification
  if (!needsReview || wouldSettle.length === 0) return null
  return (
    <p>
      What would settle it:{' '}
      {wouldSettle.map((fact) => (isField(fact) ? titled(fact) : factWords(fact))).join(', ')}.
    </p>
  )
}

const titled = (fact: string) =>
  factWords(fact) === fact ? fact.replaceAll(/([A-Z])/g, ' $1').toLowerCase() : factWords(fact)

function Pieces({
  caption,
  pieces,
  names,
}: {
  readonly caption: string
  readonly pieces: readonly Evidence[]
  readonly names: Names
}) {
  return (
    <Table
      caption={caption}
      rows={pieces.map((piece, at) => ({ ...piece, at }))}
      rowKey={({ kind, at }) => `${kind}-${at}`}
      columns={[
        { label: 'What', cell: ({ kind }) => KIND_WORDS[kind] ?? kind },
        { label: 'Read', cell: ({ value }) => <Known value={value} /> },
        {
          label: 'Points to',
          cell: ({ pointsTo }) => (pointsTo === null ? 'nobody' : names.vendor(pointsTo)),
        },
        { label: 'Weight', cell: ({ weight }) => percent(weight), isNumber: true },
        { label: 'Why', cell: ({ note }) => note },
        { label: 'Source', cell: ({ source }) => source },
      ]}
    />
  )
}

function Components({ device }: { readonly device: Device }) {
  return (
    <>
      <h3>Parts of others</h3>
      <ul>
        {device.identification.components.map(({ name, standing, because }) => (
          <li key={name}>
            {name} ({standing}): {because}
          </li>
        ))}
      </ul>
    </>
  )
}
