/** Documents of a device, a statement or a license: what is kept, and a form for one more. */

import type { Gets } from '../answers.ts'
import type { Api } from '../client.ts'
import { type FormState, wrongForm } from '../form.ts'
import type { SentFile } from '../multipart.ts'
import { FileForm, FileInput, Input } from './form.tsx'
import { Moment } from './words.tsx'

type Kept = Gets['/v1/documents']['items'][number]

interface DocumentsOf {
  readonly documents: readonly Kept[]
  /** What belongs here: `a photo of the label, an invoice`. */
  readonly such: string
  /** Null for those who only read. */
  readonly form: FormState | null
}

const LABELS = { note: 'What it shows', file: 'File' }

export function Documents({ documents, such, form }: DocumentsOf) {
  return (
    <section id="documents">
      <h2>Documents</h2>
      {documents.length === 0 ? (
        <p>None yet: {such}.</p>
      ) : (
        <ul>
          {documents.map(({ id, name, note, createdAt, keyLabel, removed }) => (
            <li key={id}>
              {removed === null ? (
                <a href={`/console/v1/documents/${id}/content`}>{name}</a>
              ) : (
                `${name} (removed: ${removed.reason})`
              )}
              {note === null ? null : `, ${note}`}, <Moment at={createdAt} />, {keyLabel}
            </li>
          ))}
        </ul>
      )}
      {form === null ? null : (
        <details class="no-print" open={form.sent !== null}>
          <summary>Keep a document here</summary>
          <FileForm form={form} labels={LABELS} button="Keep the document">
            <Input form={form} name="note" label={LABELS.note} hint="You may leave it empty." />
            <FileInput
              form={form}
              name="file"
              label={LABELS.file}
              accept=".png,.jpg,.jpeg,.pdf"
              hint="PNG, JPEG or PDF, at most 10 MB."
            />
          </FileForm>
        </details>
      )}
    </section>
  )
}

/** Null when it is kept; else what is wrong. Throws ApiRefusal. */
export async function keepDocument(
  api: Api,
  owner: Readonly<Record<string, string>>,
  form: URLSearchParams,
  file: SentFile | null,
): Promise<FormState | null> {
  if (file === null) return wrongForm(form, { file: 'Choose a file first.' })
  const note = form.get('note')?.trim() ?? ''
  // Some browsers send the whole path; the API takes the name alone.
  const name = (file.name.split(/[/\\]/).at(-1) ?? '').slice(-200)
  await api.upload('POST /v1/documents', file, { ...owner, name, ...(note === '' ? {} : { note }) })
  return null
}
