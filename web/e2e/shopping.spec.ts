import { expect, expectLive, line, test } from './world'

const NAMES = Array.from({ length: 20 }, (_, n) => `Thing ${String.fromCharCode(65 + n)}`)

test('twenty ticks on a cut connection survive closing the tab and are merged once', async ({ world, say }) => {
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
  await expectLive(page, say)
  await expect(page.getByText(say('shop.left', { n: 20 }))).toBeVisible()
  // The page may be opened without a network from now on.
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))
  await page.waitForTimeout(1_500)

  await page.context().setOffline(true)
  await expect(page.getByRole('banner').getByText(say('live.offline'))).toBeVisible()
  for (const product of products) await line(page, product).locator('button[aria-pressed=false]').click()
  await expect(page.getByText(say('shop.waiting', { n: 20 }))).toBeVisible()
  const again = await page.context().newPage()
  await page.close()
  await again.goto(`/runs/${run}`)
  await expect(again.getByText(say('shop.waiting', { n: 20 }))).toBeVisible()
  await again.context().setOffline(false)

  await expectLive(again, say)
  await expect(again.getByText(say('shop.allDone'))).toBeVisible()
  await expect(again.getByText(say('shop.waiting', { n: 20 }))).toHaveCount(0)
  await expect(again.getByText(say('shop.rowSending'))).toHaveCount(0)
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
  // The page shows it before the server has it.
  const bought = () => world.call<{ items: { bought: string; total: number }[] }>(lea, 'GET', `/runs/${run}/items`)
  await expect.poll(async () => (await bought()).items).toMatchObject([{ bought: '8', total: 1630 }])
})

test('people want any rice: the shopper picks which, without reception, and everybody sees it', async ({ world }) => {
  const { lea, ana, store, run, rice } = await world.runIn('active')
  const family = await world.call<{ id: string }>(lea, 'POST', '/products', {
    name: 'Any lentils',
    unit: 'kg',
    step: '0.5',
    is_family: true,
  })
  const lentils = { id: family.id, name: 'Any lentils', price: 0 }
  for (const [name, price] of [
    ['Red lentils', 300],
    ['Brown lentils', 240],
  ] as const) {
    const { id } = await world.call<{ id: string }>(lea, 'POST', '/products', {
      name,
      unit: 'kg',
      step: '0.5',
      family_id: family.id,
    })
    await world.call(lea, 'PUT', `/stores/${store}/products/${id}`, { price })
  }
  await world.bid(ana, run, lentils, '2')
  await world.move(lea, run, 'confirm')
  await world.move(lea, run, 'start-shopping')
  const [page, hers] = [await world.window(lea), await world.window(ana)]
  await hers.goto(`/runs/${run}`)
  await page.goto(`/runs/${run}`)
  await Promise.all([expectLive(page), expectLive(hers)])
  await line(page, lentils).locator('button[aria-pressed=false]').click()
  await expect(page.getByRole('radio', { name: /Red lentils/ })).toBeVisible()
  await page.keyboard.press('Escape')

  await page.context().setOffline(true)
  await expect(page.getByRole('banner').getByText('Offline')).toBeVisible()
  await line(page, lentils).locator('button[aria-pressed=false]').click()
  await expect(page.getByRole('button', { name: 'Into the cart' })).toBeDisabled()
  await page.getByRole('radio', { name: /Brown lentils/ }).check()
  await expect(page.getByLabel('Paid for it')).toHaveValue('4.80')
  await page.getByRole('button', { name: 'Into the cart' }).click()
  await expect(line(page, lentils).getByText('Brown lentils')).toBeVisible()
  await line(page, rice).locator('button[aria-pressed=false]').click()
  await page.context().setOffline(false)

  await expect(line(hers, lentils).getByText('Brown lentils')).toBeVisible()
  await expect(line(hers, lentils).getByText('€4.80')).toBeVisible()
})
