import type { Text } from '../..'
import type { notifications as en } from '../en/notifications'

export const notifications = {
  'notice.none': 'Пока ничего',
  'notice.noneText': 'Здесь появится всё важное о ваших закупках.',
  'notice.readAll': 'Прочитать всё',
  'notice.read': 'Прочитано: {what}',
  'notice.unread': 'не прочитано',
  'notice.count': { one: '{n} событие', few: '{n} события', many: '{n} событий', other: '{n} события' },
  'notice.state': 'Теперь: {state}',
  'notice.state_changed': 'Закупка продвинулась',
  'notice.everyone_ready': 'Все готовы: можно закрывать приём',
  'notice.gap_open': 'Упаковка не набралась, вы можете добрать',
  'notice.bid_for_you': 'Ведущий подал заявку за вас',
  'notice.wanted_shrunk': 'Кто-то вышел: нужно меньше',
  'notice.helper_appointed': 'Вы теперь помогаете',
  'notice.handover_offered': 'Вам предлагают вести закупку',
  'notice.handover_ended': 'Ваше предложение не приняли',
  'notice.leader_changed': 'Теперь ведёт другой человек',
  'notice.removed': 'Вы больше не в группе',
  'notice.mention': 'Вам написали',
} satisfies Record<keyof typeof en, Text>
