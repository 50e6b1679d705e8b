/** What is wrong with a scenario, in the options of `camledger scenario` instead of fields of the API. */
import { DomainError, type FieldProblem } from '../http/problems.ts'

const OPTIONS: readonly (readonly [field: string, option: string])[] = [
  ['/makers', '--maker'],
  ['/template', '--template'],
  ['/regime', '--regime'],
  ['/effectiveOn', '--from'],
  ['/windDownDays', '--wind-down'],
  ['/licenses', '--license-updates'],
  ['/reach', '--reach'],
  ['/plan/crews', '--crews'],
  ['/plan/devicesPerCrewDay', '--rate'],
  ['/plan/leadDays', '--lead-days'],
  ['/surge', '--surge'],
  ['/asOf', '--as-of'],
  ['/budget', '--no-budget'],
  ['/jurisdictionId', '--jurisdiction'],
]

/** Throws what it is given, with the names of options. */
export function inOptions(error: unknown, makers: readonly string[]): never {
  if (!(error instanceof DomainError)) throw error
  const errors = (error.errors ?? []).map((problem) => named(problem, makers))
  throw new DomainError(error.code, error.message, { errors })
}

function named(problem: FieldProblem, makers: readonly string[]): FieldProblem {
  const { pointer, message } = problem
  const maker = makers[Number(/^\/makers\/(\d+)$/.exec(pointer)?.[1] ?? -1)]
  if (maker !== undefined)
    return { ...problem, pointer: `--maker ${maker}`, message: message.replace(/; search with GET .*/, '') }
  const found = OPTIONS.find(([field]) => pointer === field || pointer.startsWith(`${field}/`))
  return found === undefined ? problem : { ...problem, pointer: found[1] }
}
