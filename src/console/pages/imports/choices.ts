/** What a person chooses on the way of a file into the register. It is the query of the pages, and of the API. Pure. */

/** By name of the API, as it stands in the address. */
const NAMES = [
  'jurisdictionId',
  'mapping',
  'values',
  'dateOrder',
  'delimiter',
  'header',
  'sheet',
  'source',
  'blanks',
  'atomic',
] as const
type Choice = (typeof NAMES)[number]

/** Those that say how the file is read, and not what becomes of it. */
const READING: readonly Choice[] = ['mapping', 'values', 'dateOrder', 'delimiter', 'header', 'sheet']

type Wish = Readonly<Partial<Record<Choice, string | readonly string[] | null>>>

/** Those of an address, without what is blank, changed as wished; null takes one out. */
export function choicesOf(query: URLSearchParams, wish: Wish = {}): URLSearchParams {
  const chosen = new URLSearchParams()
  for (const name of NAMES) {
    const wished = wish[name]
    const values = wished === undefined ? query.getAll(name) : wished === null ? [] : [wished].flat()
    for (const value of values) if (value !== '') chosen.append(name, value)
  }
  return chosen
}

export function readingOf(choices: URLSearchParams): URLSearchParams {
  return new URLSearchParams([...choices].filter(([name]) => (READING as readonly string[]).includes(name)))
}

const under = (path: string, query: URLSearchParams) => (query.size === 0 ? path : `${path}?${query}`)

/** Addresses of the steps. */
export const columnsAddress = (upload: string, choices: URLSearchParams) =>
  under(`/console/imports/new/${encodeURIComponent(upload)}`, choices)

export function checkAddress(upload: string, choices: URLSearchParams, job?: string): string {
  const query = new URLSearchParams(choices)
  if (job !== undefined) query.set('job', job)
  return under(`/console/imports/new/${encodeURIComponent(upload)}/check`, query)
}

/** Where long work is watched, and where it leads: `on` when it is done, `back` when it failed. */
export function jobAddress(job: string, { on, back }: { readonly on?: string; readonly back: string }) {
  const query = new URLSearchParams({ ...(on === undefined ? {} : { on }), back })
  return `/console/jobs/${encodeURIComponent(job)}?${query}`
}

export type Mapping = Readonly<Record<string, string | number | null>>

export function objectOf<T>(text: string | null): Readonly<Record<string, T>> {
  try {
    const value: unknown = JSON.parse(text ?? '{}')
    return typeof value === 'object' && value !== null ? (value as Record<string, T>) : {}
  } catch {
    return {}
  }
}

/** A column of the file, and the field that it is read as; null when it is not imported. */
export interface ReadColumn {
  /** Name of its field in the form. */
  readonly name: string
  /** How a mapping names it: its header where sheets differ, its place otherwise. */
  readonly ref: string | number
  readonly field: string | null
}

export interface Assigned {
  readonly mapping: Mapping
  /** By name in the form. */
  readonly errors: Readonly<Record<string, string>>
}

/**
 * The mapping that makes each column what was chosen for it. What was read of itself and stays is not stated, so a
 * field that several columns fill keeps them.
 */
export function assign(
  columns: readonly ReadColumn[],
  chosen: (name: string) => string | null,
  stated: Mapping,
): Assigned {
  const mapping: Record<string, string | number | null> = { ...stated }
  const errors: Record<string, string> = {}
  const wanted = columns.map((column) => {
    const sent = chosen(column.name)
    return { ...column, now: sent === null ? column.field : sent === '' ? null : sent }
  })
  for (const { field, now } of wanted) {
    if (field === now || field === null) continue
    if (!wanted.some((other) => other.now === field)) mapping[field] = null
  }
  for (const column of wanted) {
    const { name, ref, field, now } = column
    if (now === null) continue
    const rivals = wanted.filter((other) => other.now === now && other.ref !== ref)
    const isChanged = field !== now || rivals.some((rival) => rival.field !== now)
    if (!isChanged) {
      // One of several columns was taken away: the ones that stay have to be named.
      const wasShared = wanted.filter(
        (other) => other.field === now && other.now !== now && other.ref !== ref,
      )
      if (wasShared.length > 0 && rivals.length === 0) mapping[now] = ref
      continue
    }
    if (rivals.length > 0) errors[name] = 'Two columns are chosen for this. Keep one of them.'
    else mapping[now] = ref
  }
  return { mapping, errors }
}
