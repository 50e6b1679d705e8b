/** Input that cannot be planned with, each fault with the place where it stands. */

export interface Issue {
  /** JSON pointer into the input, such as `/lines/3/price/low`. */
  readonly pointer: string
  /** One sentence that says what is wrong and what would be right. */
  readonly detail: string
}

/** Thrown by the planning functions before they compute anything; all faults at once. */
export class InvalidInput extends Error {
  readonly issues: readonly Issue[]

  constructor(issues: readonly Issue[]) {
    super(issues.map((issue) => `${issue.pointer}: ${issue.detail}`).join(' '))
    this.name = 'InvalidInput'
    this.issues = issues
  }
}

/** Throws InvalidInput when there is an issue. */
export function refuse(issues: readonly Issue[]): void {
  if (issues.length > 0) throw new InvalidInput(issues)
}
