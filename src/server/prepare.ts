/** A register made ready for work: its tables brought to what `data/` says, and what the law says then. */
import type { Database } from '../db/database.ts'
import { registrantOf } from '../identification/oui.ts'
import type { Knowledge } from '../screening/knowledge.ts'
import { type BuiltFromFiles, buildFromFiles, readKnowledge } from '../screening/stored-knowledge.ts'
import { type DataFiles, loadData, readDataFiles } from './load-data.ts'
import { DATA } from './paths.ts'

/** The database when it has opened, knowing what `data/` knows. */
export async function prepare(
  opening: Promise<Database>,
  now: () => Date,
): Promise<{ database: Database; knowledge: Knowledge }> {
  const reading = readFiles()
  const database = await opening
  try {
    return { database, knowledge: await loadKnowledge(database, reading, now) }
  } catch (error) {
    await database.close()
    throw error
  }
}

interface FilesRead {
  readonly files: DataFiles
  readonly built: BuiltFromFiles
}

/** Read `data/` and build what it knows, while the database opens. */
export function readFiles(): Promise<FilesRead> {
  const reading = readDataFiles(DATA).then((files) => ({
    files,
    built: buildFromFiles(files.law, registrantOf),
  }))
  // Told to whoever awaits it; the database may fail first.
  reading.catch(() => {})
  return reading
}

/** Bring the tables to what the files say, and read them. `onKept` is told when they hold rows of a newer build. */
export async function loadKnowledge(
  database: Database,
  reading: Promise<FilesRead>,
  now: () => Date,
  onKept: (version: number, release: string) => void = () => {},
): Promise<Knowledge> {
  const { files, built } = await reading
  const { version, isKept } = await loadData(database, files, now())
  if (isKept) onKept(version, files.law.release)
  return readKnowledge(database, registrantOf, built)
}
