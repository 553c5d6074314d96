import { beforeEach, expect, test, vi } from 'vitest'
import { bigRun, ME } from './test/fake-server'

const OTHER = '00000000-0000-7000-8000-0000000000ff'
const me = { id: ME, username: 'ana', name: 'Ana' }

beforeEach(() => {
  vi.resetModules()
  localStorage.clear()
})

/** A device on which somebody is logged in, looked at a run, and bought what is not sent yet; so did somebody else before. */
async function device() {
  let isIn = true
  vi.stubGlobal('fetch', async (path: string) => {
    if (path.endsWith('/auth/session')) return Response.json(me)
    if (path.endsWith('/auth/logout')) return new Response(null, { status: 204 })
    return isIn ? Response.json(me) : Response.json({ code: 'NOT_AUTHENTICATED' }, { status: 401 })
  })
  const session = await import('./session')
  const kept = await import('./offline/kept')
  const { getAuthMe } = await import('./api/gen/operations.gen')
  const { tapped } = await import('./offline/purchases')
  await session.login('ana', 'secret')
  const view = bigRun(1, 1)
  await kept.keepRun(ME, view)
  for (const user of [ME, OTHER]) {
    const tap = { commandId: user, user, run: view.id, product: 'rice', changed: 1, isBought: false }
    await kept.shelfOf(user).change(() => tapped([], { ...tap, act: { kind: 'record', quantity: '1', total: 100 } }))
  }
  const look = async () => ({
    view: (await kept.keptRun(ME, view.id)) !== undefined,
    mine: (await kept.shelfOf(ME).change((entries) => entries)).length,
    theirs: (await kept.shelfOf(OTHER).change((entries) => entries)).length,
    hint: localStorage.getItem('bulq.me') !== null,
  })
  const refuse = async () => {
    isIn = false
    await getAuthMe.call().catch(() => {})
  }
  expect(await look()).toEqual({ view: true, mine: 1, theirs: 1, hint: true })
  return { session, look, refuse }
}

test('whoever logs out leaves nothing on the device, sent or not', async () => {
  const { session, look } = await device()

  await session.logout()

  expect(session.currentSession().status).toBe('out')
  expect(await look()).toEqual({ view: false, mine: 0, theirs: 1, hint: false })
})

test('a login that ends by itself takes the views, and keeps what is not sent yet', async () => {
  const { session, look, refuse } = await device()

  await refuse()

  await vi.waitFor(async () => expect(await look()).toEqual({ view: false, mine: 1, theirs: 1, hint: false }))
  expect(session.currentSession().status).toBe('out')
})
