/** Forms: native controls, each with a label, what is wrong beside the field and in a list above. */
import type { ComponentChildren } from 'preact'
import type { FormState } from '../form.ts'

interface FormOf {
  readonly form: FormState
  /** What the fields are called, for the list of what is wrong. */
  readonly labels: Readonly<Record<string, string>>
  readonly button: string
  readonly children: ComponentChildren
  /** Fields stand side by side. */
  readonly isWide?: boolean
  /** Address to post to; the page's own otherwise. */
  readonly action?: string
}

export function Form({ form, labels, button, children, action, isWide = false }: FormOf) {
  return (
    <form method="post" action={action} noValidate class={isWide ? 'form wide' : 'form'}>
      <Wrong form={form} labels={labels} />
      {children}
      <button type="submit">{button}</button>
    </form>
  )
}

/** A form with a file: the file is its last field. */
export function FileForm({ form, labels, button, children, action }: Omit<FormOf, 'isWide'>) {
  return (
    <form method="post" action={action} encType="multipart/form-data" noValidate class="form">
      <Wrong form={form} labels={labels} />
      {children}
      <button type="submit">{button}</button>
    </form>
  )
}

/** The list of what is wrong: it has the focus, and its entries lead to the fields. */
function Wrong({ form, labels }: Pick<FormOf, 'form' | 'labels'>) {
  const { problem, errors } = form
  if (problem === null) return null
  return (
    // biome-ignore lint/a11y/noAutofocus: after a refusal the reader has to come to what was refused
    <div class="wrong" role="alert" tabIndex={-1} autoFocus>
      <h2>Not saved</h2>
      <p>{problem.detail ?? problem.title}</p>
      {errors.size === 0 ? null : (
        <ul>
          {[...errors].map(([name, message]) => (
            <li key={name}>
              {labels[name] === undefined ? (
                `${name}: ${message}`
              ) : (
                <a href={`#f-${name}`}>{`${labels[name]}: ${message}`}</a>
              )}
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

interface FieldOf {
  readonly form: FormState
  readonly name: string
  readonly label: string
  readonly hint?: string
  /** What is stored. */
  readonly value?: string | null
}

interface InputOf extends FieldOf {
  readonly type?: 'text' | 'password' | 'date' | 'number' | 'search' | 'email'
  readonly autoComplete?: string
  readonly required?: boolean
  readonly step?: string
  readonly list?: string
}

const shownIn = ({ form, name, value }: Pick<FieldOf, 'form' | 'name' | 'value'>) =>
  form.sent === null ? (value ?? '') : (form.sent.get(name) ?? '')

export function Input({
  type = 'text',
  autoComplete = 'off',
  required = false,
  step,
  list,
  ...field
}: InputOf) {
  // Which attributes go together depends on a type that is known only here.
  const attributes: Record<string, unknown> = { type, autoComplete, required, step, list }
  const value = type === 'password' ? undefined : shownIn(field)
  return (
    <Labeled {...field}>
      <input {...attributes} {...described(field)} id={`f-${field.name}`} name={field.name} value={value} />
    </Labeled>
  )
}

export function TextArea(field: FieldOf) {
  return (
    <Labeled {...field}>
      <textarea
        id={`f-${field.name}`}
        name={field.name}
        rows={4}
        {...described(field)}
        value={shownIn(field)}
      />
    </Labeled>
  )
}

export function FileInput({ accept, ...field }: FieldOf & { readonly accept: string }) {
  return (
    <Labeled {...field}>
      <input type="file" accept={accept} {...described(field)} id={`f-${field.name}`} name={field.name} />
    </Labeled>
  )
}

interface SelectOf extends FieldOf {
  readonly options: readonly (readonly [value: string, label: string])[]
}

export function Select({ options, ...field }: SelectOf) {
  const chosen = shownIn(field)
  return (
    <Labeled {...field}>
      <select id={`f-${field.name}`} name={field.name} {...described(field)}>
        {options.map(([value, label]) => (
          <option key={value} value={value} selected={value === chosen}>
            {label}
          </option>
        ))}
      </select>
    </Labeled>
  )
}

function Labeled({ form, name, label, hint, children }: FieldOf & { readonly children: ComponentChildren }) {
  const error = form.errors.get(name)
  return (
    <div class={error === undefined ? 'field' : 'field bad'}>
      <label for={`f-${name}`}>{label}</label>
      {hint === undefined ? null : (
        <span class="hint" id={`h-${name}`}>
          {hint}
        </span>
      )}
      {error === undefined ? null : (
        <span class="error" id={`e-${name}`}>
          {error}
        </span>
      )}
      {children}
    </div>
  )
}

function described({ form, name, hint }: FieldOf) {
  const isWrong = form.errors.has(name)
  const ids = [...(hint === undefined ? [] : [`h-${name}`]), ...(isWrong ? [`e-${name}`] : [])]
  return {
    'aria-describedby': ids.length === 0 ? undefined : ids.join(' '),
    'aria-invalid': isWrong ? ('true' as const) : undefined,
  }
}
