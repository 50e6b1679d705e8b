/** The page that asks for the key. */

import type { FormState } from './form.ts'
import { Form, Input } from './parts/form.tsx'

interface SignInOf {
  readonly form: FormState
  readonly next: string
  /** False when the browser would not keep anybody signed in at this address. */
  readonly isPossible: boolean
}

const LABELS = { key: 'Access key', name: 'Your name' }

export function SignIn({ form, next, isPossible }: SignInOf) {
  if (!isPossible) return <NotEncrypted />
  return (
    <>
      <p class="lead">
        camledger keeps a city’s list of cameras, who really made them, and what each law says about them.
      </p>
      <Form form={form} labels={LABELS} button="Sign in" action="/console/login">
        <input type="hidden" name="next" value={next} />
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
