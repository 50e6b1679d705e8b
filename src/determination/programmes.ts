/** Where each sanctions program stands in the regulations: its prohibitions and how licenses are asked for. */

const PARTS: Readonly<Record<string, string>> = {
  // Global Magnitsky, 83 FR 30541. Read 2026-11-29.
  GLOMAG: '31 CFR 583.201',
  // Venezuela-related, 80 FR 39676 and 84 FR 64415. Read 2026-11-29.
  VENEZUELA: '31 CFR 591.201',
  // Proliferators of weapons of mass destruction, 74 FR 16773. Read 2026-11-29.
  NPWMD: '31 CFR 544.201',
  // North Korea, 83 FR 9182. Read 2026-11-29, the part and not the section.
  DPRK: '31 CFR part 510',
}
const LICENSES = 'licenses under 31 CFR 501.801'

/** The citation of a rule with the section of the program; as it is where the program's part was not read. */
export function citationUnder(programme: string | null, citation: string): string {
  const section = programme === null ? undefined : PARTS[programme]
  return section === undefined ? citation : `${section}; ${citation}; ${LICENSES}`
}
