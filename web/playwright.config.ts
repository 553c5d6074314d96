import { defineConfig } from '@playwright/test'

const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 }
const desktop = { viewport: { width: 1280, height: 860 } }

/** What the app is for, in every language. */
const CORE = /a whole life|twenty ticks|from an invitation/
const PICTURES = /every screen|every dialog|what is empty/
/** A commit is judged in minutes: on a desktop, what is different there. `make web-e2e` runs everything on both. */
const ON_A_DESKTOP = /every screen|a whole life|by keyboard|looks after people|one wins/
const brief = Boolean(process.env.CI)

export default defineConfig({
  testDir: 'e2e',
  fullyParallel: false,
  // Each worker has a server of its own.
  workers: process.env.CI ? 2 : 1,
  forbidOnly: Boolean(process.env.CI),
  reporter: [['list']],
  timeout: 90_000,
  expect: { timeout: 15_000 },
  use: {
    locale: 'en-GB',
    launchOptions: {
      executablePath: process.env.BULQ_CHROMIUM ?? '/usr/bin/chromium',
      // Chromium refuses its sandbox to root.
      args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
    },
    // Films of what went well are thrown away, and take longer than what they show.
    trace: { mode: 'retain-on-failure', screenshots: false },
    screenshot: 'only-on-failure',
  },
  projects: [
    { name: 'phone', use: phone },
    { name: 'desktop', use: desktop, grep: brief ? ON_A_DESKTOP : undefined },
    ...(['ru-RU', 'sr-Latn-RS'] as const).flatMap((locale) => [
      { name: `phone-${locale.slice(0, 2)}`, use: { ...phone, locale }, grep: brief ? CORE : [CORE, PICTURES] },
      ...(brief ? [] : [{ name: `desktop-${locale.slice(0, 2)}`, use: { ...desktop, locale }, grep: PICTURES }]),
    ]),
  ],
})
