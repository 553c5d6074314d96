import type { Text } from '../..'
import type { balances as en } from '../en/balances'

export const balances = {
  'balances.title': 'Расчёты',
  'balances.even': 'Все в расчёте',
  'balances.evenText': 'В группе никто никому не должен.',
  'balances.people': 'Открытые суммы',
  'balances.gets': 'к получению',
  'balances.owes': 'долг',
  'balances.pay': 'Записать платёж',
  'balances.paid': 'Оплачено',
  'balances.payText': 'Платите как удобно, потом запишите здесь. Это может сделать любая сторона.',
  'balances.direction': 'Кто платил?',
  'balances.iPaid': 'Я платил(а)',
  'balances.iGot': 'Платили мне',
  'balances.other': 'Другой человек',
  'balances.record': 'Записать',
  'balances.recorded': 'Платёж записан',
  'balances.book': 'Откуда это',
  'balances.whose': 'Чей счёт?',
  'balances.bookEmpty': 'В книге пока пусто.',
  'balances.run': 'Закупка',
  'balances.paidTo': 'Оплата: {name}',
  'balances.gotFrom': 'Получено: {name}',
} satisfies Record<keyof typeof en, Text>
