import type { Text } from '../..'

export const notifications = {
  'notice.none': 'Nothing yet',
  'notice.noneText': 'When a run you take part in moves on, you are told here.',
  'notice.readAll': 'Mark all as read',
  'notice.read': 'Mark as read: {what}',
  'notice.unread': 'not read',
  'notice.count': { one: '{n} thing', other: '{n} things' },
  'notice.state': 'Now: {state}',
  'notice.state_changed': 'The run moved on',
  'notice.everyone_ready': 'Everybody is ready: you can close bidding',
  'notice.gap_open': 'A pack is not full, and you could fill it',
  'notice.bid_for_you': 'The leader bid for you',
  'notice.wanted_shrunk': 'Somebody left: less is wanted now',
  'notice.helper_appointed': 'You are a helper now',
  'notice.handover_offered': 'You are offered the lead',
  'notice.handover_ended': 'Your offer of the lead was not taken',
  'notice.leader_changed': 'Somebody else leads now',
  'notice.removed': 'You are not in the group any more',
  'notice.mention': 'Somebody wrote to you',
} satisfies Record<string, Text>
