/** `POST /v1/imports/{id}/undo`: the register as it was before an import. */
import { z } from 'zod'
import { imports } from '../../db/schema/index.ts'
import { goneForGood } from '../../http/gone.ts'
import { send } from '../../http/idempotency.ts'
import { problems } from '../../http/problems.ts'
import { Id } from '../../http/schemas.ts'
import type { App } from '../../http/services.ts'
import { answerWithJob, contextOf, wantsJob } from '../../jobs/answer.ts'
import type { Operation } from '../../jobs/operation.ts'
import { Job } from '../../jobs/shapes.ts'
import type { Services } from '../../screening/services.ts'
import { EDITORS } from '../../tenancy/auth.ts'
import { ownerOf } from '../../tenancy/stored-rows.ts'
import { DryRun } from './dry-run.ts'
import { Import, toImport } from './schemas.ts'
import { undoImport } from './undo.ts'
import type { RunImport } from './waiting.ts'

const Asked = z.object({ jurisdictionId: z.string(), importId: z.string(), dryRun: z.boolean() })
type Asked = z.infer<typeof Asked>

function undoOperation({ knowledge }: Services, underImportLock: RunImport): Operation<Asked> {
  return {
    kind: 'import-undo',
    input: Asked,
    run: async ({ jurisdictionId, importId, dryRun }, context) => {
      const { now, actor } = context
      try {
        return await underImportLock(
          jurisdictionId,
          (tx) =>
            context.keep(tx, jurisdictionId, async () => {
              const work = { tx, jurisdictionId, actor, now, knowledge: knowledge() }
              const { signal, onProgress } = context
              const body = toImport(
                await undoImport(work, importId, { isLockTried: true, signal, onProgress }),
              )
              if (dryRun) throw new DryRun(body)
              return { status: 200, body }
            }),
          context,
        )
      } catch (error) {
        if (error instanceof DryRun) return { status: 200, body: error.result }
        throw error
      }
    },
  }
}

export function addUndoRoute(app: App, services: Services, underImportLock: RunImport): void {
  const { now, jobs } = services
  const operation = undoOperation(services, underImportLock)
  jobs.add(operation)
  app.post(
    '/v1/imports/:id/undo',
    {
      config: { roles: EDITORS, reads: 'import.try.read', readsOf: 'imports', readsIf: 'dryRun' },
      schema: {
        operationId: 'undoImport',
        tags: ['imports'],
        summary: 'Put the register back as it was before an import',
        description:
          'Devices that the import created leave the register, those that it changed are again as they were. Devices that were changed since, or that a plan or another record names, are left as they are and named in `undone.left`. An import is undone once: asked again, the answer is the same. When you close the connection before the answer nothing is undone, unless the request has an `Idempotency-Key`.',
        security: [{ apiKey: [] }],
        params: z.object({ id: Id }),
        querystring: z.strictObject({
          dryRun: z
            .stringbool()
            .default(false)
            .meta({ description: 'report what it would do, and keep nothing' }),
        }),
        response: {
          200: Import,
          202: Job,
          ...problems(
            'unauthenticated',
            'forbidden',
            'malformed-body',
            'not-found',
            'unsupported-media-type',
            'idempotency-key-reused',
            'not-ready',
          ),
        },
      },
    },
    async (request, reply) => {
      const importId = request.params.id
      const jurisdictionId = await ownerOf(services, request.principal, imports, importId, 'import')
      const input = { jurisdictionId, importId, dryRun: request.query.dryRun }
      if (wantsJob(request))
        return answerWithJob(services, request, reply, operation, { jurisdictionId, input })
      const signal = goneForGood(request, reply)
      return send(reply, await operation.run(input, contextOf(request, now(), { signal })))
    },
  )
}
