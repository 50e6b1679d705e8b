/** Pages of statements. */
import { inArray, isNotNull, isNull, type SQL } from 'drizzle-orm'
import type { Scope, Tx } from '../../db/database.ts'
import { makerStatements } from '../../db/schema/index.ts'
import type { Page, PageAsked } from '../../http/pages.ts'
import { ascending, inScope, tablePage } from '../../http/table-pages.ts'
import { type Statement, toStatement } from './schemas.ts'

const ORDER = ascending(makerStatements, 'jurisdictionId', 'id')

interface Question {
  readonly deviceId: readonly string[]
  readonly maker: readonly string[]
  readonly standing?: boolean | undefined
  readonly confirmed?: boolean | undefined
}

function conditions({ deviceId, maker, standing, confirmed }: Question): (SQL | undefined)[] {
  const { withdrawnAt, confirmedAt } = makerStatements
  return [
    deviceId.length > 0 ? inArray(makerStatements.deviceId, [...deviceId]) : undefined,
    maker.length > 0 ? inArray(makerStatements.makerId, [...maker]) : undefined,
    standing === undefined ? undefined : standing ? isNull(withdrawnAt) : isNotNull(withdrawnAt),
    confirmed === undefined ? undefined : confirmed ? isNotNull(confirmedAt) : isNull(confirmedAt),
  ]
}

export function statementPage(
  tx: Tx,
  scope: Scope,
  question: Question,
  page: PageAsked,
): Promise<Page<Statement>> {
  const where = [inScope(scope), ...conditions(question)]
  return tablePage(tx, { table: makerStatements, order: ORDER, where, item: toStatement }, page)
}
