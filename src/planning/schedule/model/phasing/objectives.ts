import type { Objective } from './program.ts'

/** What the schedule is made best in, in order of importance, in words for the page. */
export const OBJECTIVES: Readonly<Record<Objective, string>> = {
  'sites-with-deadline-left-out': 'as few sites with a deadline left out as possible',
  'risk-left-out': 'as little risk left out as possible',
  'risk-point-years': 'risk taken away as early as possible: risk points times years of waiting',
  'present-value': 'the lowest cost in the money of the first year',
  'years-touched': 'as few fiscal years with work as possible',
}

/** The whole order in one sentence. */
export const OBJECTIVE_WORDS =
  'Sites are chosen in this order: deadlines kept, most risk points removed, risk removed earliest, lowest present value, fewest fiscal years. The first fund in order then pays all it can, and so on.'
