/** What is wrong with a folder that the service writes to, in words that tell a person what to do. */
import { accessSync, constants, existsSync, readdirSync, statfsSync, statSync } from 'node:fs'
import { mkdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** The folder cannot be used as it is. The message is for a person, and says what to do. */
export class DataFolderError extends Error {
  override readonly name = 'DataFolderError'
}

/**
 * Make a folder and those above it; one that is there is left as it is. Node's own `recursive` never ends where no folder
 * can be made, as below /proc: it takes ENOENT for a missing parent, forever.
 */
export async function makeFolder(folder: string, mode = 0o777, isParentThere = false): Promise<void> {
  try {
    await mkdir(folder, { mode })
  } catch (error) {
    const code = systemCode(error)
    if (code === 'ENOENT' && !isParentThere) {
      await makeFolder(dirname(folder), mode)
      await makeFolder(folder, mode, true)
    } else if (code !== 'EEXIST' || !(await stat(folder)).isDirectory()) throw error
  }
}

/** Beside the files of the database while they are made for the first time. */
export const markOf = (filesDir: string) => `${filesDir}.incomplete`

/**
 * Throws DataFolderError when the files would be damaged or taken for none by going on.
 *
 * The engine makes a new database where it finds no PG_VERSION, also over the files of an old one, or over those
 * of somebody else: everything would be gone without a word.
 */
export function assertUsable(folder: string, filesDir: string): void {
  try {
    for (const path of [folder, filesDir]) {
      if (existsSync(path)) accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK)
    }
  } catch (error) {
    throw explainFolder(folder, error)
  }
  const isHalfMade = existsSync(markOf(filesDir))
  if (isHalfMade || !existsSync(filesDir) || existsSync(join(filesDir, 'PG_VERSION'))) return
  if (readdirSync(filesDir).length === 0) return
  throw new DataFolderError(damaged(folder, `${filesDir} holds files and no PG_VERSION`))
}

/** Throws DataFolderError when there is something else than a folder, or a database that is not whole. */
export function assertUsableOrAbsent(folder: string, filesDir: string): void {
  try {
    // Not `throwIfNoEntry`: newer versions of Node are then silent about a path below a file, too.
    if (!statSync(folder).isDirectory()) throw Object.assign(new Error('no folder'), { code: 'ENOTDIR' })
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw explainFolder(folder, error)
  }
  assertUsable(folder, filesDir)
}

/** Numbers of the WebAssembly interface that the engine gives instead of names. Source: WASI preview 1, `errno`. */
const WASI_CODES: Readonly<Record<string, string>> = {
  2: 'EACCES',
  19: 'EDQUOT',
  29: 'EIO',
  51: 'ENOSPC',
  69: 'EROFS',
}

/** The name of the operating system's error in what was thrown, also by the engine; undefined when there is none. */
export function systemCode(error: unknown): string | undefined {
  const { code, errno } = (error ?? {}) as { code?: unknown; errno?: unknown }
  if (typeof code === 'string' && /^E[A-Z]+$/.test(code)) return code
  return typeof errno === 'number' ? WASI_CODES[errno] : undefined
}

/** Settings that name a folder. */
type Setting = 'DATA_DIR' | 'SPOOL_DIR'

/** Advice for an error that a folder or its file system caused; any other error as it is. */
export function explainFolder(folder: string, error: unknown, setting: Setting = 'DATA_DIR'): unknown {
  const code = systemCode(error)
  if (code === undefined) return error
  // What Node reports of a folder that cannot be made, whatever the reason is.
  const advice = adviceFor(folder, code === 'ENOENT' ? (obstacleAbove(folder) ?? code) : code, setting)
  return new DataFolderError(advice, { cause: error })
}

function adviceFor(folder: string, code: string, setting: Setting): string {
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return (
        `There is no room left for ${folder}${code === 'EDQUOT' ? ' (quota)' : room(folder, setting)}. ` +
        'Make room and start again; what is stored is untouched.'
      )
    case 'EROFS':
      return `${folder} is on a file system that is mounted read-only. Make it writable, or set ${setting} to another folder.`
    case 'EACCES':
    case 'EPERM':
      return (
        `This process may not read and write ${folder}${owner(folder)}. ` +
        `Give the folder and all in it to the user that runs camledger (chown -R), or set ${setting} to another folder.`
      )
    case 'EEXIST':
    case 'ENOTDIR':
      return `${folder} is no folder, or lies below a file. Set ${setting} to a folder; it is made when it is missing.`
    case 'ENOENT':
      return `${folder} cannot be made: it lies where no folders can be made, or is a link that leads nowhere. Set ${setting} to another folder.`
    case 'ENAMETOOLONG':
    case 'ELOOP':
      return `${folder} is no usable path. Set ${setting} to another folder.`
    case 'EIO':
      return `The disk of ${folder} cannot be read or written. Look at the system's log before you start again.`
    default:
      return `${folder} cannot be used (${code}). Set ${setting} to another folder.`
  }
}

/** Advice when the engine did not open its files; `words` are its last ones. */
export function explainEngine(folder: string, reason: string, code: string | undefined): DataFolderError {
  const cause = code ?? (/No space left on device/.test(reason) ? 'ENOSPC' : undefined)
  if (cause !== undefined) return new DataFolderError(adviceFor(folder, cause, 'DATA_DIR'))
  const words = [...reason.matchAll(/(?:PANIC|FATAL|DETAIL):\s+(.+)/g)].map(([, text]) => text)
  return new DataFolderError(
    damaged(folder, words.length === 0 ? reason.split('\n')[0]! : words.join('\n  ')),
  )
}

function damaged(folder: string, reason: string): string {
  return (
    `The embedded database in ${folder} cannot be opened: its files are damaged, incomplete or of another version.\n` +
    `  ${reason}\n` +
    'Nothing was changed. Put a backup in its place ("Backup and restore" in docs/operations.md), start the version of ' +
    'camledger that wrote it, or set DATA_DIR to an empty folder to begin anew.'
  )
}

function room(folder: string, setting: Setting): string {
  const free = orNull(() => statfsSync(nearest(folder)))
  if (free === null) return ''
  const needed = setting === 'DATA_DIR' ? ', an empty database takes 50' : ''
  return ` (${Math.floor((free.bavail * free.bsize) / 2 ** 20)} MB free${needed})`
}

function owner(folder: string): string {
  const path = nearest(folder)
  const found = orNull(() => statSync(path))
  const own = process.getuid?.()
  if (found === null || own === undefined) return ''
  const what = path === folder ? 'it' : path
  return found.uid === own ? '' : ` (${what} belongs to user ${found.uid}, this process runs as user ${own})`
}

/** The folder itself, or the nearest above it that is there. */
function nearest(path: string): string {
  const above = join(path, '..')
  return existsSync(path) || above === path ? path : nearest(above)
}

function obstacleAbove(folder: string): string | undefined {
  try {
    accessSync(nearest(folder), constants.W_OK | constants.X_OK)
    return undefined
  } catch (error) {
    return systemCode(error)
  }
}

function orNull<T>(read: () => T): T | null {
  try {
    return read()
  } catch {
    return null
  }
}
