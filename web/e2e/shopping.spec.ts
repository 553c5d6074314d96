import { expect, expectLive, line, test } from './world'

const NAMES = Array.from({ length: 20 }, (_, n) => `Thing ${String.fromCharCode(65 + n)}`)

test('twenty ticks on a cut connection survive closing the tab and are merged once', async ({ world }) => {
  const [lea, ana] = [await world.person('Lea'), await world.person('Ana')]
  const group = await world.group(lea, [ana])
  const { store, products } = await world.store(
    lea,
    NAMES.map((name) => ({ name, price: 100, step: '1' })),
  )
  const run = await world.run(lea, group, store)
  for (const product of products) await world.bid(lea, run, product, '2')
  await world.bid(ana, run, products[0] as (typeof products)[0], '1')
  await world.move(lea, run, 'confirm')
  await world.move(lea, run, 'start-shopping')
  const page = await world.window(lea)
  await page.goto(`/runs/${run}`)
  await expectLive(page)
  await expect(page.getByText('20 to buy')).toBeVisible()
  // The page may be opened without a network from now on.
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))
  await page.waitForTimeout(1_500)

  await page.context().setOffline(true)
  await expect(page.getByRole('banner').getByText('Offline')).toBeVisible()
  for (const product of products) await line(page, product).getByRole('button', { name: /^Buy/ }).click()
  await expect(page.getByText('20 purchases wait for reception')).toBeVisible()
  const again = await page.context().newPage()
  await page.close()
  await again.goto(`/runs/${run}`)
  await expect(again.getByText('20 purchases wait for reception')).toBeVisible()
  await again.context().setOffline(false)

  await expectLive(again)
  await expect(again.getByText('Everything is in the cart')).toBeVisible()
  await expect(again.getByText(/wait for reception/)).toHaveCount(0)
  const { items } = await world.call<{ items: { bought: string; total: number; parts: unknown[] }[] }>(
    lea,
    'GET',
    `/runs/${run}/items`,
  )
  expect(items.map(({ bought, total, parts }) => [bought, total, parts.length])).toEqual(
    products.map((_, i) => (i === 0 ? ['3', 300, 1] : ['2', 200, 1])),
  )
})

test('what somebody else recorded meanwhile is shown beside mine, and I decide', async ({ world }) => {
  const [lea, ana] = [await world.person('Lea'), await world.person('Ana')]
  const group = await world.group(lea, [ana])
  const { store, products } = await world.store(lea, [{ name: 'Rice', price: 210, step: '1' }])
  const [rice] = products as [(typeof products)[0]]
  const run = await world.run(lea, group, store)
  await world.bid(lea, run, rice, '5')
  await world.bid(ana, run, rice, '3')
  await world.call(lea, 'PUT', `/runs/${run}/helpers/${ana.id}`)
  await world.move(lea, run, 'confirm')
  await world.move(lea, run, 'start-shopping')
  const page = await world.window(lea)
  await page.goto(`/runs/${run}`)
  await expectLive(page)

  await page.context().setOffline(true)
  await line(page, rice)
    .getByRole('button', { name: /Another amount/ })
    .click()
  await page.getByLabel('How much?').fill('5')
  await page.getByLabel('Paid for it').fill('10.00')
  await page.getByRole('button', { name: 'Into the cart' }).click()
  await world.call(ana, 'PUT', `/runs/${run}/items/${rice.id}/purchase`, { quantity: '3', total: 630 })
  await page.context().setOffline(false)

  const conflict = page.getByRole('alert').filter({ hasText: 'Somebody else recorded' })
  await expect(conflict.getByText('5 kg for €10.00')).toBeVisible()
  await expect(conflict.getByText('3 kg for €6.30')).toBeVisible()
  await conflict.getByRole('button', { name: 'Both: add mine' }).click()
  await expect(conflict).toHaveCount(0)
  await expect(line(page, rice).getByText('8 kg')).toBeVisible()
  const { items } = await world.call<{ items: { bought: string; total: number }[] }>(lea, 'GET', `/runs/${run}/items`)
  expect(items).toMatchObject([{ bought: '8', total: 1630 }])
})
