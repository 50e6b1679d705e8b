/** What a request sets of a city's own fields, checked against what the city defined. */
import { type CustomChange, type CustomField, customValue, expectedOf } from '../../device/custom.ts'
import { DomainError, type FieldProblem } from '../../http/problems.ts'
import type { Work } from '../../tenancy/work.ts'
import { heldCustomFields } from './store.ts'

/** The change with values as they are kept. Throws `invalid-request` naming every field that is wrong. */
export async function checkedCustom<T extends { readonly custom?: CustomChange | null | undefined }>(
  { tx, jurisdictionId }: Pick<Work, 'tx' | 'jurisdictionId'>,
  change: T,
  pointer = '/custom',
): Promise<T> {
  const { custom } = change
  if (custom === undefined || custom === null) return change
  return { ...change, custom: checked(custom, await heldCustomFields(tx, jurisdictionId), pointer) }
}

function checked(change: CustomChange, fields: readonly CustomField[], pointer: string): CustomChange {
  const errors: FieldProblem[] = []
  const values: [string, CustomChange[string]][] = []
  for (const [name, given] of Object.entries(change)) {
    const field = fields.find((one) => one.name === name)
    const value = field === undefined || given === null ? null : customValue(field, given)
    if (field === undefined)
      errors.push({ pointer: `${pointer}/${name}`, code: 'unknown-field', message: unknown(fields) })
    else if (given !== null && value === null)
      errors.push({
        pointer: `${pointer}/${name}`,
        code: 'wrong-type',
        message: `must be ${expectedOf(field)}`,
      })
    values.push([name, value])
  }
  if (errors.length > 0) {
    throw new DomainError('invalid-request', 'Custom fields are wrong or unknown.', { errors })
  }
  return Object.fromEntries(values)
}

function unknown(fields: readonly CustomField[]): string {
  const names = fields
    .map(({ name }) => name)
    .toSorted()
    .join(', ')
  return names === ''
    ? 'is no field: the city has none of its own; add it with POST /v1/custom-fields'
    : `is no field of this city; it has ${names}`
}
