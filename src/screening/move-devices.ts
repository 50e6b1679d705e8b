/** Devices go to the profiles where they belong under what is known now. */
import { sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'
import { unseen } from '../db/query-hints.ts'
import type { ScreenedDevice } from '../device/screened-device.ts'
import type { JurisdictionContext } from './context.ts'
import type { Knowledge } from './knowledge.ts'
import type { ProfileKey } from './profile.ts'
import { countDevices, ensureProfiles, profileOf } from './profiles.ts'

interface Placed {
  readonly id: string
  readonly profileId: string
  readonly device: ScreenedDevice
}

/** Those that are where they belong stay. Profiles are counted, and made where they are missing. */
export async function moveDevices(
  tx: Tx,
  devices: readonly Placed[],
  {
    jurisdiction,
    knowledge,
    now,
  }: { readonly jurisdiction: JurisdictionContext; readonly knowledge: Knowledge; readonly now: Date },
): Promise<void> {
  const moves = devices
    .map(({ id, profileId, device }) => ({ id, profileId, key: profileOf(device, jurisdiction, knowledge) }))
    .filter(({ key, profileId }) => key.id !== profileId)
  if (moves.length === 0) return
  const keys: readonly ProfileKey[] = moves.map(({ key }) => key)
  await ensureProfiles(tx, keys, jurisdiction, knowledge, now)
  await tx.execute(sql`
    update devices d set profile_id = m.profile
    from unnest(${sql.param(moves.map(({ id }) => id))}::uuid[], ${sql.param(keys.map(({ id }) => id))}::uuid[]) m(id, profile),
      ${unseen(jurisdiction.id)} c
    where d.jurisdiction_id = c.id and d.id = m.id`)
  const changes = new Map<string, number>()
  const count = (id: string, by: number) => changes.set(id, (changes.get(id) ?? 0) + by)
  for (const { profileId, key } of moves) {
    count(profileId, -1)
    count(key.id, 1)
  }
  await countDevices(tx, jurisdiction.id, changes, knowledge)
}
