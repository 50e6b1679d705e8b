import { type SQL, sql } from 'drizzle-orm'

/**
 * A jurisdiction as a table of one row, column `id`, to join with: a value that the planner does not see.
 *
 * Of a city that came in since the last ANALYZE the planner believes that it has one row, and then any index that
 * begins with the jurisdiction seems as good as the right one: it reads all rows of the city for each key that is
 * looked up. Where it does not see which city is meant, it reckons with an average one.
 */
export function unseen(jurisdictionId: string): SQL {
  return sql`(select ${jurisdictionId}::uuid as id offset 0)`
}
