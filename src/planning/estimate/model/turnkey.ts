/** A built-up cost beside what whole jobs cost elsewhere. */
import {
  type Cents,
  decimal,
  formatDollars,
  ONE,
  ratio,
  roundHalfUp,
  sum,
  times,
} from '../../../lib/money.ts'
import type { Prices } from '../../costs/model/prices.ts'
import type { CameraOrder } from './camera-parts.ts'
import { priceFor } from './cost-lines.ts'
import type { EstimateLine } from './cost-model.ts'

export interface TurnkeyCheck {
  readonly code: string
  /** Expected cost of one camera, built up from its lines. */
  readonly builtUpCents: Cents
  readonly lowCents: Cents
  readonly highCents: Cents
  readonly verdict: 'inside' | 'below' | 'above'
  /** null when inside. */
  readonly warning: string | null
}

/**
 * Compares a built-up cost per camera with what whole jobs were paid elsewhere. Outside the range means a
 * line is missing or doubled more often than that the city is special.
 */
export function checkAgainstTurnkey(
  order: Pick<CameraOrder, 'mount' | 'vms' | 'cameras'>,
  lines: readonly EstimateLine[],
  prices: Prices,
): TurnkeyCheck | null {
  if (order.cameras === 0) return null
  const code = order.mount === 'pole' ? 'TURN-POLE' : order.vms === 'cloud' ? 'TURN-CLOUD' : 'TURN-INDOOR'
  const price = priceFor(code, prices)
  const points = lines.map((line) =>
    roundHalfUp(
      line.factors.reduce(
        (product, factor) => times(product, decimal(factor.expected)),
        times(decimal(line.quantity), line.multiplier ?? ONE),
      ),
    ),
  )
  const builtUpCents = roundHalfUp(ratio(sum(points), BigInt(order.cameras)))
  const [lowCents, highCents] = [BigInt(price.low), BigInt(price.high)]
  const verdict = builtUpCents < lowCents ? 'below' : builtUpCents > highCents ? 'above' : 'inside'
  const range = `${formatDollars(lowCents)} to ${formatDollars(highCents)}`
  return {
    code,
    builtUpCents,
    lowCents,
    highCents,
    verdict,
    warning:
      verdict === 'inside'
        ? null
        : `${formatDollars(builtUpCents)} per camera is ${verdict} what whole jobs cost elsewhere (${range}, ${code}).`,
  }
}
