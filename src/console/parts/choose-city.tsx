/** For keys of several cities, where a page is about one. */
import { count } from './words.tsx'

interface ChooseCityOf {
  readonly cities: ReadonlyMap<string, string> | null
  readonly address: string
}

export function ChooseCity({ cities, address }: ChooseCityOf) {
  if (cities === null || cities.size === 0)
    return <p class="empty">Your key reads no city yet. Ask the people who run this service.</p>
  return (
    <>
      <p class="lead">This page is about one city. Choose one of {count(cities.size, 'city', 'cities')}.</p>
      <ul>
        {[...cities].map(([id, name]) => (
          <li key={id}>
            <a href={`${address}?jurisdictionId=${id}`}>{name}</a>
          </li>
        ))}
      </ul>
    </>
  )
}
