/** Computes a scenario: read what it can touch, evaluate distinct facts once, keep the answer. The register is only read. */
import { createHash } from 'node:crypto'
import type { Answer } from '../http/idempotency.ts'
import { DomainError } from '../http/problems.ts'
import type { WorkContext } from '../jobs/operation.ts'
import { inTenant } from '../jobs/store.ts'
import { OPERATOR_ID, uuidOf } from '../lib/ids.ts'
import { withPauses } from '../lib/pacing.ts'
import type { Steps } from '../lib/steps.ts'
import { dataVersions } from '../screening/routes.ts'
import { record } from '../tenancy/audit.ts'
import { compute } from './compute.ts'
import { type Loaded, load } from './gather.ts'
import type { ScenarioWrite } from './schemas.ts'
import type { ScenarioParts } from './services.ts'
import { keepScenario, type NewScenario, type Owner, scenarioText } from './store.ts'
import { withTemplate } from './terms.ts'
import { type ScenarioScope, scopeOfScenario } from './whose.ts'

/** Throws `invalid-request`, `not-found`, `scenario-limit`. */
export async function runScenario(
  services: ScenarioParts,
  asked: ScenarioWrite,
  context: WorkContext,
): Promise<Answer> {
  const body = withTemplate(asked)
  const scope = await scopeOfScenario(services, context.principal, body)
  const loaded = await load(services, body, scope, context.now)
  const digest = await withPauses(digesting(services, body, loaded))
  const { keyId } = context.principal
  const owner: Owner = { jurisdictionId: scope.owner, keyId }
  const id = uuidOf(JSON.stringify([scope.owner, scope.owner === OPERATOR_ID ? keyId : null, digest]))
  const known = await scenarioText(services, context.principal, id, 'document').catch(ifMissing)
  const computed = known === null ? await compute(services, body, loaded, { id, digest, context }) : null
  return inTenant(services.database, owner.jurisdictionId, (tx) =>
    context.keep(tx, scope.owner === OPERATOR_ID ? null : scope.owner, async () => {
      if (computed === null) return answered(200, id, known!)
      const isNew = await keepScenario(tx, owner, computed, context.now)
      if (isNew) await record(tx, tenantOf(scope), context.actor, context.now, entryOf(computed, scope))
      return answered(isNew ? 201 : 200, id, computed.document)
    }),
  )
}

const tenantOf = ({ owner }: ScenarioScope) => (owner === OPERATOR_ID ? null : owner)

function entryOf({ id, name, inputsDigest, devicesHit }: NewScenario, { cities }: ScenarioScope) {
  return {
    action: 'scenario.create',
    target: id,
    detail: {
      name,
      inputsDigest,
      devicesHit,
      jurisdictions: cities.length > CITIES_NAMED ? cities.length : cities,
    },
  }
}

/** The record names so many cities; of more it says how many. */
const CITIES_NAMED = 100

/** The text is sent as it is stored. */
function answered(status: number, id: string, text: string): Answer {
  return { status, location: `/v1/scenarios/${id}`, body: { text } }
}

function ifMissing(error: unknown): null {
  if (error instanceof DomainError && error.code === 'not-found') return null
  throw error
}

const STEP = 200

/** Of everything the answer follows from; a name is what it is called and nothing more. */
function* digesting(services: ScenarioParts, body: ScenarioWrite, loaded: Loaded): Steps<string> {
  const hash = createHash('sha256')
  const add = (value: unknown) =>
    hash.update(JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? part.toString() : part)))
  add(['camledger-scenario-2', services.version, dataVersions(services.knowledge())])
  add([loaded.asked, loaded.asOf, body.surge, body.solverSeconds, loaded.wantsBudget])
  for (const { context, ...city } of loaded.cities)
    add([city, context.facts, context.firmware, context.localLaws])
  add([loaded.unknownMakers, loaded.touched.readsTexts, loaded.money])
  for (const { jurisdictionId, id, devices } of loaded.touched.groups) add([jurisdictionId, id, devices])
  for (const [i, member] of (loaded.members ?? []).entries()) {
    add(member)
    if (i % STEP === 0) yield
  }
  return hash.digest('hex')
}
