/** Freezes a question: reads the register once for each file, packs and signs what was found, and keeps it. */
import { createHash } from 'node:crypto'
import type { Answer } from '../http/idempotency.ts'
import { DomainError } from '../http/problems.ts'
import type { WorkContext } from '../jobs/operation.ts'
import { inTenant } from '../jobs/store.ts'
import { OPERATOR_ID, uuidv7 } from '../lib/ids.ts'
import { dataVersions } from '../screening/routes.ts'
import { record } from '../tenancy/audit.ts'
import { archiveOf, type Packer } from './archive.ts'
import { type Counts, dataFiles } from './data-files.ts'
import { MANIFEST, SIGNATURE, SUMS, sumsText } from './model/sums.ts'
import { contextsOf, registerWords, type Understood, understand } from './question.ts'
import { type DataFile, FORMAT, type Manifest, type SnapshotWrite } from './schemas.ts'
import type { SnapshotServices } from './services.ts'
import { currentSigner, type Signer } from './signing-keys.ts'
import { keepSnapshot } from './store.ts'

/** An archive must fit on the disk beside what others send. */
const MOST_BYTES = 2 * 1024 * 1024 * 1024
/** The record names so many cities; of more it says how many. */
const CITIES_NAMED = 100

const NOT_COUNTED = [
  'Vulnerabilities and the risk of firmware: they follow what is known when they are asked for.',
  'Names of cities, what cities state of themselves, their licenses and the names of sites and recorders that a filter asks for are those of the moment at which the snapshot was made; the context of each city shows whether another snapshot was made under others.',
  'This is no legal advice.',
]

interface Making {
  readonly id: string
  readonly name: string
  readonly asked: Understood
  readonly signer: Signer
  readonly madeAt: Date
  readonly context: WorkContext
}

/** Throws `invalid-request`, `snapshot-limit`, `selection-changed`, `not-ready`. */
export async function makeSnapshot(
  services: SnapshotServices,
  wish: SnapshotWrite,
  context: WorkContext,
): Promise<Answer> {
  const { database, spool } = services
  const { principal, now } = context
  const asked = await understand(services, principal, wish, now)
  // A job may have waited: it is made, and signed, when it runs.
  const madeAt = services.now()
  const signer = await currentSigner(database, services.signingKey, madeAt)
  const id = uuidv7(madeAt.getTime())
  const making: Making = { id, name: wish.name ?? nameOf(asked), asked, signer, madeAt, context }
  let manifest: Manifest | undefined
  const pieces = archiveOf(
    madeAt,
    async (packer) => {
      manifest = await fill(services, making, packer)
    },
    signer.seal,
  )
  const owner = principal.jurisdictionId ?? OPERATOR_ID
  const archive = await spool.keep(pieces, { mostBytes: MOST_BYTES, owner: principal.keyId })
  try {
    return await inTenant(database, owner, (tx) =>
      context.keep(tx, principal.jurisdictionId, async () => {
        const { counts } = manifest!
        const kept = await keepSnapshot(
          tx,
          {
            jurisdictionId: owner,
            id,
            name: making.name,
            keyId: principal.keyId,
            keyLabel: principal.label,
            cities: asked.cities.map((city) => city.id),
            manifest: JSON.stringify(manifest),
            signingKey: signer.kid,
            devices: counts.devices,
            findings: counts.findings,
            createdAt: madeAt.toISOString(),
          },
          archive,
          services.snapshotBytes,
        )
        await record(tx, principal.jurisdictionId, context.actor, madeAt, {
          action: 'snapshot.create',
          target: id,
          detail: {
            ...counts,
            sha256: kept.sha256,
            jurisdictions: citiesNamed(asked),
            question: questionNamed(asked),
          },
        })
        return { status: 201, location: `/v1/snapshots/${id}`, body: kept }
      }),
    )
  } finally {
    await archive.remove()
  }
}

function citiesNamed({ cities }: Understood): readonly string[] | number {
  return cities.length > CITIES_NAMED ? cities.length : cities.map(({ id }) => id)
}

function questionNamed({ body }: Understood): object {
  const { jurisdictionIds: _, ...question } = body
  return question
}

function nameOf({ cities, knownAt }: Understood): string {
  const whose = cities.length === 1 ? cities[0]!.name : `${cities.length} cities`
  return `${whose}, ${knownAt.slice(0, 10)}`
}

/** The data files, then what is said of them, then the signature. Gives the manifest. */
async function fill(services: SnapshotServices, making: Making, packer: Packer): Promise<Manifest> {
  const { asked, signer, context } = making
  const counts: Counts = { devices: new Map(), findings: new Map() }
  const files: DataFile[] = []
  const sources = dataFiles(services.database, asked, counts, context.signal)
  for (const [i, { name, mediaType, lines }] of sources.entries()) {
    context.onProgress({ done: i, total: sources.length + 1, phase: `writing ${name}` })
    let rows = 0
    const packed = await packer.add(
      name,
      lines((written) => {
        rows = written
      }),
    )
    files.push({ name, mediaType, rows, ...packed })
  }
  await assertUnchanged(services, asked)
  context.onProgress({ done: sources.length, total: sources.length + 1, phase: 'signing' })
  const manifest = manifestOf(services, making, counts, files)
  const text = `${JSON.stringify(manifest, null, 2)}\n`
  const sums = sumsText([
    ...files,
    { name: MANIFEST, sha256: createHash('sha256').update(text).digest('hex') },
  ])
  await packer.add(MANIFEST, [text])
  await packer.add(SUMS, [sums])
  packer.addBytes(SIGNATURE, signer.sign(Buffer.from(sums)))
  return manifest
}

/** Files that were written one after another say the same only if no city stated anything anew meanwhile. */
async function assertUnchanged(
  { database }: SnapshotServices,
  { cities, knownAt }: Understood,
): Promise<void> {
  const after = await contextsOf(
    database,
    cities.map(({ id }) => id),
    knownAt,
  )
  if (cities.every(({ id, context }) => after.get(id) === context)) return
  throw new DomainError(
    'selection-changed',
    'A city changed what it states of itself, or its licenses, while this was written. Ask again.',
  )
}

function manifestOf(
  services: SnapshotServices,
  { id, name, asked, signer, madeAt, context }: Making,
  counts: Counts,
  files: readonly DataFile[],
): Manifest {
  const { cities, knownAt, knowledge, body } = asked
  const jurisdictions = cities.map((city) => ({
    ...city,
    devices: counts.devices.get(city.id) ?? 0,
    findings: counts.findings.get(city.id) ?? 0,
  }))
  const sum = (what: 'devices' | 'findings') => jurisdictions.reduce((total, city) => total + city[what], 0)
  return {
    format: FORMAT,
    id,
    name,
    createdAt: madeAt.toISOString(),
    createdBy: { label: context.principal.label, role: context.principal.role },
    question: body,
    register: registerWords(asked),
    knownAt,
    counts: { jurisdictions: cities.length, devices: sum('devices'), findings: sum('findings') },
    jurisdictions,
    dataVersions: dataVersions(knowledge),
    lawReadUpTo: knowledge.asOf,
    program: { name: 'camledger', version: services.version },
    signingKey: signer.kid,
    notCounted: NOT_COUNTED,
    files: [...files],
  }
}
