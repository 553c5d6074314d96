import { card, expect, expectLive, test } from './world'

test('two people on one run see each other’s bids, and of two who fill the gap one wins', async ({ world }) => {
  const [lea, ana] = [await world.person('Lea'), await world.person('Ana')]
  const group = await world.group(lea, [ana])
  const { store, products } = await world.store(lea, [
    { name: 'Basmati rice', pack: '10', price: 300 },
    { name: 'Oats', pack: '5', price: 120 },
  ])
  const [rice, oats] = products as [(typeof products)[0], (typeof products)[0]]
  const run = await world.run(lea, group, store)
  await world.bid(lea, run, rice, '4')
  await world.bid(ana, run, oats, '1')
  const [hers, mine] = [await world.window(lea), await world.window(ana)]
  await Promise.all([hers.goto(`/runs/${run}`), mine.goto(`/runs/${run}`)])
  await Promise.all([expectLive(hers), expectLive(mine)])

  await card(mine, rice)
    .getByRole('button', { name: /I want some/ })
    .click()
  await expect(card(hers, rice).getByRole('img', { name: 'Ana' })).toBeVisible()
  await expect(card(hers, rice).getByText('5', { exact: true })).toBeVisible()

  const fills = [card(hers, rice), card(mine, rice)].map((it) => it.getByRole('button', { name: /fills it/ }))
  await Promise.all(fills.map((fill) => fill.click({ timeout: 5_000 }).catch(() => {})))
  await expect(card(hers, rice).getByText('1 pack of 10 kg')).toBeVisible()
  await expect(card(mine, rice).getByText('1 pack of 10 kg')).toBeVisible()

  // Both pages may show their own fill before the server has judged it.
  const view = () => world.call<{ products: { product_id: string; wanted: string }[] }>(lea, 'GET', `/runs/${run}`)
  await expect.poll(async () => (await view()).products.find((p) => p.product_id === rice.id)?.wanted).toBe('10')
})

test('the server is killed and restarted under both, and nobody notices but by a word', async ({ world }) => {
  const [lea, ana] = [await world.person('Lea'), await world.person('Ana')]
  const group = await world.group(lea, [ana])
  const { store, products } = await world.store(lea, [{ name: 'Flour', pack: '25' }])
  const [flour] = products as [(typeof products)[0]]
  const run = await world.run(lea, group, store)
  await world.bid(lea, run, flour, '4')
  await world.bid(ana, run, flour, '2')
  const [hers, mine] = [await world.window(lea), await world.window(ana)]
  await Promise.all([hers.goto(`/runs/${run}`), mine.goto(`/runs/${run}`)])
  await Promise.all([expectLive(hers), expectLive(mine)])

  await world.server.kill()
  await expect(mine.getByRole('banner').getByText(/Catching up|Offline/)).toBeVisible()
  await card(mine, flour).getByRole('button', { name: /^More/ }).click()
  await expect(card(mine, flour).getByRole('status')).toBeVisible()
  await world.server.restart()

  await Promise.all([expectLive(hers), expectLive(mine)])
  await expect(card(hers, flour).getByText('7', { exact: true })).toBeVisible()
  await expect(card(mine, flour).getByRole('status')).toHaveCount(0)
})

test('who is removed is shown the door', async ({ world }) => {
  const [lea, ana] = [await world.person('Lea'), await world.person('Ana')]
  const group = await world.group(lea, [ana])
  const { store, products } = await world.store(lea, [{ name: 'Lentils' }])
  const [lentils] = products as [(typeof products)[0]]
  const run = await world.run(lea, group, store)
  await world.bid(ana, run, lentils, '2')
  const mine = await world.window(ana)
  await mine.goto(`/runs/${run}`)
  await expectLive(mine)

  await world.call(lea, 'DELETE', `/groups/${group}/members/${ana.id}`)

  await expect(mine.getByRole('heading', { name: 'You cannot see this run any more' }).first()).toBeVisible()
  await expect(card(mine, lentils)).toHaveCount(0)
})

test('from an invitation to the first bid', async ({ world, say }) => {
  const lea = await world.person('Lea')
  const group = await world.group(lea, [])
  const { store, products } = await world.store(lea, [{ name: 'Chickpeas' }])
  const [chickpeas] = products as [(typeof products)[0]]
  const run = await world.run(lea, group, store)
  await world.bid(lea, run, chickpeas, '1')
  const token = await world.invite(lea, group)
  const page = await world.window(undefined)
  let taps = 0
  const tap = async (target: ReturnType<typeof page.getByRole>) => {
    taps += 1
    await target.click()
  }

  await page.goto(`/invite/${token}`)
  await expect(page.getByRole('heading', { name: say('invite.title', { group: 'Staircase 4' }) })).toBeVisible()
  await tap(page.getByRole('link', { name: say('invite.joinNew') }))
  const name = `Mira ${Date.now().toString(36)}`
  await page.getByLabel(say('auth.name')).fill(name)
  await page.getByLabel(say('auth.password')).fill('correct horse battery')
  await tap(page.getByRole('button', { name: say('auth.register') }))
  await tap(card(page, chickpeas).getByRole('button', { name: new RegExp(say('run.join')) }))

  await expect(card(page, chickpeas).getByRole('img', { name })).toBeVisible()
  // A name, a password, and three taps are what fits in ten seconds.
  expect(taps).toBe(3)
  await page.goBack()
  await expect(page.getByRole('heading', { name: 'Staircase 4' })).toBeVisible()
})
