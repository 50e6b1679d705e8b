/** Model patterns as a field of a record: each within its limits, and not too many. */
import { z } from 'zod'
import { groupProblem, MODEL_LIMITS } from './models.ts'

/** A list of patterns, each of them also what `text` says of a text of some length. */
export function modelPatterns(text: (most: number) => z.ZodType<string, string> = plainText) {
  const pattern = text(MODEL_LIMITS.pattern).superRefine((value, context) => {
    const problem = groupProblem(value)
    if (problem !== null) context.addIssue({ code: 'custom', message: problem })
  })
  return z
    .array(pattern)
    .max(MODEL_LIMITS.patterns, `must have at most ${MODEL_LIMITS.patterns} model patterns`)
}

function plainText(most: number) {
  return z.string().max(most, `must have at most ${most} characters`)
}
