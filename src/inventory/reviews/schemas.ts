/** What waits for a person, as it is shown. */
import { z } from 'zod'
import { pageOf } from '../../http/schemas.ts'

export const ReviewGroup = z
  .object({
    id: z.string().meta({ description: 'the same for as long as the group is about the same' }),
    jurisdictionId: z.string(),
    by: z
      .enum(['model', 'fact'])
      .meta({ description: '`model`: the same name and model; `fact`: the same fact is missing' }),
    manufacturer: z.string().nullable().meta({ description: 'as one of the devices declares it' }),
    model: z.string().nullable(),
    devices: z.int(),
    missing: z
      .array(z.string())
      .meta({ description: 'facts of which any may settle it, the first most often' }),
    candidates: z.array(z.object({ vendor: z.string(), name: z.string(), confidence: z.number() })),
    evidence: z
      .array(
        z.object({ kind: z.string(), value: z.string(), pointsTo: z.string().nullable(), note: z.string() }),
      )
      .meta({ description: 'of the device named as example' }),
    fell: z.array(z.string()).meta({ description: 'decisions that no longer count, each with the reason' }),
    exampleDeviceId: z.string(),
    settle: z
      .array(
        z.object({
          how: z.string(),
          method: z.string(),
          path: z.string(),
          body: z.record(z.string(), z.unknown()),
        }),
      )
      .meta({ description: 'requests that settle it; fill in what stands in angle brackets' }),
  })
  .meta({ id: 'ReviewGroup' })
export type ReviewGroup = z.infer<typeof ReviewGroup>

export const ReviewPage = pageOf('ReviewPage', ReviewGroup)
