/** Ends a transaction that did everything and is to keep nothing. */
export class DryRun<Result> extends Error {
  readonly result: Result
  constructor(result: Result) {
    super('dry run')
    this.result = result
  }
}
