import { useEffect, useRef, useState } from 'react'
import { getGroupsGroupMembers, getRunsRunMessages, postRunsRunMessages } from '../../api/gen/operations.gen'
import type { Member, RunMessage } from '../../api/gen/types.gen'
import { usePages } from '../../api/pages'
import { explain } from '../../api/problems'
import { t } from '../../i18n'
import { moment } from '../../i18n/format'
import { useShown } from '../../live'
import { messageCame, messagesKey } from '../../live/messages'
import type { RunStore } from '../../live/run-store'
import { uuid } from '../../live/uuid'
import { Avatar } from '../../ui/Badges'
import { Button, IconButton } from '../../ui/Button'
import { ErrorCard, Skeleton } from '../../ui/Cards'
import { Input } from '../../ui/Field'
import { Sheet } from '../../ui/Sheet'
import { useSettled } from '../../ui/useSettled'
import { completed, mentionAt, pieces, suggestions } from './mentions'
import styles from './Talk.module.css'

const PAGE = 30
const LONGEST = 2000

interface Props {
  store: RunStore
  me: string
  onClose(): void
}

/** What people say about the run, as it is said. */
export default function Talk({ store, me, onClose }: Props) {
  const group = useShown(store, ({ view }) => view.group_id) ?? ''
  const members = getGroupsGroupMembers.use({ path: { group }, query: { limit: 100 } }).data?.items ?? []
  const unheard = useShown(store, () => store.unheard) ?? 0
  useEffect(() => {
    if (unheard > 0) store.heard()
  }, [store, unheard])
  const [search, setSearch] = useState<string>()
  const isSearching = search !== undefined
  const q = useSettled((search ?? '').trim())
  return (
    <Sheet
      title={t('talk.title')}
      onClose={onClose}
      actions={
        <IconButton
          icon="search"
          label={t('talk.search')}
          aria-expanded={isSearching}
          onClick={() => setSearch(isSearching ? undefined : '')}
        />
      }
    >
      {isSearching && (
        <Input
          label={t('talk.search')}
          type="search"
          value={search}
          maxLength={100}
          onChange={(event) => setSearch(event.target.value)}
          autoFocus
        />
      )}
      {isSearching && q !== '' ? (
        <Found store={store} me={me} members={members} q={q} />
      ) : (
        <Said store={store} me={me} members={members} />
      )}
      {!isSearching && <Say store={store} members={members} />}
    </Sheet>
  )
}

interface SaidProps {
  store: RunStore
  me: string
  members: readonly Member[]
}

function Said({ store, me, members }: SaidProps) {
  const { items, answer } = usePages(messagesKey(store.id), ({ cursor, signal }) =>
    getRunsRunMessages.call({ path: { run: store.id }, query: { limit: PAGE, cursor }, signal }),
  )
  const messages = items?.toReversed() ?? []
  const end = useRef<HTMLDivElement>(null)
  const latest = messages.at(-1)?.id
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new last message is what scrolls
  useEffect(() => {
    end.current?.scrollIntoView({ block: 'end' })
  }, [latest])
  if (items === undefined) return <NotYet answer={answer} />
  return (
    <>
      <Older answer={answer} />
      {messages.length === 0 && <p className={styles.none}>{t('talk.none')}</p>}
      <div role="log" aria-label={t('talk.title')}>
        <Messages messages={messages} me={me} members={members} />
      </div>
      <div ref={end} className={styles.end} />
    </>
  )
}

/** What was said with these words in it, latest first. */
function Found({ store, me, members, q }: SaidProps & { q: string }) {
  const { items, answer } = usePages([...messagesKey(store.id), q], ({ cursor, signal }) =>
    getRunsRunMessages.call({ path: { run: store.id }, query: { limit: PAGE, cursor, q }, signal }),
  )
  if (items === undefined) return <NotYet answer={answer} />
  return (
    <>
      <p role="status" className={items.length === 0 ? styles.none : styles.count}>
        {items.length === 0
          ? t('talk.notFound')
          : t(answer.hasNextPage ? 'talk.foundMore' : 'talk.found', { n: items.length })}
      </p>
      <Messages messages={items} me={me} members={members} />
      <Older answer={answer} />
    </>
  )
}

type Answer = ReturnType<typeof usePages<RunMessage>>['answer']

