/** Countries as authorities of the United States write them. Pure. */
import { countryOfWord } from '../../intake/words.ts'

/** Names that differ from those of Unicode, in lower case and without marks. */
const NAMES: Readonly<Record<string, string>> = {
  'antigua and barbuda': 'AG',
  'bosnia and herzegovina': 'BA',
  burma: 'MM',
  'congo democratic republic of the': 'CD',
  'congo republic of the': 'CG',
  'hong kong': 'HK',
  'ivory coast': 'CI',
  'korea north': 'KP',
  'korea south': 'KR',
  macau: 'MO',
  'macedonia the former yugoslav republic of': 'MK',
  'region crimea': 'UA',
  'region donetsk': 'UA',
  'region luhansk': 'UA',
  'region gaza': 'PS',
  'saint kitts and nevis': 'KN',
  'saint vincent and the grenadines': 'VC',
  'sao tome and principe': 'ST',
  swaziland: 'SZ',
  'the bahamas': 'BS',
  'the gambia': 'GM',
  'trinidad and tobago': 'TT',
  turkey: 'TR',
  uae: 'AE',
  'virgin islands british': 'VG',
  'virgin islands u s': 'VI',
  'west bank': 'PS',
  palestinian: 'PS',
}

/** ISO 3166-1 alpha-2; `CHINA, PEOPLE'S REPUBLIC OF` as `China`. null for what names none. */
export function countryOfList(text: string): string | null {
  const bare = text.replace(/,\s*people[’']s republic of$/i, '').trim()
  const folded = bare
    .toLowerCase()
    .replaceAll(/[^a-z]+/g, ' ')
    .trim()
  return NAMES[folded] ?? countryOfWord(bare)
}
