/** What a city is, as options: the law that applies to it follows from that. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import { isTimezone } from '../lib/calendar.ts'
import { JURISDICTION_KINDS } from '../lib/jurisdiction-kinds.ts'
import { STATES } from '../lib/states.ts'

export interface CityOptions {
  readonly state?: string
  readonly kind: string
  readonly federalContractor?: boolean
  readonly sellsToFederal?: boolean
  readonly defenseContract?: boolean
  readonly fccSupport?: boolean
  readonly sharesBulkData?: boolean
  readonly country: string
}

export function cityOptions(command: Command): Command {
  return command
    .option('--state <code>', 'the state whose rules apply, such as TX', state)
    .addOption(new Option('--kind <kind>', 'what the body is').choices(JURISDICTION_KINDS).default('city'))
    .option('--federal-contractor <yes|no>', 'the city holds federal contracts itself', yesNo)
    .option('--sells-to-federal <yes|no>', 'the city sells to federal buyers', yesNo)
    .option('--defense-contract <yes|no>', 'it has a contract with the Department of Defense', yesNo)
    .option('--fcc-support <yes|no>', 'it receives support that the FCC administers, such as E-Rate', yesNo)
    .option('--shares-bulk-data <yes|no>', 'makers can see its footage, faces or plates in bulk', yesNo)
    .option('--country <code>', 'where the body is, such as US or GB', country, 'US')
}

/** Absent is not known, which is the stricter case. */
export function factsOf(options: CityOptions) {
  return {
    state: options.state ?? null,
    kind: options.kind,
    federalContractor: options.federalContractor ?? null,
    sellsToFederal: options.sellsToFederal ?? null,
    defenseContract: options.defenseContract ?? null,
    receivesFccSupport: options.fccSupport ?? null,
    sharesBulkData: options.sharesBulkData ?? null,
    country: options.country,
  }
}

export function timezone(text: string): string {
  if (!isTimezone(text))
    throw new InvalidArgumentError('must be a zone of the IANA database, such as America/Chicago')
  return text
}

function state(text: string): string {
  const code = text.toUpperCase()
  // A slip here would leave out the law of the state without a word.
  if (!STATES.has(code)) throw new InvalidArgumentError('must be a USPS code such as TX')
  return code
}

function country(text: string): string {
  const code = text.toUpperCase()
  if (!/^[A-Z]{2}$/.test(code)) throw new InvalidArgumentError('must be an ISO 3166-1 code such as US')
  return code
}

function yesNo(text: string): boolean {
  if (text === 'yes') return true
  if (text === 'no') return false
  throw new InvalidArgumentError('must be yes or no')
}
