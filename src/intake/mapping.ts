/**
 * Which column fills which field: as asked, as the profile says, then by the words of the header.
 *
 * The result names every column's fate. What could be read two ways is not chosen: it is asked.
 */
import type { CustomField } from '../device/custom.ts'
import { isPointText } from './cells.ts'
import { customOfHeader } from './custom-columns.ts'
import {
  COLUMN_FIELDS,
  type ColumnField,
  DISTINGUISHING_FIELDS,
  FIELDS,
  foldHeader,
  MODEL_OR_CLASS,
  type NamedField,
  PURCHASE_HEADERS,
  SELLER_OR_MAKER,
  withoutPrefix,
} from './fields.ts'
import { cellsFit, isNetworkAddress, looksLikeModel, shareOf } from './fitting.ts'
import { IntakeError } from './problem.ts'
import type { ColumnRef, Profile } from './profiles.ts'
import { isSecretHeader } from './secrets.ts'
import { isUnknownWord, valueOfWord } from './words.ts'

/** `field: column`, by header text or 0-based position; null leaves the field out. */
export type StatedMapping = Readonly<Partial<Record<NamedField, ColumnRef | null>>>

export interface Column {
  /** 0-based. */
  readonly index: number
  readonly header: string
  /** Why a column that a name claims is left out. */
  readonly why?: string
}

export interface MappedField {
  readonly field: ColumnField
  /** In order of preference; in a row the first that is not blank counts. */
  readonly columns: readonly Column[]
  readonly how: 'stated' | 'profile' | 'automatic'
  /** Same header twice: two different values in one row are an error. */
  readonly isDuplicate: boolean
}

/** A column of one of the city's own fields. */
export interface MappedCustom {
  readonly field: CustomField
  readonly column: Column
  readonly how: 'stated' | 'automatic'
}

export interface Mapping {
  readonly fields: readonly MappedField[]
  readonly custom: readonly MappedCustom[]
  /** Columns nobody reads. */
  readonly ignored: readonly Column[]
  /** Columns whose cells were blanked because they hold credentials. */
  readonly secret: readonly Column[]
}

export interface MappingInput {
  readonly header: readonly string[]
  /** Cells of a column among the first rows, blanks left out. */
  readonly sample: (column: number) => readonly string[]
  readonly stated: StatedMapping
  /** The city's own fields. */
  readonly own: readonly CustomField[]
  readonly profile: Profile | null
  /** Stated columns that are not there are left out instead of refused: another sheet of the workbook has them. */
  readonly isPart?: boolean
  /** What is not chosen is asked here and left open, instead of refusing the file. */
  readonly onQuestion?: ((question: IntakeError) => void) | undefined
}

function ask({ onQuestion }: MappingInput, question: IntakeError): void {
  if (onQuestion === undefined) throw question
  onQuestion(question)
}

/**
 * @throws IntakeError `unknown-field`, `unknown-column`, `secret-column`, `duplicate-column`,
 * `ambiguous-mapping`, `no-usable-column`.
 */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: settles columns in the order of the rules; all share what is still open
