import type { Page } from '@playwright/test'
import { about, type Say } from './words'
import { card, expect, expectLive, LIVE, line, type Person, type Product, type Stage, test, type World } from './world'

async function stateOf(world: World, { lea, run }: Stage): Promise<string> {
  const view = await world.call<{ state: string }>(lea, 'GET', `/runs/${run}`)
  return view.state
}

const step = (page: Page, name: string) => expect(page.getByRole('heading', { name, exact: true })).toBeVisible()

for (const state of LIVE) {
  test(`the leader cancels while ${state}: first what it means, then the reason`, async ({ world }) => {
    const stage = await world.runIn(state)
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
  const { ana, run } = await world.runIn('active')
  const page = await world.window(ana)
  await page.goto(`/runs/${run}`)
  await expectLive(page)

  await page.getByRole('button', { name: 'Run options' }).click()

  await expect(page.getByRole('button', { name: 'Add a product' }).last()).toBeVisible()
  await expect(page.getByRole('button', { name: 'Cancel this run' })).toHaveCount(0)
})

test('a whole life: from the first bid over a shortage to the last cent', async ({ world, say }) => {
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
  await step(page, say('state.planning'))

  // Bids: the first of somebody else opens bidding.
  await page
    .getByRole('button', { name: say('run.addProduct') })
    .first()
    .click()
  await page.getByRole('button', { name: new RegExp(rice.name) }).click()
  await page.getByLabel(say('bid.title')).fill('2,5')
  await page.getByRole('button', { name: say('bid.save') }).click()
  await expect(card(page, rice).getByRole('button', { name: /: 2[.,]5/ })).toBeVisible()
  const hers = await world.window(ana)
  await hers.goto(`/runs/${run}`)
  await card(hers, rice)
    .getByRole('button', { name: new RegExp(say('run.join')) })
    .click()
  await step(page, say('state.active'))
  await world.bid(ana, run, rice, '1.5')
  await world.bid(mei, run, oats, '2')

  await page.getByRole('button', { name: say('run.ready') }).click()
  await page.getByRole('button', { name: say('run.confirm') }).click()
  await expect(page.getByText(about(say('run.confirmUnready', { n: 2 })))).toBeVisible()
  await page
    .getByRole('alertdialog')
    .getByRole('button', { name: say('run.confirm') })
    .click()
  await step(page, say('state.confirmed'))
  await page.getByRole('button', { name: say('run.start_shopping') }).click()
  await step(page, say('state.shopping'))

  // There is not enough rice, Mei paid for it, and something comes along that nobody bid on.
  await line(page, rice)
    .getByRole('button', { name: about(say('shop.open')) })
    .click()
  await page.getByLabel(say('shop.quantity')).fill('3')
  await page.getByLabel(say('shop.total')).fill('6.00')
  await page.getByLabel(say('shop.payer')).selectOption('Mei')
  await page.getByRole('button', { name: say('shop.record') }).click()
  await line(page, oats).locator('button[aria-pressed=false]').click()
  await page.getByRole('button', { name: say('shop.addItem') }).click()
  await page.getByLabel(say('run.addSearch')).fill(`Lentils ${run.slice(-6)}`)
  await page
    .locator('dialog button', { hasText: `Lentils ${run.slice(-6)}` })
    .last()
    .click()
  await page.getByRole('button', { name: say('action.add'), exact: true }).click()
  await page.getByLabel(say('bid.title')).fill('1')
  await page.getByLabel(say('shop.addFor')).selectOption('Ana')
  await page
    .getByRole('dialog')
    .getByRole('button', { name: say('shop.addItem') })
    .click()
  const lentils = page.getByRole('listitem').filter({ hasText: 'Lentils' })
  await lentils.locator('button[aria-pressed=false]').click()
  await page.getByLabel(say('shop.total')).fill('3.00')
  await page.getByRole('button', { name: say('shop.record') }).click()
  await expect(page.getByText(say('shop.allDone'))).toBeVisible()
  await expect(page.getByText(say('shop.rowSending'))).toHaveCount(0)
  await page.getByRole('button', { name: say('shop.finish') }).click()
  await page
    .getByRole('alertdialog')
    .getByRole('button', { name: say('shop.finish') })
    .click()

  // Every rule shows what it would give; one gives way, the rule settles the rest, as it said it would.
  await step(page, say('state.adjusting'))
  await step(hers, say('state.adjusting'))
  await expect(hers.getByText(about(say('adjust.short', { amount: '1{unit}' })))).toBeVisible()
  await hers.getByRole('slider').fill('1000')
  await hers.getByRole('button', { name: about(say('adjust.choose', { amount: '1{unit}' })) }).click()
  await expect(
    page.getByText(/0[.,]5/).and(page.getByText(new RegExp(say('adjust.short').replace('{amount}', '')))),
  ).toBeVisible()
  const shown: string[] = []
  for (const policy of ['equal_awards', 'proportional', 'equal_losses', 'first_come'] as const) {
    await page.getByRole('radio', { name: new RegExp(say(`policy.${policy}`)) }).check()
    shown.push((await page.getByRole('row').allInnerTexts()).slice(1).join())
  }
  expect(new Set(shown).size).toBeGreaterThan(1)
  await page.getByRole('radio', { name: new RegExp(say('policy.first_come')) }).check()
  const promised = await page.getByRole('row', { name: /^Lea/ }).innerText()
  expect(promised).toMatch(/2[.,]5.*2[.,]5.*5[.,]00/s)
  await page.getByRole('button', { name: say('adjust.apply') }).click()
  await page
    .getByRole('alertdialog')
    .getByRole('button', { name: say('adjust.apply') })
    .click()

  // What was folded from events is what the server says to somebody who comes now.
  await step(page, say('state.distributing'))
  const fresh = await world.window(lea)
  await fresh.goto(`/runs/${run}`)
  await step(fresh, say('state.distributing'))
  await expect(fresh.getByRole('heading', { name: say('settle.title') })).toBeVisible()
  await expect.poll(() => read(fresh, say)).toBe(await read(page, say))

  await page
    .getByRole('checkbox', { name: new RegExp(`${rice.name}.*Lea`) })
    .first()
    .check()
  for (const name of ['Ana', 'Mei']) {
    await page.getByRole('button', { name: say('hand.allOf', { name }) }).click()
  }
  await expect(hers.getByText(say('hand.picked')).first()).toBeVisible()
  await page.getByRole('button', { name: say('hand.complete') }).click()
  await page
    .getByRole('alertdialog')
    .getByRole('button', { name: say('hand.complete') })
    .click()

  await step(page, say('state.completed'))
  await step(hers, say('state.completed'))
  await expect(page.getByText(say('settle.pays', { from: 'Lea', to: 'Mei' }))).toBeVisible()
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
async function read(page: Page, say: Say): Promise<string> {
  const text = await page.locator('main').innerText()
  return (text.split(say('run.justNow'))[0] ?? '').replaceAll(`(${say('run.here')})\n`, '')
}
