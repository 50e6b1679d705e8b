/** What a scenario is: one thing that goes wrong, what is promised then, and how far from the limit it was. */
import { figure } from '../measure.ts'
import type { Service } from './service.ts'

export type Place = 'embedded' | 'PostgreSQL'

/** One figure beside its limit. */
export interface Finding {
  readonly measured: string
  readonly limit: string
  readonly isHeld: boolean
}

export interface Scenario {
  /** One word for the command line. */
  readonly name: string
  /** What is done to the service. */
  readonly fault: string
  readonly promise: string
  readonly on: readonly Place[]
  /** After so long it counts as not held. */
  readonly timeoutSeconds: number
  /** Why it cannot be run on this machine; null when it can. */
  readonly obstacle?: () => string | null
  readonly run: (stage: Stage) => Promise<Finding[]>
}

/** What a scenario runs on; all of it is gone afterwards. */
export interface Stage {
  readonly place: Place
  /** An empty folder. */
  readonly folder: string
  /** Of the scratch database as a superuser; null when embedded. */
  readonly superuserUrl: string | null
  readonly server: StoppableServer | null
  /** A process of the service. `more` goes over what it needs to find its database. */
  serve(more?: Readonly<Record<string, string>>): Promise<Service>
  /** Done at the end, the last first, whatever happens. */
  after(clean: () => unknown): void
}

/** The PostgreSQL server of the run. */
export interface StoppableServer {
  /** As after a crash: nothing is written, no client is told. */
  stop(): Promise<void>
  start(): Promise<void>
}

export function below(what: string, value: number, limit: number, unit: string): Finding {
  return {
    measured: `${what} ${figure(value)} ${unit}`,
    limit: `< ${figure(limit)} ${unit}`,
    isHeld: value < limit,
  }
}

export function exactly(what: string, value: number, wanted: number): Finding {
  return {
    measured: `${what} ${value.toLocaleString('en-US')}`,
    limit: wanted.toLocaleString('en-US'),
    isHeld: value === wanted,
  }
}

/** What must be so, in words. */
export function holds(what: string, isHeld: boolean, otherwise = 'not so'): Finding {
  return { measured: isHeld ? what : `${what}: ${otherwise}`, limit: 'so', isHeld }
}
