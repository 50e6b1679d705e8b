/** What `docker build` would send and copy, worked out from Dockerfile and .dockerignore. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

export interface Copy {
  /** Number of the stage it stands in, from 0. */
  readonly stage: number
  /** Name of the stage it copies from; null for the context. */
  readonly from: string | null
  readonly sources: readonly string[]
  readonly target: string
}

/** The COPY and ADD instructions of a Dockerfile, in the form without brackets. */
export function copiesOf(dockerfile: string): readonly Copy[] {
  let stage = -1
  return dockerfile
    .replaceAll(/\\\r?\n/g, ' ')
    .split('\n')
    .flatMap((line): Copy[] => {
      const [instruction, ...words] = line.trim().split(/\s+/)
      if (instruction?.toUpperCase() === 'FROM') stage++
      if (!/^(?:COPY|ADD)$/i.test(instruction ?? '')) return []
      const from = words.find((word) => word.startsWith('--from='))?.slice('--from='.length) ?? null
      const paths = words.filter((word) => !word.startsWith('--')).map(tidy)
      return [{ stage, from, sources: paths.slice(0, -1), target: paths.at(-1)! }]
    })
}

/**
 * Whether a path is left out of the context. The last line that means the path or a folder above it decides; `!` takes
 * in again what an earlier line left out.
 * Source: docs.docker.com/build/concepts/context, section .dockerignore files, read 2026-11-29.
 */
export function isIgnored(path: string, dockerignore: string): boolean {
  const parts = path.split('/')
  const above = parts.map((_, i) => parts.slice(0, i + 1).join('/'))
  let isLeftOut = false
  for (const line of dockerignore.split(/\r?\n/)) {
    const text = line.trim()
    if (text === '' || text.startsWith('#')) continue
    const isException = text.startsWith('!')
    const expression = expressionOf(tidy(isException ? text.slice(1).trim() : text))
    if (above.some((one) => expression.test(one))) isLeftOut = !isException
  }
  return isLeftOut
}

/** Files under a folder that the context has, relative to it. `skip` says which folders are not looked into. */
export function contextFiles(root: string, dockerignore: string, skip: readonly string[]): readonly string[] {
  const walk = (folder: string): string[] =>
    readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (skip.includes(path)) return []
      if (entry.isDirectory()) return walk(path)
      return isIgnored(path, dockerignore) ? [] : [path]
    })
  return walk('')
}

/** `/data/` and `./data` mean `data`. */
function tidy(path: string): string {
  return path.replace(/^(?:\.?\/)+/, '').replace(/\/+$/, '')
}

/** `*` and `?` stay inside one name, `**` is any number of folders. */
function expressionOf(pattern: string): RegExp {
  const source = pattern.replaceAll(/\*\*\/|\*\*|\*|\?|\[[^\]]*\]|[^*?[]+|\[/g, (part) => {
    if (part === '**/') return '(?:.*/)?'
    if (part === '**') return '.*'
    if (part === '*') return '[^/]*'
    if (part === '?') return '[^/]'
    // A class is one of a regular expression: `^` negates it, `!` does not.
    return /^\[.+\]$/.test(part) ? part : part.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
  })
  return new RegExp(`^${source}$`)
}
