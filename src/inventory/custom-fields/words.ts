/** Names and labels that a custom field may have: a column of a file must mean one thing. */
import type { CustomField } from '../../device/custom.ts'
import { FIELD_NAMES } from '../../device/fields.ts'
import { DomainError, type FieldProblem } from '../../http/problems.ts'
import type { Mentions } from '../../identification/mentions.ts'
import { customOfHeader } from '../../intake/custom-columns.ts'
import { COLUMN_FIELDS, FIELDS, foldHeader } from '../../intake/fields.ts'
import { isHeaderWord } from '../../intake/headers.ts'
import { isSecretHeader } from '../../intake/secrets.ts'
import { TABLE_HEADERS } from '../device-csv.ts'
import { workbookHeaders } from '../device-workbook.ts'

/**
 * Values stand with the devices under the name of the field, and what that names raises doubt for good. A label can be
 * changed, so that none names a restricted maker that the name is silent about. Throws `invalid-request`.
 */
export function assertNamesAlike(
  { name, label }: Pick<CustomField, 'name' | 'label'>,
  mentions: Mentions,
): void {
  const said = mentions.in(name.replaceAll('_', ' '))
  const unsaid = mentions.in(label).filter((vendor) => !said.includes(vendor))
  if (unsaid.length === 0) return
  throw new DomainError('invalid-request', 'The label names a restricted maker that the name does not.', {
    errors: [
      {
        pointer: '/label',
        code: 'names-a-maker',
        message: `names ${unsaid.join(', ')}: a field about it is called after it, such as ${unsaid[0]!.replaceAll(/[^a-z0-9]+/g, '_')}_part, so that devices that have it are looked at`,
      },
    ],
  })
}

/** Throws `invalid-request`, `custom-field-taken`. */
export function assertFreeWords(
  words: Pick<CustomField, 'name' | 'label'>,
  others: readonly CustomField[],
): void {
  const errors: FieldProblem[] = []
  for (const at of ['name', 'label'] as const) {
    const text = words[at]
    const taken = others.some(
      (other) =>
        customOfHeader(text, [other]) !== null ||
        customOfHeader(other[at], [{ ...other, ...words }]) !== null,
    )
    if (taken) {
      throw new DomainError('custom-field-taken', `Another field is called ${JSON.stringify(text)}.`, {
        errors: [{ pointer: `/${at}`, code: 'taken', message: 'is the name or the label of another field' }],
      })
    }
    const why = whyNot(text)
    if (why !== null) errors.push({ pointer: `/${at}`, code: 'has-meaning', message: why })
  }
  if (errors.length > 0)
    throw new DomainError('invalid-request', 'A column of this name means something else already.', {
      errors,
    })
}

function whyNot(text: string): string | null {
  if (isSecretHeader(text)) return 'is what columns of logins are called, which are never read'
  const own = [...FIELD_NAMES, ...COLUMN_FIELDS].find((field) => field.toLowerCase() === text.toLowerCase())
  if (own !== undefined) return `is the field ${own} of every device`
  const header = foldHeader(text)
  const written = [...TABLE_HEADERS, ...workbookHeaders()].find((one) => foldHeader(one) === header)
  if (!isHeaderWord(text)) {
    // An import of an export would take what was found of a device for what the city keeps of it.
    return written === undefined ? null : `is what exports call ${written}, which the service finds out`
  }
  const field = COLUMN_FIELDS.find((one) => FIELDS[one].headers.some((names) => names.includes(header)))
  return `is what files call ${field ?? 'the model or the device class'}, a field of every device`
}
