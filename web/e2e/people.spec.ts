import { expect, expectLive, type Product, test } from './world'

// What is said, shown and looked after around a run.

const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', // pragma: allowlist secret
  'base64',
)

test('what one says the other reads at once, and who is meant is marked', async ({ world }) => {
  const [lea, ana] = [await world.person('Lea'), await world.person('Ana')]
  const group = await world.group(lea, [ana])
  const { store } = await world.store(lea, [])
  const run = await world.run(lea, group, store)
  const [hers, mine] = [await world.window(lea), await world.window(ana)]
  await Promise.all([hers.goto(`/runs/${run}`), mine.goto(`/runs/${run}`)])
  await Promise.all([expectLive(hers), expectLive(mine)])

  await mine.getByRole('button', { name: 'Messages' }).click()
  const field = mine.getByLabel('Write a message, @ for a person')
  await field.pressSequentially('Bring bags, @le')
  await mine.getByRole('button', { name: /Lea @lea/ }).click()
  await expect(field).toHaveValue(`Bring bags, @${lea.username} `)
  await mine.getByRole('button', { name: 'Send' }).click()
  await expect(mine.getByRole('log').getByText('Bring bags')).toBeVisible()
  await expect(field).toHaveValue('')

  await hers.getByRole('button', { name: 'Messages, 1 new' }).click()
  await expect(hers.getByRole('log').getByText(`@${lea.username}`)).toHaveAttribute('data-me', 'true')
  await world.call(lea, 'POST', `/runs/${run}/messages`, { text: 'I have some' })
  await expect(mine.getByRole('log').getByText('I have some')).toHaveCount(1)
  await hers.getByRole('button', { name: 'Search messages' }).click()
  await hers.getByLabel('Search messages').last().fill('BAGS')
  await expect(hers.getByText('1 message', { exact: true })).toBeVisible()
  await expect(hers.getByRole('listitem').filter({ hasText: 'I have some' })).toHaveCount(0)
  await hers.getByRole('button', { name: 'Search messages' }).click()
  await expect(hers.getByRole('log').getByText('I have some')).toBeVisible()
  await hers.keyboard.press('Escape')
  await expect(hers.getByRole('button', { name: 'Messages', exact: true })).toBeFocused()
})

