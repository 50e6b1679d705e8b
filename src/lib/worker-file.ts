/** The file of a worker thread. */

/**
 * `worker.ts` beside the module with this URL. tsc rewrites import paths, not URLs: the same call must find the source
 * and what was built from it.
 */
export function workerBeside(url: string): URL {
  return new URL(url.endsWith('.ts') ? './worker.ts' : './worker.js', url)
}
