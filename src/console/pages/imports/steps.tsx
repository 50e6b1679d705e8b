/** Where one stands on the way of a file into the register. */

const STEPS = ['File', 'Columns', 'Check', 'Done'] as const

export function Steps({ at }: { readonly at: (typeof STEPS)[number] }) {
  const now = STEPS.indexOf(at)
  return (
    <ol class="steps" aria-label="Steps of the import">
      {STEPS.map((step, place) => (
        <li
          key={step}
          aria-current={place === now ? 'step' : undefined}
          class={place < now ? 'past' : undefined}
        >
          {step}
          {place < now ? <span class="hidden"> (done)</span> : null}
        </li>
      ))}
    </ol>
  )
}
