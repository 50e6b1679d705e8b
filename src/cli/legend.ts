/** What answers mean, and the line that comes before everything else. */
import {
  ACTIVITY_WORDS,
  type Activity,
  OUTCOME_WORDS,
  type Outcome,
  severity,
} from '../catalogue/outcomes.ts'
import { counted } from '../lib/counted.ts'

/** As `docs/glossary.md` defines them; a test compares. */
export const MEANINGS: Readonly<Record<Outcome, string>> = {
  prohibited: 'the law forbids it',
  'license-required': 'forbidden unless an authority has granted a license or waiver',
  unallowable: 'may not be paid from the federal or state money in question',
  'contract-bar': 'would break the condition of a federal contract that the city holds or wants',
  'seller-bar': 'sellers may not import, market or sell it; the city itself breaks no law',
  'updates-unavailable': 'the maker may no longer provide updates',
  conditional: 'allowed under a license, within its terms',
  'vendor-risk': 'lawful for the city today, and the maker may be unable to go on',
  review: 'a fact or a person is needed before this can be answered',
  'permitted-with-caution': 'lawful; something beside it has to be watched (see the reason)',
  permitted: 'the regime covers the activity and does not restrict it',
  'not-applicable': 'the regime says nothing of this device or activity',
}

/** Of the outcomes that were shown, the most severe first. */
export function legend(shown: Iterable<string>): string {
  const outcomes = [...new Set(shown)].filter((one): one is Outcome => Object.hasOwn(MEANINGS, one))
  if (outcomes.length === 0) return ''
  const lines = outcomes
    .sort((a, b) => severity(a) - severity(b))
    .map((outcome) => `  ${OUTCOME_WORDS[outcome]} (${outcome}): ${MEANINGS[outcome]}`)
  return ['What the answers mean:', ...lines].join('\n')
}

export interface Terminal {
  readonly isTerminal: boolean
  /** Whether NO_COLOR is set to anything. */
  readonly isPlain: boolean
}

/** Red where a person sees it; a file and whoever asks for no color get the words alone. */
export function inRed(text: string, { isTerminal, isPlain }: Terminal): string {
  return isTerminal && !isPlain ? `\u001b[1;31m${text}\u001b[0m` : text
}

/** What is prohibited, as the first line; empty where nothing is. `devices` counts them by activity. */
export function prohibitedLine(devices: ReadonlyMap<Activity, number>, terminal: Terminal): string {
  const counts = [...devices].filter(([, count]) => count > 0)
  if (counts.length === 0) return ''
  const words = counts.map(
    ([activity, count]) => `${ACTIVITY_WORDS[activity].toLowerCase()} ${counted(count, 'device')}`,
  )
  return inRed(`PROHIBITED: ${words.join(', ')}.`, terminal)
}
