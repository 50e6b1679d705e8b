/** What is wrong with a condition that a person wrote, each fault with the place where it stands. Pure. */
import type { ReferenceData } from '../../../catalogue/reference-data.ts'
import type { FieldProblem } from '../../../http/problems.ts'
import { isPlainDate } from '../../../lib/calendar.ts'
import { FACTS, type FactKind } from './facts.ts'

/** Ids that a condition may name. */
export interface Known {
  readonly vendors: ReadonlySet<string>
  readonly regimes: ReadonlySet<string>
  /** Steps of the listings of a regime, such as `updates-barred`. */
  readonly phases: ReadonlyMap<string, ReadonlySet<string>>
}

export function knownIn({ vendors, regimes, listings }: ReferenceData): Known {
  const phases = new Map<string, Set<string>>()
  for (const { regime, phases: steps } of listings) {
    const known = phases.get(regime) ?? new Set()
    for (const step of Object.keys(steps)) known.add(step)
    phases.set(regime, known)
  }
  return {
    vendors: new Set(vendors.map(({ id }) => id)),
    regimes: new Set(regimes.map(({ id }) => id)),
    phases,
  }
}

/** Conditions in conditions, and all of them together: far more than any law has. */
const DEPTH_MOST = 12
const PARTS_MOST = 300

type Fault = (pointer: string, code: string, message: string) => undefined
type Check = (value: unknown, at: string, depth: number) => void

/** Faults of the condition at `pointer`; none when it can be evaluated. */
export function conditionFaults(condition: unknown, pointer: string, known: Known): FieldProblem[] {
  const faults: FieldProblem[] = []
  let parts = 0
  const wrong: Fault = (at, code, message) => {
    faults.push({ pointer: at, code, message })
    return undefined
  }
  const check: Check = (value, at, depth) => {
    if (++parts > PARTS_MOST || depth > DEPTH_MOST) {
      if (parts === PARTS_MOST + 1 || depth > DEPTH_MOST)
        wrong(at, 'too-many', `at most ${PARTS_MOST} conditions, ${DEPTH_MOST} of them in each other`)
      return
    }
    const [kind, inner] = onlyKey(value) ?? []
    const checkKind = kind === undefined ? undefined : KINDS[kind]
    if (checkKind === undefined) {
      wrong(kind === undefined ? at : `${at}/${kind}`, 'not-a-condition', NO_CONDITION)
      return
    }
    checkKind(inner, `${at}/${kind}`, { known, wrong, check, depth })
  }
  check(condition, pointer, 1)
  return faults
}

interface Terms {
  readonly known: Known
  readonly wrong: Fault
  readonly check: Check
  readonly depth: number
}
type KindCheck = (value: unknown, at: string, terms: Terms) => undefined

const several: KindCheck = (value, at, { wrong, check, depth }) => {
  if (!Array.isArray(value) || value.length === 0)
    return wrong(at, 'invalid-type', 'must be a list of conditions')
  for (const [i, one] of value.entries()) check(one, `${at}/${i}`, depth + 1)
}

const NOT_LOCAL =
  'is for lists of an authority; name makers in /makers, a class with {"is": ["deviceClass", ...]}, and days with onOrAfter and before'
const refused: KindCheck = (_, at, { wrong }) => wrong(at, 'not-allowed', NOT_LOCAL)

const KINDS: Readonly<Record<string, KindCheck>> = {
  all: several,
  any: several,
  not: (value, at, { check, depth }) => {
    check(value, at, depth + 1)
  },
  is: (value, at, terms) => {
    if (!isPair(value))
      return terms.wrong(at, 'invalid-type', 'must be a fact and a value, such as ["deviceClass", "camera"]')
    const kind = kindOf(value[0], `${at}/0`, terms)
    if (kind !== undefined) checkValue(kind, value[1], `${at}/1`, terms)
  },
  in: (value, at, terms) => {
    if (!isPair(value) || !Array.isArray(value[1]) || value[1].length === 0)
      return terms.wrong(
        at,
        'invalid-type',
        'must be a fact and a list of values, such as ["deviceClass", ["camera", "lpr"]]',
      )
    const kind = kindOf(value[0], `${at}/0`, terms)
    if (kind === 'yes-no') terms.wrong(at, 'not-allowed', `${value[0]} is true or false; use "is"`)
    else if (kind !== undefined) {
      for (const [i, one] of value[1].entries()) checkValue(kind, one, `${at}/1/${i}`, terms)
    }
  },
  onOrAfter: onDay,
  before: onDay,
  reached: checkReached,
  affiliated: (value, at, { wrong }) => {
    if (value !== true) wrong(at, 'invalid-value', 'must be true')
  },
  listedClass: refused,
  beforeListing: refused,
  beforePhase: refused,
  regimeIs: refused,
}

const OFFERED = Object.entries(KINDS).flatMap(([kind, check]) => (check === refused ? [] : [kind]))
const NO_CONDITION = `must be an object with one of ${OFFERED.join(', ')}`

