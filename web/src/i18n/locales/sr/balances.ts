import type { Text } from '../..'
import type { balances as en } from '../en/balances'

export const balances = {
  'balances.title': 'Saldo',
  'balances.even': 'Sve je izmireno',
  'balances.evenText': 'U grupi niko nikome ne duguje.',
  'balances.people': 'Otvorena salda',
  'balances.gets': 'treba da dobije',
  'balances.owes': 'duguje',
  'balances.pay': 'Zabeleži uplatu',
  'balances.paid': 'Plaćeno',
  'balances.payText': 'Platite kako želite, pa zabeležite ovde. Može bilo koja strana.',
  'balances.direction': 'Ko je platio?',
  'balances.iPaid': 'Ja sam platio/la',
  'balances.iGot': 'Meni je plaćeno',
  'balances.other': 'Druga osoba',
  'balances.record': 'Zabeleži',
  'balances.recorded': 'Uplata je zabeležena',
  'balances.book': 'Odakle potiče',
  'balances.whose': 'Čiji račun?',
  'balances.bookEmpty': 'Knjiga je još prazna.',
  'balances.run': 'Nabavka',
  'balances.paidTo': 'Plaćeno: {name}',
  'balances.gotFrom': 'Primljeno: {name}',
} satisfies Record<keyof typeof en, Text>
