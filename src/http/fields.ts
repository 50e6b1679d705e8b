/**
 * What of each item a list shows: `fields=` chooses, `include=` adds to what is shown. Pure but for the zod schemas.
 *
 * A list shows by itself what a table has columns for; the rest is asked for by name.
 */
import { z } from 'zod'
import { DomainError } from './problems.ts'

/** Stands for everything in `include=`. */
export const EVERYTHING = 'all'

export interface Fields<F extends string> {
  /** Every field, in the order in which an item shows them. */
  readonly known: readonly F[]
  /** Those that a list shows when `fields=` does not choose. */
  readonly listed: readonly F[]
}

export interface ChosenFields<F extends string> {
  /** What is shown, without repeats: as asked by `fields=`, else in the order of `known`. */
  readonly shown: readonly F[]
  /** What `include=` named: shown in full where a list shows less. */
  readonly included: ReadonlySet<F>
}

const MOST = 2000

/** The two parameters of a list with such fields. */
export function fieldsQuery<F extends string>({ known, listed }: Fields<F>) {
  const left = known.filter((field) => !listed.includes(field))
  const names = z.string().max(MOST).optional()
  return {
    fields: names.meta({
      description: `only these, separated by commas, of: ${known.join(', ')}. Without it: ${listed.join(', ')}`,
    }),
    include: names.meta({
      description: `these too, in full, separated by commas; left out otherwise: ${left.join(', ')}. \`${EVERYTHING}\` is everything`,
    }),
  }
}

/** Throws `invalid-request` that names every unknown field. */
export function chosenFields<F extends string>(
  { known, listed }: Fields<F>,
  asked: { readonly fields?: string | undefined; readonly include?: string | undefined },
): ChosenFields<F> {
  const fields = namesIn('fields', asked.fields, known)
  const include = namesIn('include', asked.include, [...known, EVERYTHING])
  const included = new Set(include?.includes(EVERYTHING) ? known : (include as F[] | null))
  if (fields !== null) return { shown: [...new Set([...fields, ...included])], included }
  return { shown: known.filter((field) => listed.includes(field) || included.has(field)), included }
}

const LISTED_MOST = 20

function namesIn<F extends string>(
  parameter: string,
  text: string | undefined,
  known: readonly F[],
): F[] | null {
  if (text === undefined) return null
  const names = [...new Set(text.split(',').map((name) => name.trim()))]
  const unknown = names.filter((name) => !known.includes(name as F))
  if (unknown.length === 0) return names as F[]
  throw new DomainError('invalid-request', `\`${parameter}\` names what there is not.`, {
    // Each names all that there are.
    errors: unknown.slice(0, LISTED_MOST).map((name) => ({
      pointer: `?${parameter}`,
      code: 'unknown-field',
      message: `"${name.slice(0, 50)}" must be one of ${known.join(', ')}`,
    })),
    errorsOmitted: Math.max(0, unknown.length - LISTED_MOST),
  })
}

/** The item with what was chosen of it, in the order of `known`. */
export function pickFields<T extends object>(
  item: T,
  known: readonly string[],
  shown: readonly string[],
): Partial<T> {
  const wanted = new Set(shown)
  return Object.fromEntries(
    known
      .filter((field) => wanted.has(field) && field in item)
      .map((field) => [field, item[field as keyof T]]),
  ) as Partial<T>
}
