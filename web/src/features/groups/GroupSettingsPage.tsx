import { useState } from 'react'
import { useLocation } from 'wouter'
import {
  deleteGroupsGroupMembersUser,
  getGroups,
  getGroupsGroup,
  getGroupsGroupMembers,
  patchGroupsGroup,
} from '../../api/gen/operations.gen'
import type { Group, Member, PatchGroup, ShortagePolicy } from '../../api/gen/types.gen'
import { complain, fieldError } from '../../api/problems'
import { queries } from '../../api/queries'
import { t } from '../../i18n'
import { useGroupHints } from '../../live/group'
import { useMe } from '../../session'
import { Avatar, Chip } from '../../ui/Badges'
import { Button } from '../../ui/Button'
import { Card, ErrorCard, Skeleton } from '../../ui/Cards'
import { Check, Input, Select } from '../../ui/Field'
import { Page } from '../../ui/Page'
import rows from '../../ui/Rows.module.css'
import { Danger } from '../../ui/Sheet'
import { toast } from '../../ui/toasts'
import { text, useSubmit } from '../../ui/useSubmit'
import { DefaultCosts } from './DefaultCosts'
import { Invites } from './Invites'
import { MemberSheet } from './MemberSheet'

const POLICIES: ShortagePolicy[] = ['equal_awards', 'proportional', 'equal_losses', 'first_come']

export default function GroupSettingsPage({ params }: { params: { group: string } }) {
  const path = { group: params.group }
  useGroupHints(path.group)
  const { data, error, refetch } = getGroupsGroup.use({ path })
  return (
    <Page title={t('group.settings')} under={data?.name} back={`/groups/${path.group}`} live>
      {error && !data && <ErrorCard error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Skeleton heights={[260, 160, 200]} />}
      {data && (
        <div className={rows.columns}>
          <div className={rows.column}>
            {data.role === 'admin' && <General group={data} />}
            {data.role === 'admin' && <DefaultCosts group={data} onSave={(costs) => save(data, costs)} />}
          </div>
          <div className={rows.column}>
            <Members group={data} />
            {data.role === 'admin' && <Invites group={data.id} />}
            <Leave group={data} />
          </div>
        </div>
      )}
    </Page>
  )
}

async function save({ id }: Group, body: PatchGroup): Promise<void> {
  const path = { group: id }
  const group = await patchGroupsGroup.call({ path, body })
  queries.setQueryData(getGroupsGroup.key({ path }), group)
  void queries.invalidateQueries({ queryKey: [getGroups.route] })
  toast(t('group.saved'))
}

function General({ group }: { group: Group }) {
  const { onSubmit, busy, error } = useSubmit((form) =>
    save(group, {
      name: text(form, 'name'),
      shortage_policy: form.get('policy') as ShortagePolicy,
      joining_open: form.has('joining'),
    }),
  )
  const [policy, setPolicy] = useState(group.shortage_policy)
  return (
    <Card>
      <form className={rows.form} onSubmit={onSubmit}>
        <Input
          label={t('group.name')}
          name="name"
          defaultValue={group.name}
          minLength={2}
          maxLength={100}
          error={fieldError(error, 'name')}
          required
        />
        <Select
          label={t('group.policy')}
          hint={t(`policy.${policy}.text`)}
          name="policy"
          value={policy}
          onChange={(event) => setPolicy(event.target.value as ShortagePolicy)}
        >
          {POLICIES.map((each) => (
            <option key={each} value={each}>
              {t(`policy.${each}`)}
            </option>
          ))}
        </Select>
        <Check label={t('group.joining')} name="joining" defaultChecked={group.joining_open} />
        <Button type="submit" disabled={busy} wide>
          {t('action.save')}
        </Button>
      </form>
    </Card>
  )
}

function Members({ group }: { group: Group }) {
  const me = useMe()
  const [chosen, setChosen] = useState<Member>()
  const { data, error, refetch } = getGroupsGroupMembers.use({ path: { group: group.id }, query: { limit: 100 } })
  if (error && !data) return <ErrorCard error={error} onRetry={() => void refetch()} />
  if (!data) return <Skeleton heights={[200]} />
  return (
    <Card title={t('groups.members')} count={data.items.length}>
      <ul className={rows.rows}>
        {data.items.map((member) => (
          <li key={member.user_id}>
            <Avatar id={member.user_id} name={member.name} size={40} />
            <span className={rows.what}>
              <b>{member.name}</b>
              <small>@{member.username}</small>
            </span>
            {member.role === 'admin' && <Chip kind="ok">{t('groups.admin')}</Chip>}
            {group.role === 'admin' && member.user_id !== me.id && (
              <Button
                kind="quiet"
                size="small"
                aria-label={t('group.manageOf', { name: member.name })}
                onClick={() => setChosen(member)}
              >
                {t('group.manage')}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {chosen && <MemberSheet group={group.id} member={chosen} onClose={() => setChosen(undefined)} />}
    </Card>
  )
}

function Leave({ group }: { group: Group }) {
  const me = useMe()
  const [, navigate] = useLocation()
  const [asking, setAsking] = useState(false)
  const leave = async () => {
    setAsking(false)
    try {
      await deleteGroupsGroupMembersUser.call({ path: { group: group.id, user: me.id } })
      toast(t('group.left', { group: group.name }))
      navigate('/')
      void queries.invalidateQueries({ queryKey: [getGroups.route] })
    } catch (error) {
      complain(error)
    }
  }
  return (
    <>
      <Button kind="dangerText" onClick={() => setAsking(true)}>
        {t('group.leave')}
      </Button>
      {asking && (
        <Danger
          title={t('group.leaveTitle', { group: group.name })}
          keep={t('group.stay')}
          act={t('group.leave')}
          text={t('group.leaveText')}
          onKeep={() => setAsking(false)}
          onAct={() => void leave()}
        />
      )}
    </>
  )
}
