/** Whether a device can be patched, what is open in its firmware, and what to do by when. */
import type { Gets } from '../../answers.ts'
import {
  LEVEL_WORDS,
  OUTLOOK_WORDS,
  PATCH_WHY_WORDS,
  PATCH_WORDS,
  SUPPORT_WORDS,
  URGENCY_WORDS,
} from '../../choice-words.ts'
import { actionWords } from '../../firmware-words.ts'
import { Table } from '../table.tsx'
import { Day, Known } from '../words.tsx'

type Device = Gets['/v1/devices/{id}']

const FIXES = { yes: 'yes', unknown: 'not known', no: 'no' } as const

export function Firmware({ device, mayChange }: { readonly device: Device; readonly mayChange: boolean }) {
  const { firmwareRisk: risk, firmwareVersion } = device
  // What to find out stands in its own section, with the fields.
  const actions = risk.actions.filter(({ code }) => code !== 'resolve-facts')
  return (
    <section id="firmware">
      <h2>Firmware</h2>
      <p class="lead">
        {PATCH_WORDS[risk.patch.answer]}. {PATCH_WHY_WORDS[risk.patch.why]}
      </p>
      <dl class="facts">
        <dt>Installed</dt>
        <dd>
          <Known value={firmwareVersion} />
        </dd>
        <dt>Whether updates may be had</dt>
        <dd>{LEVEL_WORDS[risk.level]}</dd>
        <dt>How urgent it is</dt>
        <dd>
          {URGENCY_WORDS[risk.urgency]} ({risk.score} of 100)
        </dd>
        <dt>Outlook</dt>
        <dd>{OUTLOOK_WORDS[risk.outlook]}</dd>
        <dt>Support</dt>
        <dd>{SUPPORT_WORDS[risk.supportStatus]}</dd>
        {risk.cutOffOn === null ? null : (
          <>
            <dt>Updates need a license or are blocked from</dt>
            <dd>
              <Day day={risk.cutOffOn} />
            </dd>
          </>
        )}
      </dl>
      {mayChange ? (
        <p class="row no-print">
          <a href={`/console/devices/${device.id}/firmware-installations`}>Record an update</a>
          <a href={`/console/devices/${device.id}/risk-treatments`}>Record a control or an accepted risk</a>
        </p>
      ) : null}
      {actions.length === 0 ? null : (
        <>
          <h3>What to do</h3>
          <ul>
            {actions.map(({ code, text, dueOn }) => (
              <li key={code}>
                {actionWords(text)}
                {dueOn === null ? null : (
                  <>
                    , by <Day day={dueOn} />
                  </>
                )}
              </li>
            ))}
          </ul>
        </>
      )}
      {risk.vulnerabilities.length === 0 ? (
        <p>No open vulnerability is known in this firmware.</p>
      ) : (
        <Table
          caption="Open vulnerabilities"
          rows={risk.vulnerabilities}
          rowKey={({ id }) => id}
          columns={[
            { label: 'Vulnerability', cell: ({ id }) => id },
            {
              label: 'Known to be used in attacks',
              cell: ({ isKnownExploited }) => (isKnownExploited ? 'yes' : 'no'),
            },
            { label: 'A fix can be had', cell: ({ fixObtainable }) => FIXES[fixObtainable] },
            {
              label: 'Federal agencies fix it by',
              cell: ({ dueOn }) => (dueOn === null ? 'no day set' : <Day day={dueOn} />),
            },
          ]}
        />
      )}
    </section>
  )
}
