import { readFileSync } from 'node:fs'
import type { Plugin, Rollup } from 'vite'

const SOURCE = new URL('./boot.js', import.meta.url)
const NAME = 'boot.js'

/** Writes `boot.js` with the chunks of every page and language, so that they are fetched beside the entry and not after it. */
export function boot(): Plugin {
  return {
    name: 'bulq-boot',
    configureServer(server) {
      server.middlewares.use(`/${NAME}`, (_, response) => {
        response.setHeader('content-type', 'text/javascript')
        response.end(readFileSync(SOURCE))
      })
    },
    generateBundle(_, bundle) {
      const chunks = Object.values(bundle).filter((file) => file.type === 'chunk')
      const entry = new Set(chunks.filter((chunk) => chunk.isEntry).flatMap((chunk) => files(chunk, chunks)))
      const of = (module: string) => {
        const chunk = chunks.find((known) => known.facadeModuleId?.endsWith(module))
        return chunk === undefined
          ? []
          : files(chunk, chunks)
              .filter((file) => !entry.has(file))
              .map((file) => `/${file}`)
      }
      const languages = Object.fromEntries(
        ['en', 'ru', 'sr'].map((code) => [code, of(`/src/i18n/locales/${code}/index.ts`)]),
      )
      const text = JSON.stringify({
        languages,
        pages: pages().map(([path, module, isOpen]) => [path, of(module), isOpen]),
      })
      this.emitFile({
        type: 'asset',
        fileName: NAME,
        source: readFileSync(SOURCE, 'utf8').replace("'__CHUNKS__'", text),
      })
    },
  }
}

/** Pattern of the address, module, and whether strangers see it, of every page, as `src/routes.ts` has them. */
function pages(): [string, string, boolean][] {
  const routes = readFileSync(new URL('../src/routes.ts', import.meta.url), 'utf8')
  const lines = [...routes.matchAll(/path: '([^']+)'[^\n]*import\('\.([^']+)'\)/g)]
  return lines.map(([line, path = '', module = '']) => [
    `^${path.replace(/:\w+/g, '[^/]+')}$`,
    `/src${module}.tsx`,
    line.includes('open: true'),
  ])
}

/** The chunk, what it imports, and their styles. */
function files(chunk: Rollup.OutputChunk, all: Rollup.OutputChunk[], seen = new Set<string>()): string[] {
  if (seen.has(chunk.fileName)) return []
  seen.add(chunk.fileName)
  const styles = [...((chunk as { viteMetadata?: { importedCss: Set<string> } }).viteMetadata?.importedCss ?? [])]
  const imports = chunk.imports.flatMap((name) => all.filter((known) => known.fileName === name))
  return [chunk.fileName, ...styles, ...imports.flatMap((imported) => files(imported, all, seen))]
}
