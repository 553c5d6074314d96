import type { Text } from '../..'
import type { notifications as en } from '../en/notifications'

export const notifications = {
  'notice.none': 'Još ništa',
  'notice.noneText': 'Ovde stiže sve važno o vašim nabavkama.',
  'notice.readAll': 'Označi sve kao pročitano',
  'notice.read': 'Pročitano: {what}',
  'notice.unread': 'nije pročitano',
  'notice.count': { one: '{n} događaj', few: '{n} događaja', other: '{n} događaja' },
  'notice.state': 'Sada: {state}',
  'notice.state_changed': 'Nabavka ide dalje',
  'notice.everyone_ready': 'Svi su spremni: možete zatvoriti ponude',
  'notice.gap_open': 'Pakovanje nije puno, a vi ga možete dopuniti',
  'notice.bid_for_you': 'Vođa je dao ponudu za vas',
  'notice.wanted_shrunk': 'Neko je izašao: treba manje',
  'notice.helper_appointed': 'Sada ste pomoćnik',
  'notice.handover_offered': 'Nudi vam se vođstvo',
  'notice.handover_ended': 'Vaša ponuda nije prihvaćena',
  'notice.leader_changed': 'Sada vodi neko drugi',
  'notice.removed': 'Više niste u grupi',
  'notice.mention': 'Neko vam je pisao',
} satisfies Record<keyof typeof en, Text>
