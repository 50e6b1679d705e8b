import type { FileOffer } from './sources.ts'

/** The file that closes the worst open vulnerability. */
export interface ProposedFix extends FileOffer {
  readonly advisory: string
  readonly needsCounsel: boolean
}
