/** Protection in place of a fix, and risk that somebody accepts: each with an owner, evidence and an end. */
import { EDITORS, READERS } from '../../../tenancy/auth.ts'
import type { Gets } from '../../answers.ts'
import { anyOr, TREATMENT_WORDS } from '../../firmware-words.ts'
import { formOf, wrongForm } from '../../form.ts'
import { GoTo, page } from '../../page.ts'
import { Form, Input, Select, TextArea } from '../../parts/form.tsx'
import { Table } from '../../parts/table.tsx'
import { count, Day } from '../../parts/words.tsx'
import { callOf } from '../device.tsx'

type Treatment = Gets['/v1/risk-treatments']['items'][number]

const stateOn = ({ beginsOn, expiresOn, endedOn }: Treatment, today: string) =>
  endedOn !== null && endedOn <= today
    ? 'Ended'
    : expiresOn < today
      ? 'Ran out'
      : beginsOn > today
        ? 'Begins later'
        : 'Counts today'

export const treatmentsPage = page({
  path: '/risk-treatments',
  roles: READERS,
  place: { group: 'Firmware', label: 'Controls and accepted risks' },
  title: 'Controls and accepted risks',
  load: async (api, { query, now }) => ({
    ...(await api.get('/v1/risk-treatments', { query })),
    today: now.toISOString().slice(0, 10),
  }),
  View: ({ data: { items, nextCursor, today } }) => (
    <>
      <p class="lead">
        What is done where a fix cannot be had, and what somebody has accepted. It is shown beside the devices
        while it counts, and changes no answer of a law and no level.
      </p>
      {items.length === 0 ? (
        <p class="empty">None is on record. One is recorded on the page of a device, under “Firmware”.</p>
      ) : (
        <Table
          caption={`${count(items.length, 'record')}${nextCursor === null ? '' : ', and more'}`}
          rows={items}
          rowKey={({ id }) => id}
          columns={[
            {
              label: 'What',
              cell: ({ id, title }: Treatment) => <a href={`/console/risk-treatments/${id}`}>{title}</a>,
            },
            { label: 'Kind', cell: ({ kind }) => TREATMENT_WORDS[kind] },
            { label: 'Who answers for it', cell: ({ owner }) => owner },
            { label: 'Vulnerabilities', cell: ({ vulnerabilities }) => anyOr(vulnerabilities, (id) => id) },
            { label: 'Last day', cell: ({ expiresOn }) => <Day day={expiresOn} /> },
            { label: 'State', cell: (one) => stateOn(one, today) },
          ]}
        />
      )}
      {nextCursor === null ? null : (
        <p class="pager">
          <a href={`/console/risk-treatments?cursor=${encodeURIComponent(nextCursor)}`}>More</a>
        </p>
      )}
    </>
  ),
})

const LABELS = {
  kind: 'Kind',
  title: 'What is done, or what is accepted',
  owner: 'Who answers for it',
  vulnerabilities: 'Vulnerabilities',
  evidence: 'Evidence',
  beginsOn: 'From',
  expiresOn: 'Last day',
}

export const newTreatmentPage = page<Gets['/v1/devices/{id}']>({
  path: '/devices/:id/risk-treatments',
  roles: EDITORS,
  title: 'Record a control or an accepted risk',
  trail: (device) => [
    ['Devices', '/console/devices'],
    [callOf(device), `/console/devices/${device.id}`],
  ],
  load: (api, { params }) => api.get('/v1/devices/{id}', { params }),
  View: ({ data: device, form }) => (
    <>
      <p class="lead">
        It is for {callOf(device)}, has an end, and stays on record. It changes no answer of a law.
      </p>
      <Form form={form} labels={LABELS} button="Record it">
        <Select
          form={form}
          name="kind"
          label={LABELS.kind}
          options={[['', 'choose'], ...Object.entries(TREATMENT_WORDS)]}
        />
        <Input form={form} name="title" label={LABELS.title} hint="Such as: moved to a network of its own." />
        <Input form={form} name="owner" label={LABELS.owner} hint="A person or an office." />
        <Input
          form={form}
          name="vulnerabilities"
          label={LABELS.vulnerabilities}
          hint="Their ids, with blanks between. Leave it empty for any."
          value={device.firmwareRisk.vulnerabilities.map(({ id }) => id).join(' ')}
        />
        <TextArea
          form={form}
          name="evidence"
          label={LABELS.evidence}
          hint="What shows that it is so: a test, a ticket, a decision."
        />
        <Input form={form} name="beginsOn" label={LABELS.beginsOn} type="date" />
        <Input form={form} name="expiresOn" label={LABELS.expiresOn} type="date" />
      </Form>
    </>
  ),
  submit: async (api, { params, now }, form) => {
    const text = (name: string) => form.get(name)?.trim() ?? ''
    const kinds = Object.keys(TREATMENT_WORDS) as Treatment['kind'][]
    const kind = kinds.find((one) => one === form.get('kind'))
    if (kind === undefined) return wrongForm(form, { kind: 'Choose one.' })
    const device = await api.get('/v1/devices/{id}', { params })
    const ids = text('vulnerabilities')
      .split(/[\s,;]+/)
      .filter(Boolean)
    const { body } = await api.send('POST /v1/risk-treatments', {
      body: {
        jurisdictionId: device.jurisdictionId,
        kind,
        title: text('title'),
        owner: text('owner'),
        deviceIds: [device.id],
        vulnerabilities: ids.length === 0 ? 'any' : ids,
        evidence: [{ text: text('evidence'), on: earlier(text('beginsOn'), now.toISOString().slice(0, 10)) }],
        beginsOn: text('beginsOn'),
        expiresOn: text('expiresOn'),
      },
    })
    return new GoTo(`/console/risk-treatments/${body.id}`, 'treatment-recorded')
  },
})

