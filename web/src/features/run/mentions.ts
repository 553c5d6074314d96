/** Mentions in a message: `@username`, as the server reads them. */

import type { Member } from '../../api/gen/types.gen'

const MOST = 5
const MENTION = /(?<![a-z0-9_-])@([a-z0-9_-]+)/gi

export interface Piece {
  text: string
  /** Who is meant. */
  user?: string
}

/** A text cut at the mentions of people who are in the group; other words with an @ are words. */
export function pieces(text: string, members: readonly Member[]): Piece[] {
  const cut: Piece[] = []
  let from = 0
  for (const { 0: whole, 1: name = '', index } of text.matchAll(MENTION)) {
    const member = members.find(({ username }) => username === name.toLowerCase())
    if (member === undefined) continue
    if (index > from) cut.push({ text: text.slice(from, index) })
    cut.push({ text: whole, user: member.user_id })
    from = index + whole.length
  }
  if (from < text.length) cut.push({ text: text.slice(from) })
  return cut
}

/** What was typed of a mention before the caret, without the @; undefined if none is being typed. */
export function mentionAt(text: string, caret: number): string | undefined {
  return text.slice(0, caret).match(/(?:^|\s)@([\p{L}\p{N}_-]*)$/u)?.[1]
}

/** Whose name or username begins like that. */
export function suggestions(begun: string, members: readonly Member[]): Member[] {
  const wanted = begun.toLowerCase()
  const fits = ({ name, username }: Member) =>
    [username, ...name.toLowerCase().split(/\s+/)].some((word) => word.startsWith(wanted))
  return members.filter(fits).slice(0, MOST)
}

/** The text with the mention that is being typed written out. */
export function completed(text: string, caret: number, { username }: Member): { text: string; caret: number } {
  const before = text.slice(0, caret).replace(/@[\p{L}\p{N}_-]*$/u, `@${username} `)
  return { text: before + text.slice(caret).replace(/^ /, ''), caret: before.length }
}
