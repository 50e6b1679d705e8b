/**
 * A page as one declaration: where it stands, who may open it, what it reads (`load`) and how that looks (`View`).
 * `View` is a function of the data alone: no clock, no database, no call. Forms without script are posted to the page's
 * own address and come to `submit`.
 */
import { type ComponentChildren, type ComponentType, h } from 'preact'
import type { Role } from '../tenancy/principal.ts'
import type { Session } from '../tenancy/sessions.ts'
import { type Api, ApiRefusal } from './client.ts'
import { type FormState, refusedForm, UNSENT } from './form.ts'
import type { FormWithFile, SentFile } from './multipart.ts'
import type { Names } from './names.ts'
import type { SignedIn } from './session.ts'

export const GROUPS = ['Register', 'Law', 'Firmware', 'Money', 'Across cities', 'Operator'] as const

/** Its line in the navigation. */
interface Place {
  readonly group: (typeof GROUPS)[number]
  readonly label: string
}

/** What a request brings. */
export interface Asked {
  readonly params: Readonly<Record<string, string>>
  /** Without `done`, which belongs to the frame. */
  readonly query: URLSearchParams
  readonly who: SignedIn
  readonly now: Date
  readonly account: Account
  /** What makers and laws are called. */
  readonly names: Names
}

/** Sessions of the key that has signed in; no call of the API knows of them. */
interface Account {
  sessions(): Promise<Session[]>
  signOutEverywhere(): Promise<void>
}

/** Instead of a page: go there. `done` names the message that is shown (`DONE` in words.ts). */
export class GoTo {
  readonly address: string

  constructor(address: string, done?: string) {
    const [path = '', fragment] = address.split('#')
    const query = done === undefined ? '' : `${path.includes('?') ? '&' : '?'}done=${done}`
    this.address = path + query + (fragment === undefined ? '' : `#${fragment}`)
  }
}

interface ViewOf<Data> {
  readonly data: Data
  readonly form: FormState
  readonly asked: Asked
}

export interface Declaration<Data> {
  /** Below `/console`, with `:id` for what varies. */
  readonly path: string
  readonly roles: readonly Role[]
  /** Absent for pages that others lead to. */
  readonly place?: Place
  readonly title: string | ((data: Data) => string)
  /** The pages above it, for the trail: label and address. */
  readonly trail?: (data: Data) => readonly (readonly [label: string, address: string])[]
  /** Modules in `console/` beside the one of every page. It works without them. */
  readonly scripts?: readonly string[]
  readonly load: (api: Api, asked: Asked) => Promise<Data | GoTo>
  readonly View: ComponentType<ViewOf<Data>>
  /** Roles that may send the page's forms; those that may open it otherwise. */
  readonly submitRoles?: readonly Role[]
  /** A refusal of the API that is thrown here shows the page again, with what was typed and what is wrong. */
  readonly submit?: (api: Api, asked: Asked, form: URLSearchParams) => Promise<GoTo | FormState>
  /** The same for a form with a file, which is the last field of it and null when none was chosen. */
  readonly receive?: (
    api: Api,
    asked: Asked,
    form: URLSearchParams,
    file: SentFile | null,
  ) => Promise<GoTo | FormState>
}

export interface Opened {
  readonly status: number
  readonly title: string
  readonly trail: readonly (readonly [label: string, address: string])[]
  readonly view: ComponentChildren
  readonly scripts: readonly string[]
}

export interface Page extends Pick<Declaration<unknown>, 'path' | 'roles' | 'place' | 'submitRoles'> {
  readonly takesForms: boolean
  readonly takesFiles: boolean
  readonly open: (api: Api, asked: Asked, form?: FormState) => Promise<Opened | GoTo>
  readonly submit: (api: Api, asked: Asked, form: URLSearchParams) => Promise<Opened | GoTo>
  readonly receive: (api: Api, asked: Asked, form: FormWithFile) => Promise<Opened | GoTo>
}

export function page<Data>(declaration: Declaration<Data>): Page {
  const {
    path,
    roles,
    place,
    title,
    trail,
    load,
    View,
    submit,
    receive,
    submitRoles,
    scripts = [],
  } = declaration

  const open: Page['open'] = async (api, asked, form = UNSENT) => {
    const data = await load(api, asked)
    if (data instanceof GoTo) return data
    return {
      status: form.problem?.status ?? 200,
      title: typeof title === 'string' ? title : title(data),
      trail: trail?.(data) ?? [],
      scripts,
      view: h(View, { data, form, asked }),
    }
  }

  const answered = async (
    api: Api,
    asked: Asked,
    sent: URLSearchParams,
    answer: () => Promise<GoTo | FormState>,
  ): Promise<Opened | GoTo> => {
    try {
      const result = await answer()
      return result instanceof GoTo ? result : open(api, asked, result)
    } catch (error) {
      if (!(error instanceof ApiRefusal) || !isAboutTheForm(error.problem.status)) throw error
      return open(api, asked, refusedForm(sent, error.problem))
    }
  }

  return {
    path,
    roles,
    ...(place ? { place } : {}),
    ...(submitRoles ? { submitRoles } : {}),
    takesForms: submit !== undefined,
    takesFiles: receive !== undefined,
    open,
    submit: (api, asked, sent) => answered(api, asked, sent, () => submit!(api, asked, sent)),
    receive: (api, asked, { fields, file }) =>
      answered(api, asked, fields, () => receive!(api, asked, fields, file)),
  }
}

/** What a person can put right in the form. Anything else has a page of its own. */
const isAboutTheForm = (status: number) => [400, 409, 412, 413, 415, 422].includes(status)
