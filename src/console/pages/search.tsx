/** One field for everything: devices, sites, makers. */
import { READERS } from '../../tenancy/auth.ts'
import type { Listed } from '../device-columns.tsx'
import { UNSENT } from '../form.ts'
import { page } from '../page.ts'
import { Input } from '../parts/form.tsx'
import { Known } from '../parts/words.tsx'
import { siteNames } from '../places.ts'

const MOST = 20

export const searchPage = page({
  path: '/search',
  roles: READERS,
  title: 'Search',
  load: async (api, { query, names, who }) => {
    const q = (query.get('q') ?? '').trim()
    if (q === '') return { q, devices: [], more: false, makers: [], sites: [] }
    const { items, nextCursor } = await api.get('/v1/devices', {
      query: { q, limit: String(MOST), fields: 'id,assetTag,name,manufacturer,model,serialNumber' },
    })
    const { items: makers } = await api.get('/v1/manufacturers', { query: { q, limit: String(MOST) } })
    const sites = who.principal.jurisdictionId === null ? new Map<string, string>() : await siteNames(api)
    const part = q.toLowerCase()
    return {
      q,
      devices: items,
      more: nextCursor !== null,
      makers: makers.map(({ id }) => ({ id, name: names.vendor(id) })),
      sites: [...sites].filter(([, name]) => name.toLowerCase().includes(part)).slice(0, MOST),
    }
  },
  View: ({ data: { q, devices, more, makers, sites } }) => (
    <>
      <form method="get" class="form">
        <Input
          form={UNSENT}
          name="q"
          label="Part of a tag, name, label, model, serial number, site or maker"
          value={q}
          type="search"
        />
        <button type="submit">Find</button>
      </form>
      {q !== '' && devices.length + makers.length + sites.length === 0 ? (
        <p class="empty">Nothing on this register, and no maker, has “{q}” in it. Try a shorter part.</p>
      ) : null}
      {devices.length === 0 ? null : (
        <section>
          <h2>Devices</h2>
          <ul>
            {devices.map((device) => (
              <li key={device.id}>
                <a href={`/console/devices/${device.id}`}>{device.assetTag ?? device.name ?? 'no tag'}</a>{' '}
                <Known value={describe(device)} />
              </li>
            ))}
          </ul>
          {more ? (
            <p>
              <a href={`/console/devices?${new URLSearchParams({ q })}`}>All devices with “{q}”</a>
            </p>
          ) : null}
        </section>
      )}
      {sites.length === 0 ? null : (
        <section>
          <h2>Sites</h2>
          <ul>
            {sites.map(([id, name]) => (
              <li key={id}>
                <a href={`/console/devices?siteId=${id}`}>{name}</a>
              </li>
            ))}
          </ul>
        </section>
      )}
      {makers.length === 0 ? null : (
        <section>
          <h2>Makers</h2>
          <ul>
            {makers.map(({ id, name }) => (
              <li key={id}>
                <a href={`/console/devices?maker=${encodeURIComponent(id)}`}>Devices made by {name}</a>
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  ),
})

const describe = ({ manufacturer, model, serialNumber }: Listed) =>
  [manufacturer, model, serialNumber].filter(Boolean).join(' ')
