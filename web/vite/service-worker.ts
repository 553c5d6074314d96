import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Plugin } from 'vite'

/** Fonts of scripts the app has no language for are fetched only if somebody writes in them. */
const NOT_KEPT = /\.(map|br|gz)$|^\.vite\/|inter-(greek|vietnamese|cyrillic-ext)/

/** Writes `sw.js` with the list of everything that was built, so that the app opens without a network. */
export function serviceWorker(): Plugin {
  return {
    name: 'bulq-service-worker',
    apply: 'build',
    // After everybody else: what only brings styles along is a script until then, and no file in the end.
    enforce: 'post',
    generateBundle(_, bundle) {
      const files = Object.keys(bundle).filter((name) => !NOT_KEPT.test(name) && name !== 'index.html')
      const kept = ['/', '/icon.svg', '/manifest.webmanifest', '/numbers.js', ...files.sort().map((name) => `/${name}`)]
      const version = createHash('sha256')
      for (const file of Object.values(bundle)) version.update(file.type === 'chunk' ? file.code : file.source)
      const source = readFileSync(new URL('./sw.js', import.meta.url), 'utf8')
        .replace("'__VERSION__'", JSON.stringify(version.digest('hex').slice(0, 16)))
        .replace("['__KEPT__']", JSON.stringify(kept))
      this.emitFile({ type: 'asset', fileName: 'sw.js', source })
    },
  }
}
