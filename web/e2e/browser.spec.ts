import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { DIST, Server } from './server'
import { card, expect, expectLive, line, type Product, test } from './world'

// The keyboard, what stays on the device, and versions of the app.

/** Where the focus is. */
const focus = (page: Page) =>
  page.evaluate(() => {
    const at = document.activeElement
    if (at === null || at === document.body) return 'body'
    return at.closest('dialog[open]') ? 'dialog' : 'page'
  })

test('a run is worked with by keyboard: dialogs keep the focus and give it back', async ({ world }) => {
  const lea = await world.person('Lea')
  const group = await world.group(lea, [])
  const { store, products } = await world.store(lea, [{ name: 'Rice', step: '1' }])
  const [rice] = products as [Product]
  const run = await world.run(lea, group, store)
  await world.bid(lea, run, rice, '2')
  const page = await world.window(lea)
  await page.goto(`/runs/${run}`)
  await expectLive(page)

  // The first stop leads past the header, and everything there can be reached.
  await page.keyboard.press('Tab')
  await expect(page.getByRole('button', { name: 'Skip to content' })).toBeFocused()
  await card(page, rice).getByRole('button', { name: /^More/ }).focus()
  await page.keyboard.press('Enter')
  await expect(card(page, rice).getByRole('button', { name: /: 3.kg/ })).toBeVisible()

  for (const [opener, inDialog] of [
    [page.getByRole('button', { name: 'Run options' }), 'Cancel this run'],
    [page.getByRole('button', { name: 'Messages' }), 'Send'],
    [card(page, rice).getByRole('button', { name: /Amount of/ }), 'Save'],
  ] as const) {
    await opener.focus()
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog')
    await expect(dialog.getByRole('button', { name: inDialog })).toBeVisible()
    for (let i = 0; i < 12; i++) {
      await page.keyboard.press(i % 4 === 3 ? 'Shift+Tab' : 'Tab')
      // Between the last and the first stop the browser's own buttons have it; the page behind never does.
      expect(await focus(page)).toMatch(/dialog|body/)
    }
    await page.keyboard.press('Escape')
    await expect(dialog).toHaveCount(0)
    await expect(opener).toBeFocused()
  }

  // A dialog that is done gives the focus back, too, and so does one that another one followed.
  const amount = card(page, rice).getByRole('button', { name: /Amount of/ })
  await amount.focus()
  await page.keyboard.press('Enter')
  await page.getByLabel('How much?').fill('4')
  await page.keyboard.press('Enter')
  await expect(amount).toBeFocused()
  await page.getByRole('button', { name: 'Run options' }).focus()
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Note and date' }).click()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('button', { name: 'Run options' })).toBeFocused()
})

test('whoever goes back to a long run finds the place they left', async ({ world }) => {
  const lea = await world.person('Lea')
  const group = await world.group(lea, [])
  const { store, products } = await world.store(
    lea,
    Array.from({ length: 12 }, () => ({ name: 'Rice' })),
  )
  const run = await world.run(lea, group, store)
  for (const product of products) await world.bid(lea, run, product, '1')
  const page = await world.window(lea)
  await page.goto(`/runs/${run}`)
  await expectLive(page)
  const last = card(page, products.at(-1) as Product)
  await last.scrollIntoViewIfNeeded()

  await page.getByRole('link', { name: 'Back' }).click()
  await expect(page.getByRole('heading', { name: 'Staircase 4' })).toBeVisible()
  await page.goBack()

  await expect(last).toBeInViewport()
})

test('who wants less motion sees none', async ({ world }) => {
  const lea = await world.person('Lea')
  const page = await world.window(lea, { reducedMotion: 'reduce' })
  await page.goto('/')
  await expect(page.getByRole('heading', { name: 'Groups' }).first()).toBeVisible()

  const longest = await page.evaluate(() =>
    Math.max(0, ...document.getAnimations().map((a) => Number(a.effect?.getComputedTiming().duration ?? 0))),
  )

  expect(longest).toBeLessThanOrEqual(1)
})

test('logging out with purchases unsent is asked about, and leaves nothing behind', async ({ world }) => {
  const lea = await world.person('Lea')
  const group = await world.group(lea, [])
  const { store, products } = await world.store(lea, [{ name: 'Rice', price: 100, step: '1' }])
  const [rice] = products as [Product]
  const run = await world.run(lea, group, store)
  await world.bid(lea, run, rice, '2')
  await world.move(lea, run, 'open')
  await world.move(lea, run, 'confirm')
  await world.move(lea, run, 'start-shopping')
  const page = await world.window(lea)
  await page.goto(`/runs/${run}`)
  await expectLive(page)
  await expect(page.getByText('1 to buy')).toBeVisible()
  await page.goto('/me')
  await expect(page.getByRole('button', { name: 'Log out', exact: true })).toBeVisible()
  await page.goto(`/runs/${run}`)
  await expectLive(page)
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))
  await page.context().setOffline(true)
  await line(page, rice).getByRole('button', { name: /^Buy/ }).click()
  await expect(page.getByText('1 purchase waits for reception')).toBeVisible()

  await page.goto('/me')
  await page.getByRole('button', { name: 'Log out', exact: true }).last().click()
  await expect(page.getByText('1 purchase is only on this device.')).toBeVisible()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Log out' }).click()

  await expect(page.getByLabel('Username')).toBeVisible()
  await expect.poll(() => page.evaluate(kept)).toEqual({ runs: 0, outbox: 0, answers: 0 })
})

/** How many records the device keeps. */
async function kept(): Promise<Record<string, number>> {
  const db = await new Promise<IDBDatabase>((resolve) => {
    const request = indexedDB.open('bulq')
    request.onsuccess = () => resolve(request.result)
  })
  const counts: Record<string, number> = {}
  for (const name of ['runs', 'outbox', 'answers']) {
    counts[name] = await new Promise((resolve) => {
      const request = db.transaction(name).objectStore(name).count()
      request.onsuccess = () => resolve(request.result)
    })
  }
  db.close()
  return counts
}

test('a new version is offered, and used when the person says so', async ({ browser }) => {
  const app = mkdtempSync(join(tmpdir(), 'bulq-app-'))
  cpSync(DIST, app, { recursive: true })
  const server = await Server.start({ BULQ_WEB_DIR: app })
  const page = await browser.newPage({ baseURL: server.address })
  await page.goto('/login')
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))
  await page.reload()
  await expect.poll(() => page.evaluate(() => navigator.serviceWorker.controller !== null)).toBe(true)
  await expect(page.getByText('A new version is ready')).toHaveCount(0)

  await server.kill()
  const worker = readFileSync(join(app, 'sw.js'), 'utf8')
  writeFileSync(join(app, 'sw.js'), worker.replace(/const VERSION = "\w+"/, 'const VERSION = "the-next"'))
  for (const packed of ['sw.js.br', 'sw.js.gz']) rmSync(join(app, packed))
  await server.restart()
  await page.evaluate(() => navigator.serviceWorker.ready.then((it) => it.update()).then(() => undefined))
  await expect(page.getByText('A new version is ready')).toBeVisible()
  const loaded = page.waitForEvent('load')
  await page.getByRole('button', { name: 'Use it' }).click()
  await loaded

  await expect.poll(() => page.evaluate(() => caches.keys())).toEqual(['bulq-the-next'])
  await expect(page.getByText('A new version is ready')).toHaveCount(0)
  await page.close()
  await server.stop()
  rmSync(app, { recursive: true })
})
