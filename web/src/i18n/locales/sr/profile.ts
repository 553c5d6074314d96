import type { Text } from '../..'
import type { profile as en } from '../en/profile'

export const profile = {
  'profile.language': 'Jezik',
  'profile.theme': 'Boje',
  'profile.theme.system': 'Kao na uređaju',
  'profile.theme.light': 'Svetle',
  'profile.theme.dark': 'Tamne',
} satisfies Record<keyof typeof en, Text>
