import type { Page } from '@playwright/test'
import { card, expect, expectLive, type Person, type Product, test, type World } from './world'

interface Stage {
  lea: Person
  ana: Person
  run: string
  rice: Product
  oats: Product
}

const ORDER = ['planning', 'active', 'confirmed', 'shopping', 'adjusting', 'distributing'] as const
type State = (typeof ORDER)[number]

/** A run that was brought as far as `state`, the way people would. */
async function runIn(world: World, state: State): Promise<Stage> {
  const [lea, ana] = [await world.person('Lea'), await world.person('Ana')]
  const group = await world.group(lea, [ana])
  const { store, products } = await world.store(lea, [
    { name: 'Rice', price: 210 },
    { name: 'Oats', price: 90 },
  ])
  const [rice, oats] = products as [Product, Product]
  const run = await world.run(lea, group, store)
  const stage = { lea, ana, run, rice, oats }
  const reached = ORDER.indexOf(state)
  await world.bid(lea, run, rice, '2')
  if (reached >= 1) await world.bid(ana, run, rice, '3')
  if (reached >= 1) await world.bid(ana, run, oats, '1')
  if (reached >= 2) await world.move(lea, run, 'confirm')
  if (reached >= 3) await world.move(lea, run, 'start-shopping')
  if (reached >= 3) await buy(world, stage, rice, state === 'adjusting' ? '4' : '5', 1000)
  if (reached >= 4) await buy(world, stage, oats, '1', 90)
  if (reached >= 4) await world.move(lea, run, 'finish-shopping')
  return stage
}

function buy(world: World, { lea, run }: Stage, product: Product, quantity: string, total: number): Promise<unknown> {
  return world.call(lea, 'PUT', `/runs/${run}/items/${product.id}/purchase`, { quantity, total })
}

async function stateOf(world: World, { lea, run }: Stage): Promise<string> {
  const view = await world.call<{ state: string }>(lea, 'GET', `/runs/${run}`)
  return view.state
}

const step = (page: Page, name: string) => expect(page.getByRole('heading', { name, exact: true })).toBeVisible()

for (const state of ORDER) {
  test(`the leader cancels while ${state}: first what it means, then the reason`, async ({ world }) => {
    const stage = await runIn(world, state)
    expect(await stateOf(world, stage)).toBe(state)
    const page = await world.window(stage.lea)
    await page.goto(`/runs/${stage.run}`)
    await expectLive(page)

    await page.getByRole('button', { name: 'Run options' }).click()
    await page.getByRole('button', { name: 'Cancel this run' }).click()
    const dialog = page.getByRole('dialog')
    await expect(dialog.getByText('Everybody is told.')).toBeVisible()
    const act = dialog.getByRole('button', { name: 'Cancel the run' })
    await expect(act).toBeDisabled()
    await dialog.getByLabel('Why?').fill('The van broke down')
    await act.click()

    await expect(page.getByText('Cancelled: The van broke down')).toBeVisible()
    expect(await stateOf(world, stage)).toBe('cancelled')
  })
}

test('somebody who does not lead has no way to cancel', async ({ world }) => {
  const { ana, run } = await runIn(world, 'active')
  const page = await world.window(ana)
  await page.goto(`/runs/${run}`)
  await expectLive(page)

  await page.getByRole('button', { name: 'Run options' }).click()

  await expect(page.getByRole('button', { name: 'Add a product' }).last()).toBeVisible()
  await expect(page.getByRole('button', { name: 'Cancel this run' })).toHaveCount(0)
})

test('the leader takes a run from the first bid to the cart', async ({ world }) => {
  const [lea, ana] = [await world.person('Lea'), await world.person('Ana')]
  const group = await world.group(lea, [ana])
  const { store, products } = await world.store(lea, [{ name: 'Rice', price: 210 }])
  const [rice] = products as [Product]
  const run = await world.run(lea, group, store)
  const page = await world.window(lea)
  await page.goto(`/runs/${run}`)
  await step(page, 'Planning')

  await page.getByRole('button', { name: 'Add a product' }).first().click()
  await page.getByRole('button', { name: new RegExp(rice.name) }).click()
  await page.getByLabel('How much?').fill('2,5')
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(card(page, rice).getByRole('button', { name: /: 2.5.kg/ })).toBeVisible()
  await world.bid(ana, run, rice, '1.5')
  await step(page, 'Collecting bids')

  await page.getByRole('button', { name: 'I’m ready' }).click()
  await page.getByRole('button', { name: 'Close bidding' }).click()
  await expect(page.getByText('Not ready yet: Ana.')).toBeVisible()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Close bidding' }).click()
  await step(page, 'Confirmed')
  await page.getByRole('button', { name: 'Start shopping' }).click()
  await step(page, 'Shopping')

  await page.getByRole('button', { name: /^Buy 4 kg/ }).click()
  await expect(page.getByText('Everything is in the cart')).toBeVisible()
  await page.getByRole('button', { name: 'Finish shopping' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Finish shopping' }).click()
  await step(page, 'Handing out')

  // What was folded from events is what the server says to somebody who comes now.
  const fresh = await world.window(lea)
  await fresh.goto(`/runs/${run}`)
  await step(fresh, 'Handing out')
  expect(await shown(fresh)).toBe(await shown(page))
})

/** The page as somebody reads it, without what only those saw who were here. */
async function shown(page: Page): Promise<string> {
  const text = await page.locator('main').innerText()
  return (text.split('Just now')[0] ?? '').replaceAll('(is looking at this page)\n', '')
}
