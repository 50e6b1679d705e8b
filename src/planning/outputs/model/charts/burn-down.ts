/** Open risk by month, as planned and as recorded, with the deadline. */
import type { ScheduleDocument } from '../../../documents.ts'
import type { PlanReport } from '../report.ts'
import { type Chart, GRID, INK, legend, line, path, round, svg, text, ticks, WIDTH, widthOf } from './draw.ts'

// biome-ignore lint/complexity/noExcessiveLinesPerFunction: one drawing from top to bottom; all parts share its scales
export function burnDownChart(schedule: ScheduleDocument, report: PlanReport): Chart {
  const plan = schedule.burnDown
  const actual = actualBurnDown(schedule, report)
  const deadline = schedule.settings.deadline
  const [left, top, plotHeight] = [78, 66, 280]
  const plotWidth = WIDTH - left - 40
  const days = (date: string) => Date.parse(`${date}T00:00:00Z`) / 86_400_000
  const first = days(plan[0]!.on)
  const lastDate = [plan.at(-1)!.on, deadline ?? '', ...(actual.at(-1) ? [actual.at(-1)!.on] : [])]
    .sort()
    .at(-1)!
  const last = Math.max(first + 30, days(lastDate))
  const scale = ticks(Math.max(plan[0]!.openPoints, 1))
  const most = scale.at(-1)!
  const x = (date: string) => left + ((days(date) - first) / (last - first)) * plotWidth
  const y = (points: number) => top + plotHeight - (points / most) * plotHeight
  const body: string[] = []
  for (const tick of scale) {
    body.push(line(left, y(tick), left + plotWidth, y(tick), `stroke="${GRID}"`))
    body.push(text(left - 8, y(tick) + 4, tick.toLocaleString('en-US'), { anchor: 'end' }))
  }
  // A mark each quarter, half year or year, so that about eight have room.
  const months = (last - first) / 30.4
  const every = months <= 10 ? 1 : months <= 24 ? 3 : months <= 60 ? 6 : 12
  let [year, month] = [Number(plan[0]!.on.slice(0, 4)), Number(plan[0]!.on.slice(5, 7))]
  for (let guard = 0; guard < 600; guard++) {
    month++
    if (month > 12) [year, month] = [year + 1, 1]
    const on = `${year}-${String(month).padStart(2, '0')}-01`
    if (days(on) > last) break
    if ((month - 1) % every !== 0) continue
    body.push(line(x(on), y(0), x(on), y(0) + 5))
    body.push(text(x(on), y(0) + 20, on.slice(0, 7), { anchor: 'middle' }))
  }
  body.push(line(left, y(0), left + plotWidth, y(0)))
  body.push(text(left, top - 10, 'Open risk points'))
  const steps = (points: readonly { on: string; openPoints: number }[]) =>
    points.flatMap((one, i) =>
      i === 0
        ? [[x(one.on), y(one.openPoints)] as const]
        : [[x(one.on), y(points[i - 1]!.openPoints)] as const, [x(one.on), y(one.openPoints)] as const],
    )
  const planned = 'stroke="#3d5a80" stroke-width="3"'
  const done = `stroke="${INK}" stroke-width="2" stroke-dasharray="6 4"`
  body.push(path(steps(plan), planned))
  if (actual.length > 0) {
    body.push(path(steps(actual), done))
    for (const one of actual)
      body.push(`<circle cx="${round(x(one.on))}" cy="${round(y(one.openPoints))}" r="3.5" fill="${INK}"/>`)
  }
  if (deadline !== null && days(deadline) >= first) {
    const dx = x(deadline)
    body.push(line(dx, top - 4, dx, y(0), `stroke="${INK}" stroke-width="2.5" stroke-dasharray="10 4 2 4"`))
    const label = `Deadline ${deadline}`
    const isLeft = dx + 8 + widthOf(label) > WIDTH - 8
    body.push(
      text(isLeft ? dx - 8 : dx + 8, top + 10, label, {
        anchor: isLeft ? 'end' : 'start',
        isBold: true,
        isOnWhite: true,
      }),
    )
  }
  const end = plan.at(-1)!
  if (end.openPoints > 0) {
    body.push(
      text(
        left + plotWidth,
        y(end.openPoints) - 8,
        `${end.openPoints.toLocaleString('en-US')} points stay open`,
        {
          anchor: 'end',
          isBold: true,
          isOnWhite: true,
        },
      ),
    )
  }
  const keys = legend(
    [
      { label: 'Plan', stroke: planned },
      ...(actual.length > 0 ? [{ label: 'Actual, as completions were recorded', stroke: done }] : []),
    ],
    y(0) + 52,
  )
  const title = 'Open risk by month'
  const description = `A falling line from ${plan[0]!.openPoints.toLocaleString('en-US')} risk points on ${plan[0]!.on} to ${end.openPoints.toLocaleString('en-US')} on ${end.on}${deadline === null ? '' : `; the deadline is ${deadline}`}.`
  const actualOn = (on: string) => {
    const before = actual.filter((one) => one.on <= on).at(-1)
    return before === undefined || on > report.runOn ? null : before.openPoints
  }
  return {
    title,
    description,
    table: {
      columns: ['on', 'open risk points (plan)', 'open devices (plan)', 'open risk points (actual)'],
      rows: plan.map((one) => [one.on, one.openPoints, one.openDevices, actualOn(one.on)]),
    },
    svg: svg('burn', y(0) + 52 + keys.height, title, description, body.join('') + keys.body),
  }
}

/** Open points after each recorded completion: a site's points go with the part of its devices that is done. */
function actualBurnDown(
  schedule: ScheduleDocument,
  { completions }: PlanReport,
): readonly { on: string; openPoints: number }[] {
  if (completions.length === 0) return []
  const sites = new Map(schedule.sites.map((site) => [site.siteId, site]))
  const total = schedule.burnDown[0]!.openPoints
  const left = new Map(schedule.sites.map((site) => [site.siteId, site.devices]))
  let open = total
  const points = [{ on: schedule.burnDown[0]!.on, openPoints: total }]
  for (const { on, siteId, devices } of completions) {
    const site = sites.get(siteId)
    if (!site || site.devices === 0) continue
    const done = Math.min(devices, left.get(siteId)!)
    left.set(siteId, left.get(siteId)! - done)
    open -= (site.riskPoints * done) / site.devices
    points.push({ on, openPoints: Math.max(0, Math.round(open)) })
  }
  return points
}
