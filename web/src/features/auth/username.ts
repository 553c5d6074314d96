/** A username that somebody need not think about: their name in the letters a username may have. */

const LETTERS: Record<string, string> = {
  đ: 'dj',
  ß: 'ss',
  æ: 'ae',
  ø: 'o',
  ł: 'l',
  ı: 'i',
  а: 'a',
  б: 'b',
  в: 'v',
  г: 'g',
  д: 'd',
  ђ: 'dj',
  е: 'e',
  ж: 'zh',
  з: 'z',
  и: 'i',
  ј: 'j',
  к: 'k',
  л: 'l',
  љ: 'lj',
  м: 'm',
  н: 'n',
  њ: 'nj',
  о: 'o',
  п: 'p',
  р: 'r',
  с: 's',
  т: 't',
  ћ: 'c',
  у: 'u',
  ф: 'f',
  х: 'h',
  ц: 'c',
  ч: 'ch',
  џ: 'dz',
  ш: 'sh',
  щ: 'sch',
  ъ: '',
  ы: 'y',
  ь: '',
  э: 'e',
  ю: 'yu',
  я: 'ya',
}
const LEAST = 3
const MOST = 50

/** Empty if nothing of the name can be written so. */
export function usernameOf(name: string): string {
  const plain = [...name.toLowerCase().normalize('NFD').replace(/\p{M}/gu, '')].map(
    (letter) => LETTERS[letter] ?? letter,
  )
  const username = plain
    .join('')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, MOST)
    .replace(/^-|-$/g, '')
  return username.length < LEAST ? '' : username
}
