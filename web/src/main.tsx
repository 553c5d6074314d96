import { createRoot } from 'react-dom/client'
import { App } from './App'
import { waitForEarly } from './early'
import { preferred, speak } from './i18n'
import { startLive } from './live'
import { startOutbox } from './offline'
import { keepAnswers, remember } from './offline/answers'
import { preload } from './routes'
import { begin, confirm, isIn } from './session'
import './styles/base.css'
import { afterPaint, whenIdle } from './ui/pieces'
import { isKept, keepApp } from './update'

/** Nobody waits for these; whoever opens a page on a slow phone must not notice them. */
const CHECK_AFTER_MS = 20_000
const KEEP_APP_AFTER_MS = 3_000
/** Longer than this a page is not kept waiting for what would fill it at once. */
const PATIENCE_MS = 150

const root = document.getElementById('root')
if (root === null) throw new Error('the page has no #root')
begin()
startOutbox()
// Whoever comes for the first time has nothing kept, and is not kept waiting by letters: the device has its own.
const kept = isKept() ? [remember(PATIENCE_MS), import('./styles/fonts.css').catch(() => {})] : []
// What cannot be loaded is said by the page.
await Promise.all([preload(location.pathname, isIn()).catch(() => {}), speak(preferred()), ...kept])
await waitForEarly(PATIENCE_MS)
createRoot(root).render(<App />)

// One by one: what is shown comes between.
for (const next of [startLive, keepAnswers, confirm]) afterPaint(() => whenIdle(() => void next()))
setTimeout(async () => {
  const { startChecking } = await import('./api/check')
  startChecking((route, issues) => reportError(new Error(`${route} answered what its schema does not know: ${issues}`)))
}, CHECK_AFTER_MS)
// Where a browser keeps nothing, the app works without it.
if (import.meta.env.PROD) setTimeout(() => void keepApp().catch(() => {}), KEEP_APP_AFTER_MS)
