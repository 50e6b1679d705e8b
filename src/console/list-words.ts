/** Words of official lists and of what a change does to answers. Pure. */
import type { Gets, Sends } from './answers.ts'
import { count } from './parts/words.tsx'

type Load = Sends['POST /v1/lists/{id}/versions']['answer']
type Counts = Load['counts']

export const ENTRY_CHANGE_WORDS: Readonly<
  Record<Gets['/v1/lists/{id}/versions/{range}']['items'][number]['change'], string>
> = { added: 'New', changed: 'Changed', ended: 'Gone' }

export const STANDING_WORDS: Readonly<
  Record<Gets['/v1/lists/{id}/unmatched']['items'][number]['standing'], string>
> = {
  sure: 'Names this maker',
  likely: 'Taken as listed until somebody has looked',
  near: 'Near the name of a maker; nothing follows from it yet',
  none: 'Names no maker of the catalog',
}

export const LISTING_WORDS: Readonly<Record<Load['listings'][number]['how'], string>> = {
  begun: 'comes on the list',
  reopened: 'comes on the list again',
  confirmed: 'stays, and is confirmed',
  ended: 'goes from the list',
  withdrawn: 'is taken back',
}

export const countsWords = ({ entries, added, changed, ended }: Counts): string =>
  `${count(entries, 'entry', 'entries')}: ${added} new, ${changed} changed, ${ended} gone`
