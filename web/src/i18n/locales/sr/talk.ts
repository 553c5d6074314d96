import type { Text } from '../..'
import type { talk as en } from '../en/talk'

export const talk = {
  'talk.title': 'Poruke',
  'talk.none': 'Još niko ništa nije napisao.',
  'talk.older': 'Starije poruke',
  'talk.write': 'Napišite poruku, @ za osobu',
  'talk.send': 'Pošalji',
  'talk.mention': 'Na koga mislite?',
  'receipts.title': 'Računi',
  'receipts.about': 'Za šta je?',
  'receipts.wholeRun': 'Za celu nabavku',
  'receipts.camera': 'Slikaj',
  'receipts.file': 'Izaberi fajl',
  'receipts.sending': 'Šalje se…',
  'receipts.added': 'Račun je dodat',
  'receipts.tooBig': 'Račun ima najviše {most}.',
  'receipts.none': 'Još nema računa',
  'receipts.noneText': 'Slike i PDF; vidi ih samo grupa.',
  'receipts.download': 'Preuzmi',
  'receipts.remove': 'Ukloni {name}',
  'receipts.removeTitle': 'Ukloniti ovaj račun?',
  'receipts.keep': 'Zadrži',
  'receipts.removed': 'Račun je uklonjen',
} satisfies Record<keyof typeof en, Text>
