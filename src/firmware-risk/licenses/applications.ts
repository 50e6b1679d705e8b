/** What an application for a license asks for. */

import { indexOfModels } from '../model-index.ts'
import { modelReadings } from '../models.ts'
import { FIRMWARE_UPDATE, type LicenseApplication, type LicensedUpdate, type Restriction } from './license.ts'

/** Whether an application asks for this update; what is not known of the update counts as asked for. */
export function asksFor(
  { entities = 'any', models = 'any', channels = 'any', activities = 'any' }: LicenseApplication,
  { entityOrProduct, through = [] }: Restriction,
  { model, parties, updateChannel }: LicensedUpdate,
): boolean {
  const named = 'entity' in entityOrProduct ? entityOrProduct.entity : parties.maker
  const parts = named === null ? [] : [named, ...through.map(({ vendor }) => vendor)]
  const isNamed = entities === 'any' || parts.length === 0 || parts.some((id) => entities.includes(id))
  const isOfModel =
    models === 'any' ||
    model === null ||
    modelReadings(model) === null ||
    indexOfModels(models).find(model).length > 0
  const isOfChannel = channels === 'any' || updateChannel === null || channels.includes(updateChannel)
  return isNamed && isOfModel && isOfChannel && (activities === 'any' || activities.includes(FIRMWARE_UPDATE))
}
