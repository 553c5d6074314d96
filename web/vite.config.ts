import { defineConfig } from 'vitest/config'
import { boot } from './vite/boot.ts'
import { serviceWorker } from './vite/service-worker.ts'

/** What every page needs is one file: on a phone each further one costs a round trip. Zod comes later, the QR code seldom. */
const EVERYWHERE =
  /node_modules\/(?!zod|uqr)|src\/(ui|live|offline)\/|src\/(session|theme|update|early)\.ts|src\/styles\/(base|tokens)|src\/i18n\/\w+\.ts|src\/api\/(client|operation|problems|queries|pages|gen\/operations\.gen)\.ts/

/** What is written for React runs on Preact (docs/decisions/0035): the app, its libraries, its tests. */
const PREACT = {
  'use-sync-external-store/shim/index.js': 'preact/compat',
  'react-dom/client': 'preact/compat/client',
  'react/jsx-dev-runtime': 'preact/jsx-dev-runtime',
  'react/jsx-runtime': 'preact/jsx-runtime',
  react: 'preact/compat',
}

/** What a run shows at first, likewise. */
const RUN =
  /src\/features\/run\/(RunPage|RunBody|Lead|Totals|Products|ProductCard|BottomBar|FinishShopping|People|News|TalkButton|act|figures|Run\.module)\./

export default defineConfig({
  plugins: [boot(), serviceWorker()],
  resolve: { alias: PREACT },
  build: {
    target: 'es2022',
    sourcemap: false,
    manifest: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'app', test: EVERYWHERE },
            { name: 'run', test: RUN },
          ],
        },
      },
    },
  },
  server: { proxy: { '/api': { target: 'http://127.0.0.1:8080', ws: true }, '/demo.json': 'http://127.0.0.1:8080' } },
  test: {
    environment: 'jsdom',
    include: ['src/**/*.test.{ts,tsx}'],
    setupFiles: ['src/test/setup.ts'],
    restoreMocks: true,
    server: { deps: { inline: ['@tanstack/react-query', 'wouter'] } },
    // A busy machine is slow, not wrong.
    testTimeout: 60_000,
  },
})
