import type { Text } from '../..'

export const auth = {
  'auth.login': 'Log in',
  'auth.register': 'Create an account',
  'auth.logout': 'Log out',
  'auth.username': 'Username',
  'auth.usernameHint': '3 to 50 letters a–z, digits, - or _',
  'auth.name': 'Your name',
  'auth.nameHint': 'How the others see you',
  'auth.password': 'Password',
  'auth.passwordHint': 'At least 8 characters of any kind',
  'auth.noAccount': 'New here?',
  'auth.haveAccount': 'Been here before?',
  'auth.demo': 'Demo: come in as',
  'invite.title': 'Join {group}',
  'invite.from': '{name} invites you.',
  'invite.join': 'Join the group',
  'invite.joinNew': 'Create an account and join',
  'invite.joinLogin': 'I have an account',
  'invite.gone': 'This invitation is not good any more',
  'invite.goneText': 'It has expired, was used up or was withdrawn. Ask whoever sent it for a new one.',
} satisfies Record<string, Text>
