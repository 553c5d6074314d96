import type { Text } from '../..'
import type { profile as en } from '../en/profile'

export const profile = {
  'profile.language': 'Язык',
  'profile.theme': 'Цвета',
  'profile.theme.system': 'Как на устройстве',
  'profile.theme.light': 'Светлые',
  'profile.theme.dark': 'Тёмные',
} satisfies Record<keyof typeof en, Text>