/** The evidence is of the first day, or of today where that is still to come. */
const earlier = (day: string, today: string) => (day !== '' && day < today ? day : today)

interface Loaded {
  readonly treatment: Treatment
  readonly etag: string
  readonly today: string
  readonly mayChange: boolean
}

export const treatmentPage = page<Loaded>({
  path: '/risk-treatments/:id',
  roles: READERS,
  submitRoles: EDITORS,
  title: ({ treatment }) => treatment.title,
  trail: () => [['Controls and accepted risks', '/console/risk-treatments']],
  load: async (api, { params, who, now }) => {
    const { body: treatment, headers } = await api.read('/v1/risk-treatments/{id}', { params })
    return {
      treatment,
      etag: String(headers.etag ?? ''),
      today: now.toISOString().slice(0, 10),
      mayChange: (EDITORS as readonly string[]).includes(who.principal.role),
    }
  },
  View: ({ data: { treatment, etag, today, mayChange }, form }) => (
    <>
      <p class="lead">
        {TREATMENT_WORDS[treatment.kind]}. {stateOn(treatment, today)}.
      </p>
      <dl class="facts">
        <dt>Who answers for it</dt>
        <dd>{treatment.owner}</dd>
        <dt>Vulnerabilities</dt>
        <dd>{anyOr(treatment.vulnerabilities, (id) => id)}</dd>
        <dt>From</dt>
        <dd>
          <Day day={treatment.beginsOn} />
        </dd>
        <dt>Last day</dt>
        <dd>
          <Day day={treatment.expiresOn} />
        </dd>
        {treatment.endedOn === null ? null : (
          <>
            <dt>Ended before, on</dt>
            <dd>
              <Day day={treatment.endedOn} />
            </dd>
          </>
        )}
        <dt>Checked</dt>
        <dd>
          {treatment.verifiedOn === null ? (
            'nobody has checked it yet'
          ) : (
            <>
              <Day day={treatment.verifiedOn} />, by {treatment.verifiedBy}
            </>
          )}
        </dd>
        <dt>Evidence</dt>
        <dd>
          <ul>
            {treatment.evidence.map(({ on, text, source }) => (
              <li key={on + text}>
                <Day day={on} />: {text}
                {source === null ? '' : ` (${source})`}
              </li>
            ))}
          </ul>
        </dd>
        <dt>Devices</dt>
        <dd>
          <ul>
            {treatment.deviceIds.map((id, at) => (
              <li key={id}>
                <a href={`/console/devices/${id}`}>Device {at + 1}</a>
              </li>
            ))}
          </ul>
          {treatment.siteIds.length === 0 ? '' : `and all at ${count(treatment.siteIds.length, 'site')}`}
        </dd>
      </dl>
      {mayChange && treatment.endedOn === null ? (
        <>
          <h2>Change it</h2>
          <Form
            form={formOf(form, 'verify')}
            labels={{ verifiedBy: 'Who checked it' }}
            button="It was checked today"
          >
            <input type="hidden" name="do" value="verify" />
            <input type="hidden" name="etag" value={etag} />
            <Input form={formOf(form, 'verify')} name="verifiedBy" label="Who checked it" />
          </Form>
          <Form form={formOf(form, 'end')} labels={{}} button="End it today">
            <input type="hidden" name="do" value="end" />
            <input type="hidden" name="etag" value={etag} />
          </Form>
        </>
      ) : null}
    </>
  ),
  submit: async (api, { params, now }, form) => {
    const today = now.toISOString().slice(0, 10)
    const verifiedBy = form.get('verifiedBy')?.trim() ?? ''
    if (form.get('do') === 'verify' && verifiedBy === '')
      return wrongForm(form, { verifiedBy: 'Enter who checked it.' })
    await api.send('PATCH /v1/risk-treatments/{id}', {
      params,
      body: form.get('do') === 'end' ? { endedOn: today } : { verifiedOn: today, verifiedBy },
      headers: { 'if-match': form.get('etag') ?? '' },
    })
    return new GoTo(`/console/risk-treatments/${encodeURIComponent(params.id ?? '')}`, 'treatment-changed')
  },
})