export function mapColumns(input: MappingInput): Mapping {
  const { header } = input
  const columns = header.map((text, index): Column => ({ index, header: text }))
  const secret = columns.filter((column) => isSecretHeader(column.header))
  const open = new Set(columns.filter((column) => column.header.trim() !== '' && !secret.includes(column)))
  const fields: MappedField[] = []
  const settled = new Set<ColumnField>()

  const settle = (
    field: ColumnField,
    found: readonly Column[],
    how: MappedField['how'],
    isDuplicate = false,
  ): void => {
    settled.add(field)
    if (found.length > 0) fields.push({ field, columns: found, how, isDuplicate })
  }
  const settleByName = (field: ColumnField, refs: readonly ColumnRef[], how: MappedField['how']): void => {
    const groups = refs.map((ref) => oneOrEmpty(columnsOf(columns, ref), field, input))
    const isDuplicate = groups.some((group) => group.length > 1)
    // Two names of a profile may be one to the eye: "Serial No." and "Serial Number".
    settle(field, [...new Set(groups.flat())], how, isDuplicate)
  }

  const custom = customStated(columns, secret, input)
  for (const [field, ref] of Object.entries(input.stated) as [ColumnField, ColumnRef | null][]) {
    if (field.startsWith(CUSTOM)) continue
    if (!COLUMN_FIELDS.includes(field)) {
      throw new IntakeError('unknown-field', `There is no device field "${field}".`, {
        field,
        fields: COLUMN_FIELDS,
      })
    }
    if (ref !== null && columnsOf(columns, ref).length === 0 && input.isPart === true) continue
    if (ref !== null) refuseBadRef(columns, secret, field, ref)
    settleByName(field, ref === null ? [] : [ref], 'stated')
  }
  for (const [field, refs] of Object.entries(input.profile?.columns ?? {})) {
    if (settled.has(field as ColumnField)) continue
    const found = [refs].flat().filter((ref) => columnsOf(columns, ref).length > 0)
    if (found.length > 0) settleByName(field as ColumnField, found, 'profile')
  }
  for (const { columns: used } of fields) for (const column of used) open.delete(column)
  for (const { column } of custom) open.delete(column)
  settleCustom(open, custom, input)
  for (const header of input.profile?.ignores ?? [])
    for (const column of columnsOf(columns, header)) open.delete(column)

  // Positions are known by their cells: "Location" is a place name in one file and a point in the next. A header
  // that claims the column for something else is believed: "1,234.00" under Cost is no place.
  const points = [...open].filter((column) => !isClaimed(column) && holdsPoints(input.sample(column.index)))
  if (!settled.has('coordinates')) {
    const named = [...open].filter((column) => isNamed(column, 'coordinates'))
    const point = oneOf('coordinates', named.length > 0 ? named : points, input)
    settle('coordinates', point, 'automatic')
    for (const column of named) open.delete(column)
  }
  for (const column of points) open.delete(column)

  const why = new Map<Column, string>()
  settleByWords(foldHeader)
  settleModelOrClass(open, settled, input, settle)
  // "Hardware MAC address", "u_serial_number": where no column says it plainly, one that says it of something does.
  settleByWords(withoutPrefix)

  function settleByWords(nameOf: (header: string) => string): void {
    for (const field of COLUMN_FIELDS) {
      if (settled.has(field)) continue
      const used: Column[] = []
      for (const names of FIELDS[field].headers) {
        const claiming = [...open].filter(
          (column) => names.includes(nameOf(column.header)) || column.header.trim() === field,
        )
        const found = claiming.filter((column) => {
          const reason = whyNot(column, field, nameOf(column.header), input)
          if (reason !== null) why.set(column, reason)
          return reason === null
        })
        if (found.length === 0) continue
        const chosen = field === 'deviceClass' ? [mostlyClasses(found, input)] : oneOf(field, found, input)
        used.push(...chosen)
        for (const column of found) open.delete(column)
        // A column with nothing in it does not keep out one that has something: both are read, the first that is filled.
        const isFilled = chosen.some((column) => input.sample(column.index).length > 0)
        if (isFilled && !FIELDS[field].isFilledUp) break
      }
      if (used.length === 0) continue
      const first = used.filter((column) => foldHeader(column.header) === foldHeader(used[0]!.header))
      const isDuplicate = first.length > 1
      settle(field, isDuplicate ? first : used, 'automatic', isDuplicate)
    }
  }

  // Columns of their own are more exact than a pair in one cell.
  const hasBoth = settledField(fields, 'latitude') && settledField(fields, 'longitude')
  const kept = hasBoth
    ? fields.filter((mapped) => mapped.field !== 'coordinates' || mapped.how === 'stated')
    : [...fields]
  if (!isTold(kept)) readDescriptions(kept, input)
  if (!isTold(kept)) {
    const question = new IntakeError(
      'no-usable-column',
      `No column could be read as one of ${DISTINGUISHING_FIELDS.join(', ')}. Assign the columns with a mapping.`,
      { headers: header, fields: COLUMN_FIELDS },
    )
    // Of several sheets, one without such a column is no list of devices.
    if (input.isPart === true) throw question
    ask(input, question)
  }
  const used = new Set([
    ...kept.flatMap((mapped) => mapped.columns.map((column) => column.index)),
    ...custom.map(({ column }) => column.index),
  ])
  const ignored = columns
    .filter((column) => !used.has(column.index) && !secret.includes(column))
    .map((column) => (why.has(column) ? { ...column, why: why.get(column)! } : column))
  return { fields: kept, custom, ignored, secret }
}

const isTold = (fields: readonly MappedField[]) =>
  fields.some(({ field }) => (DISTINGUISHING_FIELDS as readonly string[]).includes(field))

