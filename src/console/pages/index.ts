/** Every page, one line each, in the order of the navigation. */
import type { Page } from '../page.ts'
import { accountPage } from './account.tsx'
import { citiesPage } from './cities.tsx'
import { devicePage } from './device.tsx'
import { deviceEditPage } from './device-edit.tsx'
import { deviceNewPage } from './device-new.tsx'
import { devicesPage } from './devices.tsx'
import { jurisdictionNewPage, jurisdictionPage } from './jurisdictions.tsx'
import { keyPage, keysPage } from './keys.tsx'
import { searchPage } from './search.tsx'
import { todayPage } from './today.tsx'

// biome-ignore format: one line a page
export const PAGES: readonly Page[] = [
  todayPage,
  devicesPage,
  deviceNewPage,
  devicePage,
  deviceEditPage,
  citiesPage,
  keysPage,
  keyPage,
  jurisdictionNewPage,
  jurisdictionPage,
  searchPage,
  accountPage,
]
