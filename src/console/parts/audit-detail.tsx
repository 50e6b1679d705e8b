/** What an entry of the record keeps beside who, when and what: names in words, before beside after. */
import { dayWords } from './words.tsx'

type Detail = Readonly<Record<string, unknown>>

const LISTED_MOST = 20
/** What clients send is kept as they sent it: how deep it goes is theirs. */
const DEPTH_MOST = 4

export function AuditDetail({ action, detail }: { readonly action: string; readonly detail: Detail }) {
  return (
    <>
      <p>
        Recorded as <code>{action}</code>
        {Object.keys(detail).length === 0 ? ', without more.' : ':'}
      </p>
      <Fields detail={detail} depth={0} />
    </>
  )
}

function Fields({ detail, depth }: { readonly detail: Detail; readonly depth: number }) {
  const { before, after, ...rest } = detail
  const isChange = isObject(before) && isObject(after)
  const fields = Object.entries(isChange ? rest : detail)
  return (
    <ul>
      {isChange
        ? Object.keys(after).map((name) => (
            <li key={name}>
              {nameWords(name)}: <Value value={before[name]} depth={depth} /> became{' '}
              <Value value={after[name]} depth={depth} />
            </li>
          ))
        : null}
      {fields.map(([name, value]) => (
        <li key={name}>
          {nameWords(name)}: <Value value={value} depth={depth} />
        </li>
      ))}
    </ul>
  )
}

function Value({ value, depth }: { readonly value: unknown; readonly depth: number }) {
  if (!(value instanceof Object)) return <>{scalarWords(value)}</>
  if (depth === DEPTH_MOST) return <code>{JSON.stringify(value)}</code>
  if (!Array.isArray(value)) return <Fields detail={value as Detail} depth={depth + 1} />
  if (value.length === 0) return <>none</>
  const shown = value.slice(0, LISTED_MOST)
  const more = value.length - shown.length
  const others = more === 0 ? [] : [`and ${more.toLocaleString('en-US')} more`]
  if (shown.every((one) => !(one instanceof Object)))
    return <>{[...shown.map(scalarWords), ...others].join(', ')}</>
  return (
    <ol>
      {shown.map((one, i) => (
        <li key={i}>
          <Value value={one} depth={depth + 1} />
        </li>
      ))}
      {others.map((words) => (
        <li key={words}>{words}</li>
      ))}
    </ol>
  )
}

function scalarWords(value: unknown): string {
  if (value === null || value === undefined || value === '') return 'not given'
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (typeof value === 'number') return value.toLocaleString('en-US')
  const text = String(value)
  return /^\d{4}-\d\d-\d\d$/.test(text) ? dayWords(text) : text
}

/** `fileName` as `File name`. */
function nameWords(name: string): string {
  const words = name.replaceAll(/(?<=[a-z\d])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
  return words.charAt(0).toUpperCase() + words.slice(1)
}

const isObject = (value: unknown): value is Detail => value instanceof Object && !Array.isArray(value)