/** "CAMERA DOME HIKVISION DS-2CD2143G2-I": in a ledger the description is all that tells what was bought. */
function readDescriptions(fields: MappedField[], { sample }: MappingInput): void {
  const at = fields.findIndex(({ field, how, columns }) => {
    const [column] = columns
    if (field !== 'name' || how === 'stated' || column === undefined) return false
    return shareOf(sample(column.index), looksLikeModel) >= 0.5
  })
  if (at >= 0) fields[at] = { ...fields[at]!, field: 'model' }
}

const CUSTOM = 'custom.'

/** The city's own fields that the mapping names. */
function customStated(
  columns: readonly Column[],
  secret: readonly Column[],
  input: MappingInput,
): MappedCustom[] {
  const found: MappedCustom[] = []
  for (const [name, ref] of Object.entries(input.stated) as [NamedField, ColumnRef | null][]) {
    if (!name.startsWith(CUSTOM)) continue
    const field = input.own.find((one) => `${CUSTOM}${one.name}` === name)
    if (field === undefined) {
      const fields = input.own.map((one) => `${CUSTOM}${one.name}`)
      throw new IntakeError('unknown-field', `The city has no field "${name}".`, { field: name, fields })
    }
    if (ref === null || (input.isPart === true && columnsOf(columns, ref).length === 0)) continue
    refuseBadRef(columns, secret, name, ref)
    found.push({ field, column: columnsOf(columns, ref)[0]!, how: 'stated' })
  }
  return found
}

/** A city that names a field of its own means the column of that name. */
function settleCustom(open: Set<Column>, custom: MappedCustom[], { own, stated }: MappingInput): void {
  for (const column of [...open]) {
    const field = customOfHeader(column.header, own)
    if (field === null || `${CUSTOM}${field.name}` in stated) continue
    // The second column of a name is left out, and says so.
    if (custom.some((mapped) => mapped.field === field)) continue
    custom.push({ field, column, how: 'automatic' })
    open.delete(column)
  }
}

/** Columns of that header, or the one at that position. Exact text first, then folded. */
function columnsOf(columns: readonly Column[], ref: ColumnRef): Column[] {
  if (typeof ref === 'number') return columns.filter((column) => column.index === ref)
  const exact = columns.filter((column) => column.header.trim() === ref.trim())
  if (exact.length > 0) return exact
  return columns.filter((column) => foldHeader(column.header) === foldHeader(ref) && foldHeader(ref) !== '')
}

function refuseBadRef(
  columns: readonly Column[],
  secret: readonly Column[],
  field: NamedField,
  ref: ColumnRef,
): void {
  const found = columnsOf(columns, ref)
  if (found.length === 0) {
    const name = typeof ref === 'number' ? `number ${ref} (counted from 0)` : `"${ref}"`
    throw new IntakeError(
      'unknown-column',
      `The mapping of ${field} names a column ${name}, which the file does not have.`,
      {
        field,
        column: ref,
        headers: columns.map((column) => column.header),
      },
    )
  }
  if (found.some((column) => secret.includes(column))) {
    throw new IntakeError(
      'secret-column',
      `Column "${found[0]!.header}" holds credentials and is never read.`,
      { field, column: ref },
    )
  }
}

/** Columns with one and the same header: fine while at most one of them has anything in it. */
function oneOrEmpty(found: readonly Column[], field: ColumnField, input: MappingInput): readonly Column[] {
  if (found.length < 2) return found
  const filled = found.filter((column) => input.sample(column.index).length > 0)
  if (filled.length < 2) return [...filled, ...found.filter((column) => !filled.includes(column))]
  const [first, second] = filled
  ask(
    input,
    new IntakeError(
      'duplicate-column',
      `Two columns are called "${first!.header}" (number ${first!.index + 1} and ${second!.index + 1}) and both would fill ${field}. Map ${field} by position.`,
      { field, columns: filled },
    ),
  )
  return []
}

/** The one column of several candidates; asks when they are different columns with data. */
function oneOf(field: ColumnField, found: readonly Column[], input: MappingInput): readonly Column[] {
  if (found.length < 2) return found
  const names = new Set(found.map((column) => foldHeader(column.header)))
  if (names.size === 1) return oneOrEmpty(found, field, input)
  const filled = found.filter((column) => input.sample(column.index).length > 0)
  if (filled.length < 2) return filled.length === 1 ? filled : found.slice(0, 1)
  ask(
    input,
    new IntakeError(
      'ambiguous-mapping',
      `${list(filled)} could each be ${field}. Choose with a mapping, such as {"${field}": ${JSON.stringify(filled[0]!.header)}}.`,
      { field, candidates: filled },
    ),
  )
  return []
}

