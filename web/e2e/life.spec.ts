import type { Page } from '@playwright/test'
import { card, expect, expectLive, line, type Person, type Product, test, type World } from './world'

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
    await dialog.getByRole('button', { name: 'Go on' }).click()
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

test('a whole life: from the first bid over a shortage to the last cent', async ({ world }) => {
  const [lea, ana, mei] = [await world.person('Lea'), await world.person('Ana'), await world.person('Mei')]
  const group = await world.group(lea, [ana, mei])
  const { store, products } = await world.store(lea, [
    { name: 'Rice', price: 210 },
    { name: 'Oats', price: 90 },
  ])
  const [rice, oats] = products as [Product, Product]
  const run = await world.run(lea, group, store)
  const page = await world.window(lea)
  await page.goto(`/runs/${run}`)
  await step(page, 'Planning')

  // Bids: the first of somebody else opens bidding.
  await page.getByRole('button', { name: 'Add a product' }).first().click()
  await page.getByRole('button', { name: new RegExp(rice.name) }).click()
  await page.getByLabel('How much?').fill('2,5')
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(card(page, rice).getByRole('button', { name: /: 2.5.kg/ })).toBeVisible()
  const hers = await world.window(ana)
  await hers.goto(`/runs/${run}`)
  await card(hers, rice)
    .getByRole('button', { name: /I want some/ })
    .click()
  await step(page, 'Collecting bids')
  await world.bid(ana, run, rice, '1.5')
  await world.bid(mei, run, oats, '2')

  await page.getByRole('button', { name: 'I’m ready' }).click()
  await page.getByRole('button', { name: 'Close bidding' }).click()
  await expect(page.getByText('Not ready yet: Ana and Mei.')).toBeVisible()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Close bidding' }).click()
  await step(page, 'Confirmed')
  await page.getByRole('button', { name: 'Start shopping' }).click()
  await step(page, 'Shopping')

  // There is not enough rice, Mei paid for it, and something comes along that nobody bid on.
  await line(page, rice)
    .getByRole('button', { name: /Another amount/ })
    .click()
  await page.getByLabel('How much?').fill('3')
  await page.getByLabel('Paid for it').fill('6.00')
  await page.getByLabel('Who paid?').selectOption('Mei')
  await page.getByRole('button', { name: 'Into the cart' }).click()
  await page.getByRole('button', { name: /^Buy 2 kg/ }).click()
  await page.getByRole('button', { name: 'Add to the list' }).click()
  await page.getByLabel('Search products').fill(`Lentils ${run.slice(-6)}`)
  await page.getByRole('button', { name: /to the catalogue/ }).click()
  await page.getByRole('button', { name: 'Add', exact: true }).click()
  await page.getByLabel('How much?').fill('1')
  await page.getByLabel('For whom?').selectOption('Ana')
  await page.getByRole('dialog').getByRole('button', { name: 'Add to the list' }).click()
  const lentils = page.getByRole('listitem').filter({ hasText: 'Lentils' })
  await lentils.getByRole('button', { name: /^Buy 1 kg/ }).click()
  await page.getByLabel('Paid for it').fill('3.00')
  await page.getByRole('button', { name: 'Into the cart' }).click()
  await expect(page.getByText('Everything is in the cart')).toBeVisible()
  await expect(page.getByText(/sending…/)).toHaveCount(0)
  await page.getByRole('button', { name: 'Finish shopping' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Finish shopping' }).click()

  // Every rule shows what it would give; one gives way, the rule settles the rest, as it said it would.
  await step(page, 'Adjusting')
  await step(hers, 'Adjusting')
  await expect(hers.getByText('1 kg short')).toBeVisible()
  await hers.getByRole('slider').fill('1000')
  await hers.getByRole('button', { name: 'Take 1 kg' }).click()
  await expect(page.getByText('0.5 kg short')).toBeVisible()
  const shown: string[] = []
  for (const policy of ['Same for everybody', 'In proportion', 'Same loss', 'First come']) {
    await page.getByRole('radio', { name: new RegExp(policy) }).check()
    shown.push((await page.getByRole('row').allInnerTexts()).slice(1).join())
  }
  expect(new Set(shown).size).toBeGreaterThan(1)
  await page.getByRole('radio', { name: /First come/ }).check()
  const promised = await page.getByRole('row', { name: /^Lea/ }).innerText()
  expect(promised).toMatch(/2\.5.kg.*2.5.kg.*€5\.00/s)
  await page.getByRole('button', { name: 'Share it out this way' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Share it out this way' }).click()

  // What was folded from events is what the server says to somebody who comes now.
  await step(page, 'Handing out')
  const fresh = await world.window(lea)
  await fresh.goto(`/runs/${run}`)
  await step(fresh, 'Handing out')
  await expect(fresh.getByRole('heading', { name: 'Who pays whom' })).toBeVisible()
  await expect.poll(() => read(fresh)).toBe(await read(page))

  await page
    .getByRole('checkbox', { name: new RegExp(`${rice.name}.*for Lea`) })
    .first()
    .check()
  for (const name of ['Ana', 'Mei']) {
    await page.getByRole('button', { name: `Hand over everything to ${name}` }).click()
  }
  await expect(hers.getByText('picked up').first()).toBeVisible()
  await page.getByRole('button', { name: 'Finish the run' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Finish the run' }).click()

  await step(page, 'Done')
  await step(hers, 'Done')
  await expect(page.getByText('Lea pays Mei')).toBeVisible()
  const { balances } = await world.call<{ balances: { user_id: string; paid: number; owes: number }[] }>(
    lea,
    'GET',
    `/runs/${run}/settlement`,
  )
  const of = ({ id }: Person) => balances.find(({ user_id }) => user_id === id)
  expect([of(lea), of(ana), of(mei)]).toMatchObject([
    { paid: 480, owes: 500 },
    { paid: 0, owes: 400 },
    { paid: 600, owes: 180 },
  ])
})

/** The page as somebody reads it, without what only those saw who were here. */
async function read(page: Page): Promise<string> {
  const text = await page.locator('main').innerText()
  return (text.split('Just now')[0] ?? '').replaceAll('(is looking at this page)\n', '')
}