function onDay(value: unknown, at: string, terms: Terms): undefined {
  const { wrong } = terms
  if (!isPair(value))
    return wrong(at, 'invalid-type', 'must be a fact and a day, such as ["acquiredOn", "2026-12-01"]')
  const kind = kindOf(value[0], `${at}/0`, terms)
  if (kind === undefined) return
  if (kind !== 'day')
    return wrong(`${at}/0`, 'not-a-day', `${value[0]} is no day; days are ${ofKind('day').join(', ')}`)
  checkValue(kind, value[1], `${at}/1`, terms)
}

const FILTERS: readonly string[] = [
  'regimes',
  'purposeLimited',
  'phase',
  'untilPhase',
  'withoutPhase',
  'inherited',
]

function checkReached(value: unknown, at: string, { known, wrong }: Terms): undefined {
  if (!isObject(value))
    return wrong(
      at,
      'invalid-type',
      'must be an object: {} for the makers of this law, {"regimes": [...]} for those on other lists',
    )
  for (const name of Object.keys(value))
    if (!FILTERS.includes(name))
      wrong(`${at}/${name}`, 'unknown-field', `must be one of ${FILTERS.join(', ')}`)
  const { regimes, ...others } = value
  if (regimes !== undefined && (!Array.isArray(regimes) || regimes.length === 0))
    return wrong(`${at}/regimes`, 'invalid-type', 'must be a list of ids of /v1/regimes')
  const lists = (regimes ?? []) as unknown[]
  lists.forEach((id, i) => {
    if (!known.regimes.has(String(id)))
      wrong(`${at}/regimes/${i}`, 'unknown-id', nearest(id, known.regimes, '/v1/regimes'))
  })
  for (const name of ['purposeLimited', 'inherited'])
    if (others[name] !== undefined && typeof others[name] !== 'boolean')
      wrong(`${at}/${name}`, 'invalid-type', 'must be true or false')
  const steps = new Set(lists.flatMap((id) => [...(known.phases.get(String(id)) ?? [])]))
  for (const name of ['phase', 'untilPhase', 'withoutPhase'])
    if (others[name] !== undefined && !steps.has(String(others[name])))
      wrong(
        `${at}/${name}`,
        'unknown-id',
        steps.size === 0 ? 'these lists have no steps' : `must be one of ${[...steps].join(', ')}`,
      )
}

function kindOf(name: unknown, at: string, { wrong }: Terms): FactKind | undefined {
  if (typeof name === 'string' && Object.hasOwn(FACTS, name)) return FACTS[name as keyof typeof FACTS]
  const near = Object.keys(FACTS).filter((one) => letters(one) === letters(name))
  const hint = near.length > 0 ? `did you mean ${near.join(', ')}? ` : ''
  wrong(
    at,
    'unknown-fact',
    `${JSON.stringify(name)} is no fact that a rule may read; ${hint}facts are ${Object.keys(FACTS).join(', ')}`,
  )
  return undefined
}

function checkValue(kind: FactKind, value: unknown, at: string, { known, wrong }: Terms): void {
  if (kind === 'yes-no') {
    if (typeof value !== 'boolean') wrong(at, 'invalid-value', 'must be true or false')
  } else if (kind === 'day') {
    if (typeof value !== 'string' || !isPlainDate(value))
      wrong(at, 'invalid-value', 'must be a day, YYYY-MM-DD')
  } else if (kind === 'country') {
    if (typeof value !== 'string' || !/^[A-Z]{2}$/.test(value))
      wrong(at, 'invalid-value', 'must be two capital letters, such as CN')
  } else if (kind === 'maker') {
    if (!known.vendors.has(String(value)))
      wrong(at, 'unknown-id', nearest(value, known.vendors, '/v1/manufacturers'))
  } else if (!kind.includes(String(value))) wrong(at, 'invalid-value', `must be one of ${kind.join(', ')}`)
}

const NAMED_MOST = 5

/** What a wrong id may mean, and where the ids are. */
export function nearest(id: unknown, known: ReadonlySet<string>, where: string): string {
  const like = letters(id)
  const near =
    like === '' ? [] : [...known].filter((one) => letters(one).includes(like) || like.includes(letters(one)))
  const hint = near.length > 0 ? `did you mean ${near.slice(0, NAMED_MOST).join(', ')}? ` : ''
  return `${JSON.stringify(id)} is no id of the catalog; ${hint}${where} lists the ids`
}

const letters = (text: unknown) =>
  String(text)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '')

const ofKind = (kind: FactKind) =>
  Object.entries(FACTS).flatMap(([name, one]) => (one === kind ? [name] : []))

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isPair = (value: unknown): value is [unknown, unknown] => Array.isArray(value) && value.length === 2

function onlyKey(value: unknown): [string, unknown] | undefined {
  const entries = isObject(value) ? Object.entries(value) : []
  return entries.length === 1 ? entries[0] : undefined
}
