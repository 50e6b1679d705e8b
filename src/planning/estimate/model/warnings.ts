/** What a reader of an estimate has to know. */
import { counted } from '../../../lib/counted.ts'
import type { EstimateDocument, Warning } from '../../documents.ts'
import type { EstimateJob } from './job.ts'
import { NO_SITE } from './lines.ts'

/** What a reader has to know before relying on the figures. */
export function warningsOf(estimated: EstimateDocument, job: EstimateJob): Warning[] {
  const warnings: Warning[] = []
  const warn = (code: string, message: string) => warnings.push({ code, message })
  if (estimated.devices === 0) warn('no-devices', 'The plan has no devices, so it costs nothing.')
  if (estimated.unpriced.length > 0) {
    const without = estimated.unpriced.reduce((total, one) => total + one.devices, 0)
    const classes = estimated.unpriced
      .map((one) => `${one.devices} ${one.deviceClass.replaceAll('-', ' ')}`)
      .join(', ')
    warn(
      'unpriced',
      `${counted(without, 'device')} without a price, in no figure: ${classes}. Name what is bought instead with its price, or a price of the catalog.`,
    )
  }
  if (job.missingDevices > 0)
    warn(
      'missing',
      `${counted(job.missingDevices, 'device')} of the plan no longer in service or on the register.`,
    )
  for (const { name, devices } of job.otherPlans)
    warn(
      'in-other-plans',
      `${counted(devices, 'device')} ${devices === 1 ? 'is' : 'are'} in another plan too: ${name}. Each is paid for twice if both go ahead.`,
    )
  const homeless = estimated.bySite.find((share) => share.value === NO_SITE)
  if (homeless) {
    warn('no-site', `${counted(homeless.devices, 'device')} at no site, planned as one batch.`)
  }
  const stale = estimated.prices.filter((price) => price.isStale)
  if (stale.length > 0) {
    warn(
      'stale-prices',
      `${counted(stale.length, 'price')} with evidence older than 24 months: ${namesOf(stale)}.`,
    )
  }
  const assumed = estimated.prices.filter((price) => price.confidence === 'low' && price.basis === 'catalog')
  if (assumed.length > 0) {
    warn(
      'assumed-prices',
      `${assumed.length} of ${estimated.prices.length} prices are planning assumptions; a local quote replaces them.`,
    )
  }
  for (const check of estimated.turnkey) {
    if (check.verdict === 'inside') continue
    warn(
      'turnkey',
      `One camera on a ${check.mount} comes to $${Math.round(check.builtUpCents / 100).toLocaleString('en-US')}, ${check.verdict} what whole jobs cost elsewhere.`,
    )
  }
  for (const candidate of estimated.candidates) {
    if (candidate.verdict === 'review' && candidate.devices > 0) {
      warn(
        'candidate-review',
        `${candidate.manufacturer ?? 'A candidate'} ${candidate.model ?? ''} needs review before it is bought; federal money does not pay for it meanwhile.`,
      )
    }
  }
  if (estimated.simulation.agreesWithClosedForm === false)
    warn('simulation', 'The simulation and the closed form of the same model differ more than they should.')
  return warnings
}

const NAMES_MOST = 4

/** In words, not codes. */
function namesOf(prices: EstimateDocument['prices']): string {
  const named = prices.slice(0, NAMES_MOST).map(({ description }) => description)
  return [...named, ...(prices.length > NAMES_MOST ? [`${prices.length - NAMES_MOST} more`] : [])].join('; ')
}
