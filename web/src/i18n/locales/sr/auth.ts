import type { Text } from '../..'
import type { auth as en } from '../en/auth'

export const auth = {
  'auth.login': 'Prijavi se',
  'auth.register': 'Napravi nalog',
  'auth.logout': 'Odjavi se',
  'auth.username': 'Korisničko ime',
  'auth.usernameHint': 'Od 3 do 50 znakova: a–z, cifre, - ili _',
  'auth.name': 'Vaše ime',
  'auth.nameHint': 'Kako vas drugi vide',
  'auth.password': 'Lozinka',
  'auth.passwordHint': 'Najmanje 8 bilo kakvih znakova',
  'auth.noAccount': 'Prvi put ste ovde?',
  'auth.haveAccount': 'Već ste bili ovde?',
  'auth.demo': 'Demo: uđi kao',
  'invite.title': 'Pridruži se: {group}',
  'invite.from': '{name} vas poziva.',
  'invite.join': 'Pridruži se grupi',
  'invite.joinNew': 'Napravi nalog i pridruži se',
  'invite.joinLogin': 'Imam nalog',
  'invite.gone': 'Ova pozivnica više ne važi',
  'invite.goneText': 'Istekla je, iskorišćena je ili povučena. Zatražite novu od onoga ko vam ju je poslao.',
} satisfies Record<keyof typeof en, Text>
