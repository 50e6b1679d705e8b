/** A firmware risk as JSON text. */
import type { FirmwareRisk } from '../firmware-risk/firmware-risk.ts'
import { FirmwareRiskShape } from '../firmware-risk/schemas.ts'
import { stringifier } from '../http/serialize.ts'

export const writeRisk: (risk: FirmwareRisk) => string = stringifier(FirmwareRiskShape)
