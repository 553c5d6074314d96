import type { Text } from '../..'

export const profile = {
  'profile.language': 'Language',
  'profile.theme': 'Colours',
  'profile.theme.system': 'As the device',
  'profile.theme.light': 'Light',
  'profile.theme.dark': 'Dark',
} satisfies Record<string, Text>
