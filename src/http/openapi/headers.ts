/** Headers of requests and answers, and filters with operators, as components that operations point to. */

interface HeaderParameter {
  readonly name: string
  readonly in: 'header'
  readonly description: string
  readonly schema: Readonly<Record<string, unknown>>
}

export const HEADER_PARAMETERS = {
  IdempotencyKey: {
    name: 'Idempotency-Key',
    in: 'header',
    description:
      'A text of your own, such as a UUID. The same key with the same request gives the first answer again, for 24 hours; with another request it is refused with 422.',
    schema: { type: 'string', minLength: 1, maxLength: 255 },
  },
  IfMatch: {
    name: 'If-Match',
    in: 'header',
    description: 'The `ETag` of the version that you read. With another version the answer is 412.',
    schema: { type: 'string' },
  },
  IfNoneMatch: {
    name: 'If-None-Match',
    in: 'header',
    description: 'The `ETag` of the answer that you have. When nothing has changed the answer is 304.',
    schema: { type: 'string' },
  },
  Prefer: {
    name: 'Prefer',
    in: 'header',
    description: '`respond-async`: answer at once with 202 and the address of a job.',
    schema: { type: 'string' },
  },
} as const satisfies Record<string, HeaderParameter>

/** Filters with an operator are too many to be named one by one in every list. */
export const OPERATOR_PARAMETERS = {
  FieldOperators: {
    name: 'filters',
    in: 'query',
    description:
      'Filters with an operator, each a parameter of its own, such as `name__contains=gate`. `GET /v1/devices` says which there are.',
    style: 'form',
    explode: true,
    schema: {
      type: 'object',
      additionalProperties: {
        anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }],
      },
    },
  },
} as const

export type HeaderParameterName = keyof typeof HEADER_PARAMETERS

const text = (description: string) => ({ description, schema: { type: 'string' } })
const whole = (description: string) => ({ description, schema: { type: 'integer' } })

/** By their names on the wire. */
export const ANSWER_HEADERS = {
  'X-Request-Id': text('What to quote when you ask for help; the log has it too'),
  ETag: text('Stands for the version of what is shown; send it as `If-Match` or `If-None-Match`'),
  Location: text('Address of what was made, where it has one, or of the job'),
  Link: text('`<...>; rel="next"`: address of the next page; absent on the last'),
  'Content-Disposition': text('Suggested name of the file'),
  'Camledger-Knowledge': text('Number of the reference data behind the answer; `GET /readyz` gives its date'),
  'WWW-Authenticate': text('`Bearer`'),
  'Retry-After': whole('Seconds to wait before the next attempt'),
  'RateLimit-Limit': whole('Requests a minute that the key may make; absent where limits are switched off'),
  'RateLimit-Remaining': whole('Requests that are left'),
  'RateLimit-Reset': whole('Seconds until all are allowed again'),
} as const
export type AnswerHeader = keyof typeof ANSWER_HEADERS

export function headersIn(names: readonly AnswerHeader[]): Record<string, { $ref: string }> {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]))
}
