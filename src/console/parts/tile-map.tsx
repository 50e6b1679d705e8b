/** The states as equal squares, drawn as SVG: it prints, works by keyboard, and needs no script. */
import type { ComponentChildren } from 'preact'
import {
  STATE_NAMES,
  type Step,
  shortCount,
  stepOf,
  stepsOf,
  TILE_COLUMNS,
  TILE_ROWS,
  TILES,
  type Tile,
} from '../tiles.ts'
import { count } from './words.tsx'

interface TileMapOf {
  readonly caption: ComponentChildren
  /** By code of the state. */
  readonly counts: ReadonlyMap<string, number>
  readonly address: (code: string) => string
  readonly chosen: string | null
}

/** In pixels, of the drawing and of the screen: finger and cursor want 44. */
const SIDE = 48
const GAP = 4
const PITCH = SIDE + GAP

export function TileMap({ caption, counts, address, chosen }: TileMapOf) {
  const steps = stepsOf([...counts.values()])
  const width = TILE_COLUMNS * PITCH - GAP + 8
  const height = TILE_ROWS * PITCH - GAP + 8
  return (
    <figure class="tiles">
      <figcaption id="tiles-caption">{caption}</figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard */}
      <section class="scroll" tabIndex={0} aria-labelledby="tiles-caption">
        {/* biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be drawn */}
        <svg
          role="group"
          aria-labelledby="tiles-caption"
          width={width}
          height={height}
          viewBox={`-4 -4 ${width} ${height}`}
        >
          <Hatching />
          {TILES.map((tile) => (
            <StateTile
              key={tile.code}
              tile={tile}
              count={counts.get(tile.code) ?? 0}
              steps={steps}
              address={address(tile.code)}
              isChosen={tile.code === chosen}
            />
          ))}
        </svg>
      </section>
      <Legend steps={steps} />
    </figure>
  )
}

/** The highest step is told by a pattern too, for whoever sees no difference of shades. */
function Hatching() {
  return (
    <defs>
      <pattern id="hatching" width="6" height="6" patternUnits="userSpaceOnUse">
        <path d="M-1,1 L1,-1 M0,6 L6,0 M5,7 L7,5" class="hatch" />
      </pattern>
    </defs>
  )
}

interface StateTileOf {
  readonly tile: Tile
  readonly count: number
  readonly steps: readonly Step[]
  readonly address: string
  readonly isChosen: boolean
}

function StateTile({ tile: { code, column, row }, count: devices, steps, address, isChosen }: StateTileOf) {
  const step = stepOf(steps, devices)
  const [x, y] = [column * PITCH, row * PITCH]
  const isTop = step > 0 && step === steps.length && steps.length > 1
  return (
    <a
      href={address}
      aria-label={`${code} ${shortCount(devices)}: ${STATE_NAMES[code]}, ${count(devices, 'device')}`}
      aria-current={isChosen ? 'true' : undefined}
      class={`tile step-${step}${isChosen ? ' chosen' : ''}`}
    >
      <rect x={x} y={y} width={SIDE} height={SIDE} />
      {isTop ? <rect x={x} y={y} width={SIDE} height={SIDE} class="hatched" fill="url(#hatching)" /> : null}
      <text x={x + SIDE / 2} y={y + 19} class="code">
        {code}
      </text>{' '}
      <text x={x + SIDE / 2} y={y + 37}>
        {shortCount(devices)}
      </text>
    </a>
  )
}

function Legend({ steps }: { readonly steps: readonly Step[] }) {
  if (steps.length === 0) return null
  return (
    <ul class="legend">
      <li>
        <Swatch step={0} isTop={false} /> none
      </li>
      {steps.map(({ least, most }, i) => (
        <li key={least}>
          <Swatch step={i + 1} isTop={i > 0 && i === steps.length - 1} />{' '}
          {least === most
            ? least.toLocaleString('en-US')
            : `${least.toLocaleString('en-US')} to ${most.toLocaleString('en-US')}`}
        </li>
      ))}
    </ul>
  )
}

function Swatch({ step, isTop }: { readonly step: number; readonly isTop: boolean }) {
  return (
    <svg width="20" height="20" aria-hidden="true" class={`tile step-${step}`}>
      <rect x="1" y="1" width="18" height="18" />
      {isTop ? <rect x="1" y="1" width="18" height="18" class="hatched" fill="url(#hatching)" /> : null}
    </svg>
  )
}
