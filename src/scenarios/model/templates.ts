/** Ready-made scenarios: what is supposed in them. Pure. */
import type { ScenarioWrite } from '../schemas.ts'
import { TEMPLATE_IDS, type TemplateId } from './template-ids.ts'

interface Template {
  readonly id: TemplateId
  readonly title: string
  /** What it still asks for. */
  readonly needs: readonly string[]
  readonly body: Partial<
    Pick<
      ScenarioWrite,
      'makers' | 'largestMaker' | 'regime' | 'program' | 'effectiveOn' | 'windDownDays' | 'licenses' | 'name'
    >
  >
}

const SUPPOSED: Readonly<Record<TemplateId, Omit<Template, 'id'>>> = {
  'largest-maker-wind-down': {
    title: 'The maker of most devices is put on the SDN list, with 180 days to wind down',
    needs: ['effectiveOn'],
    body: { largestMaker: true, regime: 'ofac-sdn', windDownDays: 180 },
  },
  'largest-maker': {
    title: 'The maker of most devices is put on the SDN list, from one day to the next',
    needs: ['effectiveOn'],
    body: { largestMaker: true, regime: 'ofac-sdn', windDownDays: null },
  },
  'largest-maker-firmware-license': {
    title:
      'The maker of most devices is put on the SDN list, 180 days to wind down, updates licensed without an end',
    needs: ['effectiveOn'],
    body: {
      largestMaker: true,
      regime: 'ofac-sdn',
      windDownDays: 180,
      licenses: [
        {
          name: 'general license for firmware updates',
          activities: ['firmware-update'],
          lastDay: null,
          includesOwned: true,
        },
      ],
    },
  },
  'ceiec-2020': {
    title: 'CEIEC as it was: on the SDN list from 2020-11-30, General License 38 to 2021-01-13',
    needs: [],
    body: {
      makers: ['ceiec'],
      regime: 'ofac-sdn',
      program: 'VENEZUELA',
      effectiveOn: '2020-11-30',
      windDownDays: null,
      licenses: [
        {
          name: 'General License 38',
          activities: ['procure', 'use', 'federal-funding', 'firmware-update', 'return-export'],
          // It ended on 2021-01-14 at 00:01 Eastern time: that day is covered for a minute.
          lastDay: '2021-01-13',
          includesOwned: true,
        },
      ],
    },
  },
}

export const TEMPLATES: readonly Template[] = TEMPLATE_IDS.map((id) => ({ id, ...SUPPOSED[id] }))
