/** The page that asks for the key. */

import type { FormState } from './form.ts'
import { Form, Input } from './parts/form.tsx'

interface SignInOf {
  readonly form: FormState
  readonly next: string
  /** What was typed into a form when the session had ended, as a browser sends it. */
  readonly kept?: string | null
  /** False when the browser would not keep anybody signed in at this address. */
  readonly isPossible: boolean
}

const LABELS = { key: 'Access key', name: 'Your name' }

export function SignIn({ form, next, isPossible, kept = null }: SignInOf) {
  if (!isPossible) return <NotEncrypted />
  return (
    <>
      <p class="lead">
        camledger keeps a city’s list of cameras, who really made them, and what each law says about them.
      </p>
      {kept === null ? null : (
        <p class="notice">
          You were signed out meanwhile. Sign in again: what you typed is kept on this page and can be sent
          then.
        </p>
      )}
      <Form form={form} labels={LABELS} button="Sign in" action="/console/login">
        <input type="hidden" name="next" value={next} />
        {kept === null ? null : <input type="hidden" name="kept" value={kept} />}
        <Input
          form={form}
          name="key"
          label={LABELS.key}
          hint="Whoever runs this service gave it to you. It begins with clk_ unless they chose it themselves."
          type="password"
          autoComplete="current-password"
          required
        />
        <Input
          form={form}
          name="name"
          label={`${LABELS.name} (optional)`}
          hint="It is written beside each change, so that colleagues who share a key can be told apart."
          autoComplete="name"
        />
      </Form>
      <details>
        <summary>I have no key</summary>
        <p>
          The first start of the service prints an operator’s key once, on the line “admin key”. With it an
          operator makes keys for cities and reviewers, on the page “Keys”.
        </p>
      </details>
    </>
  )
}

/** After signing in again: nothing is sent before the reader says so. */
export function SendAgain({ address, kept }: { readonly address: string; readonly kept: string }) {
  return (
    <>
      <p class="lead">You are signed in again. What you typed was not sent yet.</p>
      <form method="post" action={address}>
        {[...new URLSearchParams(kept)].map(([name, value], at) => (
          <input key={`${name}-${at}`} type="hidden" name={name} value={value} />
        ))}
        <button type="submit">Send it now</button>
      </form>
      <p>
        <a href={address}>Leave it and open the page anew</a>
      </p>
    </>
  )
}

function NotEncrypted() {
  return (
    <div class="wrong" role="alert">
      <h2>This address is not encrypted</h2>
      <p>
        The browser would not keep you signed in, and others on the network could read along. Ask for the
        https address.
      </p>
      <details>
        <summary>For whoever runs the service</summary>
        <p>
          Put a proxy that speaks https in front of it and set TRUST_PROXY=true, or open it as
          http://localhost on the machine itself. CONSOLE_PLAIN_HTTP=true allows signing in without
          encryption, on a network that you trust.
        </p>
      </details>
    </div>
  )
}
