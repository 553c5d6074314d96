import type { Text } from '../..'
import type { auth as en } from '../en/auth'

export const auth = {
  'auth.login': 'Войти',
  'auth.register': 'Создать аккаунт',
  'auth.logout': 'Выйти',
  'auth.username': 'Имя пользователя',
  'auth.usernameHint': 'От 3 до 50 знаков: a–z, цифры, - или _',
  'auth.name': 'Ваше имя',
  'auth.nameHint': 'Как вас видят другие',
  'auth.password': 'Пароль',
  'auth.passwordHint': 'Не меньше 8 любых знаков',
  'auth.noAccount': 'Впервые здесь?',
  'auth.haveAccount': 'Уже были здесь?',
  'auth.demo': 'Демо: войти как',
  'invite.title': 'Вступить в «{group}»',
  'invite.from': '{name} приглашает вас.',
  'invite.join': 'Вступить в группу',
  'invite.joinNew': 'Создать аккаунт и вступить',
  'invite.joinLogin': 'У меня есть аккаунт',
  'invite.gone': 'Это приглашение больше не действует',
  'invite.goneText': 'Оно истекло, использовано или отозвано. Попросите новое у того, кто его прислал.',
} satisfies Record<keyof typeof en, Text>
