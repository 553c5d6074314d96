// What somebody downloads before the first screen is there, against what it may be. Fails the build when it is more.
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

const dist = new URL('../dist', import.meta.url).pathname
const manifest = JSON.parse(readFileSync(join(dist, '.vite/manifest.json'), 'utf8'))
const KIB = 1024
const BUDGET = { script: 64 * KIB, style: 10 * KIB }

/** A page's scripts: the entry, the page, a language, and everything those import. */
function closure(names, seen = new Set()) {
  for (const name of names) {
    if (seen.has(name)) continue
    seen.add(name)
    closure(manifest[name].imports ?? [], seen)
  }
  return seen
}

const size = (file) => {
  try {
    return statSync(join(dist, `${file}.br`)).size
  } catch {
    return statSync(join(dist, file)).size
  }
}
const sum = (files) => [...new Set(files)].reduce((total, file) => total + size(file), 0)
const kib = (bytes) => `${(bytes / KIB).toFixed(1)} KiB`

let failed = false
const pages = Object.keys(manifest).filter(
  (name) => /^src\/features\/.*Page\.tsx$/.test(name) && manifest[name].isDynamicEntry,
)
for (const language of ['en', 'ru', 'sr']) {
  for (const page of pages) {
    const chunks = [...closure(['index.html', page, `src/i18n/locales/${language}/index.ts`])].map(
      (name) => manifest[name],
    )
    const script = sum(chunks.map(({ file }) => file))
    const style = sum(chunks.flatMap(({ css }) => css ?? []))
    const tooMuch = script > BUDGET.script || style > BUDGET.style
    failed ||= tooMuch
    if (language === 'en' || tooMuch) {
      console.log(
        `${tooMuch ? 'TOO MUCH  ' : ''}${page.replace('src/features/', '')} (${language}): script ${kib(script)}, style ${kib(style)}, brotli`,
      )
    }
  }
}
console.log(`budget: script ${kib(BUDGET.script)}, style ${kib(BUDGET.style)}`)
if (failed) process.exit(1)
