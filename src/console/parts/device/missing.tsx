/** Facts that answers wait for, each with the field that sets it. */

import { isAskedOfCity } from '../../../determination/city-facts.ts'
import { factWords } from '../../../determination/missing-words.ts'
import type { TitledField } from '../../../device/titles.ts'
import type { Gets } from '../../answers.ts'
import { isField } from '../../device-fields.ts'
import { UNSENT } from '../../form.ts'
import { DEVICE_LABELS, DeviceInput } from '../device-form.tsx'
import { Form } from '../form.tsx'

type Device = Gets['/v1/devices/{id}']

interface MissingOf {
  readonly device: Device
  readonly etag: string
  readonly mayChange: boolean
}

/** Fact -> how many answers wait for it, the most wanted first. */
function missingOf({ determinations, firmwareRisk, identification }: Device): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  const note = (fact: string) => counts.set(fact, (counts.get(fact) ?? 0) + 1)
  for (const { missingFacts } of determinations) for (const fact of missingFacts) note(fact)
  for (const fact of firmwareRisk.missingFacts) note(fact)
  if (identification.needsReview) for (const fact of identification.wouldSettle) note(fact)
  return new Map([...counts].toSorted(([, a], [, b]) => b - a))
}

export function Missing({ device, etag, mayChange }: MissingOf) {
  const missing = missingOf(device)
  const fields = [...missing.keys()].filter((fact): fact is TitledField => isField(fact))
  const ofTheCity = [...missing.keys()].filter(isAskedOfCity)
  if (fields.length === 0 && ofTheCity.length === 0) return null
  return (
    <section id="missing">
      <h2>What would settle open answers</h2>
      {fields.length === 0 ? null : mayChange ? (
        <Form
          form={UNSENT}
          labels={DEVICE_LABELS}
          button="Save what I know"
          action={`/console/devices/${device.id}/edit`}
          isWide
        >
          <input type="hidden" name="etag" value={etag} />
          <div class="columns">
            {fields.map((field) => (
              <DeviceInput
                key={field}
                form={UNSENT}
                field={field}
                stored={(device as Readonly<Record<string, unknown>>)[field]}
              />
            ))}
          </div>
        </Form>
      ) : (
        <p>Not on record: {fields.map((fact) => factWords(fact)).join(', ')}. Your key reads only.</p>
      )}
      {ofTheCity.length === 0 ? null : (
        <p>
          Facts of the city, stated once for all its devices:{' '}
          {ofTheCity.map((fact) => factWords(fact)).join(', ')}.{' '}
          <a href={`/console/jurisdictions/${device.jurisdictionId}`}>What is on record of the city</a>
        </p>
      )}
    </section>
  )
}
