/** What a condition may ask of each fact. Pure. */
import type { FactName } from '../../../catalogue/rules.ts'
import {
  DEVICE_CLASSES,
  EXPOSURES,
  FUNDING_SOURCES,
  PURPOSES,
  STATUSES,
  UPDATE_CHANNELS,
} from '../../../device/choices.ts'
import { JURISDICTION_KINDS } from '../../../lib/jurisdiction-kinds.ts'
import { STATES } from '../../../lib/states.ts'

/** The words a fact may have; or a day, yes or no, a vendor of the catalog, a country. */
export type FactKind = readonly string[] | 'day' | 'yes-no' | 'maker' | 'country'

export const FACTS: Readonly<Record<FactName, FactKind>> = {
  deviceClass: DEVICE_CLASSES,
  hasRadio: 'yes-no',
  status: STATUSES,
  purpose: PURPOSES,
  enforcementUse: 'yes-no',
  acquiredOn: 'day',
  obligatedOn: 'day',
  paidOn: 'day',
  installedOn: 'day',
  producedOn: 'day',
  fundingSource: FUNDING_SOURCES,
  federalPassThrough: 'yes-no',
  updateChannel: UPDATE_CHANNELS,
  networkExposure: EXPOSURES,
  paidSupport: 'yes-no',
  firmwareObtainedOn: 'day',
  producedIn: 'country',
  consumerGrade: 'yes-no',
  modelAuthorizedOn: 'day',
  fccSubsidy: 'yes-no',
  country: 'country',
  state: [...STATES],
  kind: JURISDICTION_KINDS,
  federalContractor: 'yes-no',
  sellsToFederal: 'yes-no',
  defenseContract: 'yes-no',
  receivesFccSupport: 'yes-no',
  sharesBulkData: 'yes-no',
  asOf: 'day',
  maker: 'maker',
  makerCountry: 'country',
}
