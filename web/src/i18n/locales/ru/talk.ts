import type { Text } from '../..'
import type { talk as en } from '../en/talk'

export const talk = {
  'talk.title': 'Сообщения',
  'talk.none': 'Пока никто ничего не написал.',
  'talk.older': 'Раньше',
  'talk.write': 'Сообщение; @ — обратиться к человеку',
  'talk.send': 'Отправить',
  'talk.mention': 'Кого вы имеете в виду?',
  'receipts.title': 'Чеки',
  'receipts.about': 'За что чек?',
  'receipts.wholeRun': 'За всю закупку',
  'receipts.camera': 'Снять',
  'receipts.file': 'Выбрать файл',
  'receipts.sending': 'Отправляется…',
  'receipts.added': 'Чек добавлен',
  'receipts.tooBig': 'Чек — не больше {most}.',
  'receipts.none': 'Чеков пока нет',
  'receipts.noneText': 'Фотографии и PDF; видит только группа.',
  'receipts.download': 'Скачать',
  'receipts.remove': 'Убрать {name}',
  'receipts.removeTitle': 'Убрать этот чек?',
  'receipts.keep': 'Оставить',
  'receipts.removed': 'Чек убран',
} satisfies Record<keyof typeof en, Text>
