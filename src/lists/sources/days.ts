/** Days as official lists write them. Pure. */
import { isPlainDate, type PlainDate } from '../../lib/calendar.ts'

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
/** No list of today holds a day after this year; `3033` is a slip of somebody's finger. */
const LAST_YEAR = 2199

function dayOf(year: string, month: number, day: string): PlainDate | null {
  const full = year.length === 2 ? `20${year}` : year
  const text = `${full}-${String(month).padStart(2, '0')}-${day.padStart(2, '0')}`
  return isPlainDate(text) && Number(full) <= LAST_YEAR ? text : null
}

/** `2019-10-09`, `8/11/2015`, `10/9/19`, `02 Aug 2021`, `March 12, 2021`; null for anything else. */
export function readDay(text: string): PlainDate | null {
  const clean = text.replaceAll(/\s+/g, ' ').trim()
  const iso = /^(\d{4})-(\d{2})-(\d{2})(?:T.*)?$/.exec(clean)
  if (iso) return dayOf(iso[1]!, Number(iso[2]), iso[3]!)
  const american = /^(\d{1,2})\/(\d{1,2})\/(\d{4}|\d{2})$/.exec(clean)
  if (american) return dayOf(american[3]!, Number(american[1]), american[2]!)
  const british = /^(\d{1,2}) ([A-Za-z]{3})[a-z]* (\d{4})$/.exec(clean)
  if (british) return dayOf(british[3]!, monthOf(british[2]!), british[1]!)
  const inWords = /^([A-Za-z]{3})[a-z]* (\d{1,2}),? (\d{4})$/.exec(clean)
  if (inWords) return dayOf(inWords[3]!, monthOf(inWords[1]!), inWords[2]!)
  return null
}

const monthOf = (name: string) => MONTHS.indexOf(name.toLowerCase()) + 1
