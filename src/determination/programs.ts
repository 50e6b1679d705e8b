/** Where each sanctions program stands in the regulations: its prohibitions and how licenses are asked for. */

interface Place {
  /** Of the tag that OFAC writes in its lists, or of its beginning where `isFamily`. */
  readonly tag: string
  /** `CYBER` is the tag of CYBER2 and CYBER3 too; `IRAN` is not that of IRAN-HR, which has a part of its own. */
  readonly isFamily?: true
  /** With the section that blocks property where its text was read, otherwise the part alone. */
  readonly citation: string
}

/** Read 2026-11-29 and 2026-11-30, in the text of the section or, where the part alone is cited, in the rule that made it. */
const PLACES: readonly Place[] = [
  // Global Magnitsky, 83 FR 30541.
  { tag: 'GLOMAG', citation: '31 CFR 583.201' },
  // Venezuela-related, 80 FR 39676 and 84 FR 64415.
  { tag: 'VENEZUELA', isFamily: true, citation: '31 CFR 591.201' },
  // Proliferators of weapons of mass destruction, 74 FR 16773.
  { tag: 'NPWMD', citation: '31 CFR 544.201' },
  // North Korea, 83 FR 9182.
  { tag: 'DPRK', isFamily: true, citation: '31 CFR 510.201' },
  // Global terrorism, E.O. 13224.
  { tag: 'SDGT', citation: '31 CFR 594.201' },
  // Foreign terrorist organizations, 8 USC 1189.
  { tag: 'FTO', citation: '31 CFR 597.201' },
  // Harmful foreign activities of Russia, 87 FR 11297: all that E.O. 14024 prohibits.
  { tag: 'RUSSIA-EO14024', citation: '31 CFR 587.201' },
  // Ukraine-related, E.O. 13660, 13661, 13662 and 13685.
  { tag: 'UKRAINE-', isFamily: true, citation: '31 CFR 589.201' },
  // Government of Iran and its banks, E.O. 13599; 77 FR 64664.
  { tag: 'IRAN', citation: '31 CFR 560.211' },
  // Abuse of human rights and sectors of Iran, 84 FR 38545.
  { tag: 'IRAN-HR', citation: '31 CFR part 562' },
  { tag: 'IRAN-EO13871', citation: '31 CFR part 562' },
  // Malicious cyber-enabled activities, 87 FR 54373.
  { tag: 'CYBER', isFamily: true, citation: '31 CFR part 578' },
  // Transnational criminal organizations, E.O. 13581.
  { tag: 'TCO', citation: '31 CFR 590.201' },
  // Burma, E.O. 14014.
  { tag: 'BURMA-EO14014', citation: '31 CFR 525.201' },
  // Nicaragua, E.O. 13851 and Pub. L. 115-335.
  { tag: 'NICARAGUA', isFamily: true, citation: '31 CFR 582.201' },
  // Hong Kong, E.O. 13936.
  { tag: 'HK-EO13936', citation: '31 CFR 585.201' },
  // Belarus, 88 FR 18038.
  { tag: 'BELARUS', isFamily: true, citation: '31 CFR part 548' },
  // Chinese military-industrial complex, 87 FR 8735; its list blocks nothing.
  { tag: 'CMIC-EO13959', citation: '31 CFR part 586' },
  // Cuba.
  { tag: 'CUBA', citation: '31 CFR 515.201' },
]

const LICENSES = 'licenses under 31 CFR 501.801'

/** The citation of a rule with the place of the program; where nobody here read it, the answer says so. */
export function citationUnder(regime: string, program: string | null, citation: string): string {
  // Other authorities call the parts of their lists programs too.
  if (program === null || !regime.startsWith('ofac-')) return citation
  const place = PLACES.find(({ tag, isFamily }) => tag === program || (isFamily && program.startsWith(tag)))
  if (place === undefined)
    return `${citation}; program ${program}, whose part of 31 CFR chapter V was not read; ${LICENSES}`
  return citation.includes(place.citation)
    ? `${citation}; ${LICENSES}`
    : `${place.citation}; ${citation}; ${LICENSES}`
}
