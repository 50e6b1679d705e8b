/** Wire shapes of the register beside its devices: their history, and sites. JSON-native types only. */
import { z } from 'zod'
import { DeviceRecord } from '../device/schemas.ts'
import { Id, Instant, Latitude, Longitude, pageOf, someText, text } from '../http/schemas.ts'

export const HistoryEntry = z
  .object({
    version: z.int(),
    validFrom: Instant,
    validTo: Instant.nullable().meta({ description: 'null for the current version' }),
    changedFields: z
      .array(z.string())
      .nullable()
      .meta({ description: 'what the next version changed; null when current or when it was deleted' }),
    endedBy: z.string().nullable(),
    importId: z.string().nullable(),
    device: DeviceRecord,
  })
  .meta({ id: 'DeviceVersion' })

export const DeviceHistory = pageOf('DeviceHistory', HistoryEntry)

export const SiteWrite = z
  .strictObject({
    jurisdictionId: Id.optional(),
    name: someText(200),
    address: someText(400).nullable().optional(),
    department: someText(200).nullable().optional(),
    latitude: Latitude.nullable().optional(),
    longitude: Longitude.nullable().optional(),
    notes: text(2000).nullable().optional(),
  })
  .meta({ id: 'NewSite' })
export type SiteWrite = z.infer<typeof SiteWrite>

export const SiteChange = SiteWrite.omit({ jurisdictionId: true }).partial().meta({ id: 'SiteChange' })
export type SiteChange = z.infer<typeof SiteChange>

export const Site = z
  .object({
    id: z.string(),
    jurisdictionId: z.string(),
    name: z.string(),
    address: z.string().nullable(),
    department: z.string().nullable(),
    latitude: z.number().nullable(),
    longitude: z.number().nullable(),
    notes: z.string().nullable(),
    version: z.int(),
    createdAt: Instant,
    updatedAt: Instant,
  })
  .meta({ id: 'Site' })
export const SitePage = pageOf('SitePage', Site)
