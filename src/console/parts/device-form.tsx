/** The form of a device, new or stored. */
import type { TitledField } from '../../device/titles.ts'
import { controlOf, FIELD_GROUPS, HINTS, titleOf, toText } from '../device-fields.ts'
import type { FormState } from '../form.ts'
import { Form, Input, Select, TextArea } from './form.tsx'

export type SiteChoices = readonly (readonly [id: string, name: string])[]

interface DeviceFormOf {
  readonly form: FormState
  readonly button: string
  readonly sites: SiteChoices
  readonly stored: Readonly<Record<string, unknown>>
  /** The entity tag of what is shown, so that a change of somebody else is not overwritten. */
  readonly etag?: string
  /** Cities to choose from, for a key of several. */
  readonly cities?: SiteChoices
  readonly title?: string
}

export const DEVICE_LABELS: Readonly<Record<string, string>> = {
  siteId: 'Site',
  jurisdictionId: 'City',
  ...Object.fromEntries(FIELD_GROUPS.flatMap(([, fields]) => fields.map((field) => [field, titleOf(field)]))),
}

export function DeviceForm({ form, button, sites, stored, etag, cities = [] }: DeviceFormOf) {
  return (
    <Form form={form} labels={DEVICE_LABELS} button={button} isWide>
      {etag === undefined ? null : <input type="hidden" name="etag" value={etag} />}
      {cities.length === 0 ? null : (
        <div class="stack">
          <Select form={form} name="jurisdictionId" label="City" options={[['', 'choose'], ...cities]} />
        </div>
      )}
      {FIELD_GROUPS.map(([title, fields]) => (
        <fieldset key={title}>
          <legend>{title}</legend>
          <div class="columns">
            {title === 'Where it is' ? (
              <Select
                form={form}
                name="siteId"
                label="Site"
                value={toId(stored.siteId)}
                options={[['', 'none'], ...sites]}
              />
            ) : null}
            {fields.map((field) => (
              <DeviceInput key={field} form={form} field={field} stored={stored[field]} />
            ))}
          </div>
        </fieldset>
      ))}
    </Form>
  )
}

const toId = (value: unknown) => (typeof value === 'string' ? value : '')

export function DeviceInput({
  form,
  field,
  stored,
}: {
  readonly form: FormState
  readonly field: TitledField
  readonly stored: unknown
}) {
  const control = controlOf(field)
  const hint = HINTS[field]
  const common = {
    form,
    name: field,
    label: titleOf(field),
    value: toText(field, stored),
    ...(hint === undefined ? {} : { hint }),
  }
  if (control.kind === 'choice') return <Select {...common} options={control.options} />
  if (control.kind === 'long') return <TextArea {...common} />
  return <Input {...common} type={control.kind === 'date' ? 'date' : 'text'} />
}