function NotYet({ answer }: { answer: Answer }) {
  if (answer.error) return <ErrorCard error={answer.error} onRetry={() => void answer.refetch()} />
  return <Skeleton heights={[60, 60, 60]} />
}

function Older({ answer }: { answer: Answer }) {
  if (!answer.hasNextPage) return null
  return (
    <Button
      kind="quiet"
      size="small"
      wide
      disabled={answer.isFetchingNextPage}
      onClick={() => void answer.fetchNextPage()}
    >
      {t('talk.older')}
    </Button>
  )
}

function Messages({ messages, ...about }: Omit<SaidProps, 'store'> & { messages: readonly RunMessage[] }) {
  return (
    <ul className={styles.list}>
      {messages.map((message) => (
        <Message key={message.id} message={message} {...about} />
      ))}
    </ul>
  )
}

function Message({ message, me, members }: { message: RunMessage; me: string; members: readonly Member[] }) {
  const { author_id, author_name, created_at, text } = message
  return (
    <li className={styles.message} data-mine={author_id === me}>
      <Avatar id={author_id} name={author_name} size={32} />
      <div>
        <p className={styles.by}>
          <b>{author_name}</b> <time dateTime={created_at}>{moment(created_at)}</time>
        </p>
        <p className={styles.text}>
          {pieces(text, members).map(({ text, user }, i) =>
            user === undefined ? (
              text
            ) : (
              // biome-ignore lint/suspicious/noArrayIndexKey: pieces of a text that never changes
              <mark key={i} data-me={user === me} title={members.find((m) => m.user_id === user)?.name}>
                {text}
              </mark>
            ),
          )}
        </p>
      </div>
    </li>
  )
}

function Say({ store, members }: { store: RunStore; members: readonly Member[] }) {
  const area = useRef<HTMLTextAreaElement>(null)
  const [text, setText] = useState('')
  const [caret, setCaret] = useState(0)
  const [failed, setFailed] = useState<unknown>()
  const [busy, setBusy] = useState(false)
  // One thing somebody says has one id, however often it has to be sent.
  const [commandId, setCommandId] = useState(uuid)
  const begun = mentionAt(text, caret)
  const proposed = begun === undefined ? [] : suggestions(begun, members)

  const change = (next: string, at: number) => {
    setText(next)
    setCaret(at)
    setCommandId(uuid())
  }
  const send = async () => {
    if (text.trim() === '' || busy) return
    setBusy(true)
    setFailed(undefined)
    try {
      const body = { text: text.trim() }
      messageCame(store.id, await postRunsRunMessages.call({ path: { run: store.id }, body, commandId }))
      change('', 0)
    } catch (error) {
      setFailed(error)
    } finally {
      setBusy(false)
    }
  }
  const mention = (member: Member) => {
    const next = completed(text, caret, member)
    change(next.text, next.caret)
    area.current?.focus()
  }
  return (
    <form
      className={styles.say}
      onSubmit={(event) => {
        event.preventDefault()
        void send()
      }}
    >
      {proposed.length > 0 && (
        <ul className={styles.proposed} aria-label={t('talk.mention')}>
          {proposed.map((member) => (
            <li key={member.user_id}>
              <button type="button" onClick={() => mention(member)}>
                <Avatar id={member.user_id} name={member.name} size={28} />
                <span>
                  {member.name} <small>@{member.username}</small>
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
      {failed !== undefined && (
        <p role="alert" className={styles.failed}>
          {explain(failed)}
        </p>
      )}
      <div className={styles.line}>
        <textarea
          ref={area}
          rows={1}
          value={text}
          maxLength={LONGEST}
          aria-label={t('talk.write')}
          placeholder={t('talk.write')}
          onChange={(event) => change(event.target.value, event.target.selectionStart)}
          onSelect={(event) => setCaret(event.currentTarget.selectionStart)}
          onKeyDown={(event) => {
            // A line of its own on a phone; on a keyboard Enter sends.
            if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
            if (matchMedia('(pointer: coarse)').matches) return
            event.preventDefault()
            void send()
          }}
        />
        <IconButton icon="send" label={t('talk.send')} type="submit" disabled={busy || text.trim() === ''} />
      </div>
    </form>
  )
}
