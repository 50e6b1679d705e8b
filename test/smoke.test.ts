import t from 'tap'
import { harness } from './support/harness.ts'

const h = await harness(t)
t.test('smoke', async (t) => {
  const city = await h.jurisdiction()
  const editor = await h.key('city-editor', city)
  const made = await h.call('POST', '/v1/devices', { key: editor, body: { assetTag: 'C1', manufacturer: 'Hikvison', model: 'DS-2CD2143G0-I', macAddress: '44-19-b6-00-00-01', acquiredOn: '2019-11-01' } })
  console.log(made.status, JSON.stringify(made.body).slice(0, 1500))
  const list = await h.call('GET', '/v1/devices', { key: editor })
  console.log(list.status, list.text.slice(0, 300))
  const sum = await h.call('GET', '/v1/summary?groupBy=maker,outcome', { key: editor })
  console.log(sum.status, sum.text.slice(0, 500))
  const csv = await h.call('POST', '/v1/imports', { key: editor, headers: { 'content-type': 'text/csv' }, body: 'Camera ID,Manufacturer,Model,Purchase Date\nC1,Hikvision,DS-2CD2143G0-I,11/01/2019\nC2,LTS,CMIP3242,31/02/2024\nC3,Axis,P3245,2021-01-01\nC3,Axis,P3245,2021-01-01\n' })
  console.log(csv.status, csv.text.slice(0, 3000))
  console.log((await h.call('GET', `/v1/imports/${csv.body?.id}/rejects`, { key: editor })).text)
  console.log((await h.call('GET', '/readyz', { key: null })).text)
  console.log((await h.call('GET', '/openapi.json', { key: null })).text.length)
  console.log((await h.call('GET', '/docs/', { key: null })).status)
  console.log((await h.call('GET', '/v1/devices?foo=1', { key: editor })).text)
})