test('a receipt is added, looked at, and taken back', async ({ world }) => {
  const [lea, ana] = [await world.person('Lea'), await world.person('Ana')]
  const group = await world.group(lea, [ana])
  const { store, products } = await world.store(lea, [{ name: 'Rice' }])
  const [rice] = products as [Product]
  const run = await world.run(lea, group, store)
  await world.bid(lea, run, rice, '1')
  const page = await world.window(ana)
  await page.goto(`/runs/${run}`)
  await expectLive(page)
  await page.getByRole('button', { name: 'Run options' }).click()
  await page.getByRole('button', { name: 'Receipts' }).click()
  await expect(page.getByText('No receipts yet')).toBeVisible()

  await page.getByLabel('What is it for?').selectOption(rice.name)
  await page
    .locator('input[type=file][multiple]')
    .setInputFiles({ name: 'till.png', mimeType: 'image/png', buffer: PIXEL })
  await page
    .locator('input[type=file][multiple]')
    .setInputFiles({ name: 'bad.png', mimeType: 'image/png', buffer: Buffer.from('<svg/>') })
  await expect(page.getByText('A receipt is a JPEG, PNG or WebP picture, or a PDF.')).toBeVisible()
  await page.getByRole('button', { name: new RegExp(`till.png ${rice.name} · Ana`) }).click()
  const picture = page.getByRole('img', { name: 'till.png' })
  await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(1)

  await page.getByRole('button', { name: 'Remove till.png' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click()
  await expect(page.getByText('No receipts yet')).toBeVisible()
})

test('a table of goods is taken in, and each refused line says why', async ({ world }) => {
  const lea = await world.person('Lea')
  const { store, products } = await world.store(lea, [{ name: 'Rice' }])
  const [rice] = products as [Product]
  const page = await world.window(lea)
  await page.goto(`/stores/${store}`)
  const table = `product_id,name,unit,price\n${rice.id},,,199\n,Fresh figs ${rice.name},kg,450\n,No unit ${rice.name},,1\n`

  await page.getByRole('button', { name: 'Take in a table (CSV)' }).click()
  await page
    .getByLabel('CSV file')
    .setInputFiles({ name: 'goods.csv', mimeType: 'text/csv', buffer: Buffer.from(table) })
  await page.getByRole('button', { name: 'Take it in' }).click()

  await expect(page.getByRole('heading', { name: 'What became of the table' })).toBeVisible()
  await expect(page.getByRole('definition')).toHaveText(['3', '2', '1', '1'])
  await expect(page.getByRole('row').nth(1)).toHaveText(/4unit\s*Something is missing here/)
  await page.getByRole('button', { name: 'Close' }).last().click()
  await expect(page.getByText(`Fresh figs ${rice.name}`)).toBeVisible()
  await expect(page.getByText('€1.99')).toBeVisible()
})

test('a family is made, another product is put in, and the first one taken out', async ({ world }) => {
  const lea = await world.person('Lea')
  const { products } = await world.store(lea, [
    { name: 'Sushi rice' },
    { name: 'Basmati' },
    { name: 'Milk', unit: 'l' },
  ])
  const [sushi, basmati, milk] = products as [Product, Product, Product]
  const page = await world.window(lea)
  await page.goto(`/products/${sushi.id}`)
  const dialog = page.getByRole('dialog')

  await page.getByRole('button', { name: 'Put it into a family' }).click()
  const family = `Rice of any kind ${sushi.id.slice(-6)}`
  await dialog.getByLabel('Name of the family').fill(family)
  await dialog.getByRole('button', { name: 'Make it and put this in' }).click()
  await page.getByRole('link', { name: family }).click()
  await expect(page.getByText('a family: any of its members will do')).toBeVisible()
  await expect(page.getByRole('link', { name: sushi.name })).toBeVisible()

  // What is counted otherwise is not offered, and what the server refuses is said where it was tried.
  await page.getByRole('button', { name: 'Put a product in' }).click()
  await dialog.getByRole('searchbox').fill(milk.name)
  await expect(dialog.getByText('No product counted in kg that could belong here is called so.')).toBeVisible()
  await dialog.getByRole('searchbox').fill(basmati.name)
  const refusal = {
    code: 'VALIDATION_FAILED',
    errors: [{ field: 'family_id', code: 'FAMILY_OF_OTHER_UNIT', detail: '' }],
  }
  await page.route(`**/api/v1/products/${basmati.id}`, (route) => route.fulfill({ status: 422, json: refusal }))
  await dialog.getByRole('button', { name: basmati.name }).click()
  await expect(dialog.getByRole('alert')).toHaveText('The family is counted in another unit than the product.')
  await page.unroute(`**/api/v1/products/${basmati.id}`)
  await dialog.getByRole('button', { name: basmati.name }).click()
  await expect(dialog).toHaveCount(0)
  await expect(page.getByRole('link', { name: basmati.name })).toBeVisible()

  await page.getByRole('button', { name: `Take ${sushi.name} out of the family` }).click()
  await expect(page.getByRole('link', { name: sushi.name })).toHaveCount(0)
  await page.goto(`/products/${basmati.id}`)
  await page.getByRole('button', { name: 'Take it out' }).click()
  await expect(page.getByRole('button', { name: 'Put it into a family' })).toBeVisible()
  const { items } = await world.call<{ items: { name: string; id: string }[] }>(lea, 'GET', `/products?q=${family}`)
  const { items: members } = await world.call<{ items: unknown[] }>(lea, 'GET', `/products/${items[0]?.id}/members`)
  expect(members).toEqual([])
})

test('an admin of the server looks after people and things, and all of it stands in the log', async ({ world }) => {
  const ana = await world.person('Ana')
  const { products } = await world.store(ana, [{ name: 'Basmati' }, { name: 'Basmatti' }])
  const [right, wrong] = products as [Product, Product]
  const page = await world.window(world.admin)
  await page.goto('/me')
  await page.getByRole('link', { name: 'Server admin' }).click()
  await expect(page.getByText('Live connections')).toBeVisible()

  const registration = page.getByRole('checkbox', { name: 'Anybody may make an account' })
  await registration.click()
  await expect(registration).not.toBeChecked()
  const refused = await world.person('Nobody').catch(String)
  expect(refused).toContain('REGISTRATION_CLOSED')
  await registration.click()
  await expect(registration).toBeChecked()

  await page.getByRole('link', { name: 'People' }).click()
  await page.getByLabel('Search by name').fill(ana.username)
  const row = page.getByRole('button', { name: new RegExp(`@${ana.username}`) })
  await row.click()
  await page.getByRole('button', { name: 'Disable' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Disable' }).click()
  await expect(row.getByText('disabled')).toBeVisible()
  await expect(world.call(ana, 'GET', '/auth/me')).rejects.toThrow('401')
  await row.click()
  await page.getByRole('button', { name: 'Let in again' }).click()
  await expect(row.getByText('disabled')).toHaveCount(0)

  await page.getByRole('link', { name: 'Products' }).click()
  await page.getByLabel('Search by name').fill('Basmat')
  await page.getByRole('button', { name: right.name }).click()
  await page.getByRole('button', { name: 'Mark as checked' }).click()
  await expect(page.getByRole('button', { name: right.name }).getByText('checked')).toBeVisible()
  await page.getByRole('button', { name: wrong.name }).click()
  await page.getByRole('button', { name: 'Merge' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Search by name').fill(right.name)
  await dialog.getByRole('button', { name: right.name }).click()
  await expect(page.getByText(`${wrong.name} goes; its prices and names move to ${right.name}.`)).toBeVisible()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Merge' }).click()
  await expect(page.getByRole('button', { name: wrong.name })).toHaveCount(0)

  await page.getByRole('link', { name: 'Log' }).click()
  const entries = page.getByRole('listitem').locator('b')
  await expect(entries.first()).toBeVisible()
  expect((await entries.allInnerTexts()).slice(0, 6)).toEqual([
    'Product: merged',
    'Product: checked',
    'Person: let in again',
    'Person: disabled',
    'Server: registration opened',
    'Server: registration closed',
  ])
})

test('nobody else finds the way to the admin’s pages', async ({ world }) => {
  const page = await world.window(await world.person('Ana'))
  await page.goto('/me')
  await expect(page.getByRole('button', { name: 'Log out', exact: true })).toBeVisible()
  await expect(page.getByRole('link', { name: 'Server admin' })).toHaveCount(0)
  await page.goto('/admin/users')
  await expect(page.getByRole('heading', { name: 'There is nothing here' }).first()).toBeVisible()
})

test('a new name asks for the password, a theme does not, and everything about me is a file', async ({ world }) => {
  const ana = await world.person('Ana')
  const page = await world.window(ana)
  await page.goto('/me')
  await page.getByRole('button', { name: 'Change my name' }).click()
  const sheet = page.getByRole('dialog')
  await expect(sheet.getByLabel('Password')).toHaveCount(0)
  await sheet.getByLabel('Your name').fill('Anya')
  await sheet.getByLabel('Password').fill('not hers at all')
  await sheet.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByText('The password is wrong.').first()).toBeVisible()
  await sheet.getByLabel('Password').fill(ana.password)
  await sheet.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByRole('heading', { name: 'Anya' })).toBeVisible()

  await page.getByLabel('Colours', { exact: true }).selectOption('dark')
  await expect.poll(() => world.call<{ theme: string }>(ana, 'GET', '/auth/me').then((me) => me.theme)).toBe('dark')

  const file = page.waitForEvent('download')
  await page.getByRole('link', { name: 'Everything about me, with my receipts (ZIP)' }).click()
  expect((await file).suggestedFilename()).toBe(`bulq-${ana.username}.zip`)
})
