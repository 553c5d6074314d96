// Measures the run page as Lighthouse's mobile preset does: slow 4G, a processor four times slower, nothing kept from before.
//   node scripts/lighthouse.mjs <folder lighthouse is installed in> <server binary> [runs]
// Prints the scores of each run; fails if the middle one is below what the project promises.

import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const [folder, binary, times = '3'] = process.argv.slice(2)
const LEAST = { performance: 90, accessibility: 100, 'best-practices': 100 }
const PASSWORD = 'bulq-demo' // pragma: allowlist secret
const dist = new URL('../dist', import.meta.url).pathname
const load = (name) => import(pathToFileURL(createRequire(join(folder, 'package.json')).resolve(name)).href)
const { default: lighthouse } = await load('lighthouse')
const { default: puppeteer } = await load('puppeteer-core')

const data = mkdtempSync(join(tmpdir(), 'bulq-lighthouse-'))
const server = spawn(binary, ['serve', '--listen', '127.0.0.1:0', '--data', data], {
  env: { ...process.env, BULQ_WEB_DIR: dist, BULQ_DEMO: 'yes', BULQ_DEMO_BOTS: '0', RUST_LOG: 'error' },
  stdio: ['ignore', 'pipe', 'pipe'],
})
const ended = new Promise((resolve) => server.once('exit', resolve))
const browser = await puppeteer.launch({
  executablePath: process.env.BULQ_CHROMIUM ?? '/usr/bin/chromium',
  args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
})
try {
  await measure(await address())
} finally {
  await browser.close()
  server.kill()
  await ended
  rmSync(data, { recursive: true })
}

function address() {
  return new Promise((resolve, reject) => {
    let said = ''
    for (const stream of [server.stdout, server.stderr]) {
      stream.on('data', (chunk) => {
        said += chunk
        const found = said.match(/http:\/\/[\d.]+:\d+/)
        if (found) resolve(found[0])
      })
    }
    server.once('exit', () => reject(new Error(said)))
  })
}

async function measure(origin) {
  const { cookie, me, run } = await login(origin)
  const scores = []
  for (let i = 0; i < Number(times); i++) {
    // Lighthouse leaves what a page has stored: each time is the first only in a context of its own.
    const context = await browser.createBrowserContext()
    const page = await context.newPage()
    await context.setCookie({ ...cookie, domain: new URL(origin).hostname, path: '/' })
    await page.evaluateOnNewDocument((hint) => localStorage.setItem('bulq.me', hint), JSON.stringify(me))
    const { lhr } = await lighthouse(`${origin}/runs/${run}`, { onlyCategories: Object.keys(LEAST) }, undefined, page)
    scores.push(
      Object.fromEntries(Object.keys(LEAST).map((name) => [name, Math.round(100 * lhr.categories[name].score)])),
    )
    const shown = [
      'first-contentful-paint',
      'largest-contentful-paint',
      'total-blocking-time',
      'cumulative-layout-shift',
    ]
    console.log(scores.at(-1), Object.fromEntries(shown.map((name) => [name, lhr.audits[name].displayValue])))
    for (const audit of Object.values(lhr.audits)) {
      const counts = lhr.categories.performance.auditRefs.every(({ id, weight }) => id !== audit.id || weight > 0)
      if (counts && audit.score !== null && audit.score < 0.9) console.log(`  ${audit.id}: ${audit.displayValue ?? ''}`)
    }
    await context.close()
  }
  for (const [name, least] of Object.entries(LEAST)) {
    const middle = scores.map((score) => score[name]).sort((a, b) => a - b)[Math.floor(scores.length / 2)]
    if (middle < least) {
      console.error(`${name}: ${middle}, at least ${least} is promised`)
      process.exitCode = 1
    }
  }
}

/** Somebody of the demo, and a run that takes bids. */
async function login(origin) {
  const api = `${origin}/api/v1`
  const answer = await fetch(`${api}/auth/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin },
    body: JSON.stringify({ username: 'ana', password: PASSWORD }),
  })
  const [name, value] = answer.headers.getSetCookie()[0].split(';')[0].split('=')
  const headers = { cookie: `${name}=${value}` }
  const ask = async (path) => (await fetch(`${api}${path}`, { headers })).json()
  for (const group of (await ask('/groups?limit=100')).items) {
    const { items } = await ask(`/groups/${group.id}/runs?limit=100`)
    const run = items.find(({ state }) => state === 'active')
    if (run) return { cookie: { name, value }, me: await answer.json(), run: run.id }
  }
  throw new Error('the demo has no run that takes bids')
}
