/** What parties of an advanced file refer to by id. Pure. */
import { detached } from '../detached.ts'
import { childOf, childrenOf, type Node, textIn } from '../records.ts'

export interface RegisteredId {
  readonly type: string
  readonly value: string
}

export class References {
  /** By kind and id, such as `AliasType 1400`. */
  readonly #names = new Map<string, string>()
  readonly #codes = new Map<string, string>()
  /** Location id -> ISO 3166-1 alpha-2. */
  readonly #countries = new Map<string, string>()
  readonly #documents = new Map<string, RegisteredId[]>()

  read(sets: Node): void {
    for (const set of sets.children) {
      for (const { name, attributes, text } of set.children) {
        this.#names.set(`${name} ${attributes.ID}`, detached(text.trim()))
        const code = attributes.ISO2 ?? attributes.PartyTypeID
        if (code !== undefined) this.#codes.set(`${name} ${attributes.ID}`, detached(code))
      }
    }
  }

  nameOf(kind: string, id: string | undefined): string | undefined {
    return this.#names.get(`${kind} ${id}`)
  }

  codeOf(kind: string, id: string | undefined): string | undefined {
    return this.#codes.get(`${kind} ${id}`)
  }

  readLocation(node: Node): void {
    const country = childOf(node, 'LocationCountry')?.attributes.CountryID
    const code = this.codeOf('Country', country)
    if (code !== undefined) this.#countries.set(detached(node.attributes.ID!), code)
  }

  countryOf(location: string | undefined): string | undefined {
    return this.#countries.get(location ?? '')
  }

  readDocument(node: Node): void {
    const { IdentityID: identity, IDRegDocTypeID: typeId } = node.attributes
    const value = textIn(node, 'IDRegistrationNo')
    const type = this.nameOf('IDRegDocType', typeId)
    if (identity === undefined || value === null || type === undefined) return
    const there = this.#documents.get(identity) ?? []
    this.#documents.set(detached(identity), [...there, { type, value: detached(value) }])
  }

  documentsOf(identity: string | undefined): readonly RegisteredId[] {
    return this.#documents.get(identity ?? '') ?? []
  }
}

/** Elements of a name at any depth below. */
export function below(node: Node, name: string): Node[] {
  return [...childrenOf(node, name), ...node.children.flatMap((child) => below(child, name))]
}
