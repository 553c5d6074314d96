import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'
import { boot } from './vite/boot.ts'
import { serviceWorker } from './vite/service-worker.ts'

/** What every page needs is one file: on a phone each further one costs a round trip. Zod comes later, the QR code seldom. */
const EVERYWHERE =
  /node_modules\/(?!zod|uqr)|src\/(ui|live|offline)\/|src\/(session|theme|update)\.ts|src\/i18n\/\w+\.ts|src\/api\/(client|operation|problems|queries|pages|gen\/operations\.gen)\.ts/

export default defineConfig({
  plugins: [react(), boot(), serviceWorker()],
  build: {
    target: 'es2022',
    sourcemap: false,
    manifest: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { output: { advancedChunks: { groups: [{ name: 'app', test: EVERYWHERE }] } } },
  },
  server: { proxy: { '/api': { target: 'http://127.0.0.1:8080', ws: true }, '/demo.json': 'http://127.0.0.1:8080' } },
  test: {
    environment: 'jsdom',
    include: ['src/**/*.test.{ts,tsx}'],
    setupFiles: ['src/test/setup.ts'],
    restoreMocks: true,
    // A busy machine is slow, not wrong.
    testTimeout: 60_000,
  },
})
