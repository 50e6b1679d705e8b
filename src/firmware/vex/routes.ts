/** `GET /v1/firmware-risks/vex`: open vulnerabilities of the register for other tools. */
import { z } from 'zod'
import { sendAs } from '../../http/exports.ts'
import { problems } from '../../http/problems.ts'
import type { App } from '../../http/services.ts'
import { assertKnown } from '../../screening/known-ids.ts'
import type { Services } from '../../screening/services.ts'
import { READERS, readScope } from '../../tenancy/auth.ts'
import { FilterQuery } from '../work-list/routes.ts'
import { VEX_TYPE, vexDocument } from './model/document.ts'
import { citiesOf, vexGroups } from './queries.ts'

const VexShape = z
  .looseObject({
    bomFormat: z.literal('CycloneDX'),
    specVersion: z.literal('1.6'),
    serialNumber: z.string(),
    version: z.int(),
    components: z.array(z.looseObject({ type: z.string(), name: z.string() })),
    vulnerabilities: z.array(z.looseObject({ id: z.string() })),
  })
  .meta({ id: 'VexDocument', description: 'CycloneDX 1.6; its schema is that of ECMA-424' })

export function vexRoutes(
  app: App,
  { database, knowledge, now, version }: Services & { readonly version: string },
): void {
  app.get(
    '/v1/firmware-risks/vex',
    {
      config: { roles: READERS, reads: 'firmware-risks.vex.read' },
      schema: {
        operationId: 'getVex',
        tags: ['firmware'],
        summary: 'Open vulnerabilities of the devices as a VEX document (CycloneDX 1.6)',
        description:
          'Devices that are alike are one component with their number. `exploitable`: open on the device, with `update` or `can_not_fix` by whether a fix can be had today, `workaround_available` for a verified control and `will_not_fix` for a risk that was accepted. `in_triage`: a person has to look. What is not listed was not found open, which is no statement that it is not affected. As of the last evaluation.',
        produces: [VEX_TYPE],
        security: [{ apiKey: [] }],
        querystring: z.strictObject(FilterQuery),
        response: { 200: VexShape, ...problems('unauthenticated', 'invalid-request') },
      },
    },
    async (request, reply) => {
      const { jurisdictionId, ...filter } = request.query
      const known = knowledge()
      assertKnown(filter, known)
      const scope = readScope(request.principal, jurisdictionId)
      const instant = now()
      const { groups, city } = await database.acrossJurisdictions(scope, async (tx) => ({
        groups: await vexGroups(tx, scope, filter, instant),
        city: await citiesOf(tx, scope),
      }))
      const about = { at: instant.toISOString(), city, listsReadOn: known.asOf, software: version }
      return sendAs(reply, `${VEX_TYPE}; version=1.6`, JSON.stringify(vexDocument(groups, about)))
    },
  )
}
