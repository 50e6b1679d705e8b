/** Long work written as a generator that stops between its steps: done at once, or with pauses (`withPauses`). */

/** Each `yield` is a place at which the work may wait. One step takes milliseconds at most. */
export type Steps<T> = Generator<undefined, T, undefined>

export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
  }
}
