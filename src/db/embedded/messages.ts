/** What the pool's thread and the database's thread say to each other. */

/** Given to the worker when it starts (`workerData`). */
export interface DatabaseSettings {
  /** Folder of the database files; null keeps everything in memory. */
  readonly filesDir: string | null
  /** A saved data directory (path or bytes of a tar, plain or gzip) to begin from when there is none yet. */
  readonly seed: string | Uint8Array | null
}

export type ToDatabase =
  /** Begin a session: forget what the last one left (transaction, role, settings, prepared statements). */
  | { readonly kind: 'open-session'; readonly session: number }
  /** Protocol messages up to and including a Sync or a simple Query, answered up to ReadyForQuery. */
  | { readonly kind: 'batch'; readonly session: number; readonly bytes: Uint8Array }
  /** Roll back what the session left open. */
  | { readonly kind: 'end-session'; readonly session: number }
  | { readonly kind: 'dump' }
  | { readonly kind: 'close' }

export type FromDatabase =
  | { readonly kind: 'ready' }
  /** The database did not open, or its engine died; nothing more will be answered. */
  | { readonly kind: 'failed'; readonly reason: string; readonly code: string | undefined }
  /** The whole answer to a batch, or the welcome of a session, ending in ReadyForQuery. */
  | { readonly kind: 'answer'; readonly session: number; readonly bytes: Uint8Array }
  | { readonly kind: 'dumped'; readonly tar: Uint8Array }
  | { readonly kind: 'dump-failed'; readonly reason: string }
