import type { FileOffer } from './sources.ts'

/** The file that closes the worst open hole. */
export interface ProposedFix extends FileOffer {
  readonly advisory: string
  readonly needsCounsel: boolean
}