/** `Type` is the model in NetBox and the class in Snipe-IT: the cells decide, and where they do not, a person. */
function settleModelOrClass(
  open: Set<Column>,
  settled: ReadonlySet<ColumnField>,
  input: MappingInput,
  settle: (field: ColumnField, found: readonly Column[], how: 'automatic') => void,
): void {
  const isFree = (field: ColumnField) => !settled.has(field)
  const unclear: Column[] = []
  for (const column of open) {
    if (!MODEL_OR_CLASS.includes(foldHeader(column.header))) continue
    const cells = input.sample(column.index).filter((cell) => !isUnknownWord(cell))
    if (cells.length === 0) continue
    const classes = shareOf(cells, (cell) => valueOfWord('deviceClass', cell) !== null)
    if (classes >= 0.5) {
      if (isFree('deviceClass')) settle('deviceClass', [column], 'automatic')
    } else if (isFree('model') && shareOf(cells, looksLikeModel) >= 0.5)
      settle('model', [column], 'automatic')
    else unclear.push(column)
  }
  for (const column of unclear) {
    if (isFree('model')) {
      ask(
        input,
        new IntakeError(
          'ambiguous-mapping',
          `Column "${column.header}" could be the model or the device class. Choose with a mapping, such as {"model": ${JSON.stringify(column.header)}}.`,
          { column, candidates: ['model', 'deviceClass'] },
        ),
      )
      continue
    }
    // Beside a model, a column of kinds is one also where only some of its words are known.
    const cells = input.sample(column.index)
    if (isFree('deviceClass') && cells.some((cell) => valueOfWord('deviceClass', cell) !== null))
      settle('deviceClass', [column], 'automatic')
  }
}

/** Why a column whose header names the field does not fill it; null when it does. */
function whyNot(column: Column, field: ColumnField, header: string, input: MappingInput): string | null {
  const cells = input.sample(column.index).filter((cell) => !isUnknownWord(cell))
  if (field === 'manufacturer' && SELLER_OR_MAKER.has(header) && isOfPurchases(input))
    return 'In a file of purchases a vendor is the seller; map manufacturer to this column if it names the maker.'
  if (field === 'siteName' && shareOf(cells, isNetworkAddress) >= 0.5)
    return 'It holds network addresses, no places.'
  return cellsFit(field, header, cells)
}

/** Whether some header speaks of money, orders or invoices. */
function isOfPurchases({ header }: MappingInput): boolean {
  return header.some((text) => PURCHASE_HEADERS.has(foldHeader(text)))
}

/** Of several columns of kinds ("Category", "Class") the one whose words are known. */
function mostlyClasses(found: readonly Column[], input: MappingInput): Column {
  const known = found.map((column) =>
    shareOf(input.sample(column.index), (cell) => valueOfWord('deviceClass', cell) !== null),
  )
  return found[known.indexOf(Math.max(...known))]!
}

/** Whether the header is the name of a field that is no place: then no cell makes it a position. */
function isClaimed(column: Column): boolean {
  return COLUMN_FIELDS.some(
    (field) => field !== 'siteName' && field !== 'coordinates' && isNamed(column, field),
  )
}

function holdsPoints(cells: readonly string[]): boolean {
  const known = cells.filter((cell) => !isUnknownWord(cell))
  return known.length > 0 && known.filter(isPointText).length >= known.length * 0.8
}

function isNamed(column: Column, field: ColumnField): boolean {
  return (
    column.header.trim() === field ||
    FIELDS[field].headers.some((names) => names.includes(foldHeader(column.header)))
  )
}

function settledField(fields: readonly MappedField[], field: ColumnField): boolean {
  return fields.some((mapped) => mapped.field === field)
}

function list(columns: readonly Column[]): string {
  return columns.map((column) => `"${column.header}"`).join(' and ')
}

/** The field a column name alone means; null when it is none or could be several. Used for keys that come late. */
export function fieldOfHeader(header: string): ColumnField | null {
  if (isSecretHeader(header)) return null
  const exact = COLUMN_FIELDS.find((field) => field === header.trim())
  if (exact !== undefined) return exact
  return COLUMN_FIELDS.find((field) => FIELDS[field].headers[0]!.includes(foldHeader(header))) ?? null
}
