import { createRoot } from 'react-dom/client'
import { App } from './App'
import { preferred, speak } from './i18n'
import { startLive } from './live'
import { startOutbox } from './offline'
import { keepAnswers } from './offline/answers'
import { preload } from './routes'
import { begin } from './session'
import './styles/base.css'
import { keepApp } from './update'

/** Nobody waits for these; whoever opens a page on a slow phone must not notice them. */
const CHECK_AFTER_MS = 20_000
const KEEP_APP_AFTER_MS = 3_000

preload(location.pathname)
void begin()
startLive()
startOutbox()
const remembered = keepAnswers()

const root = document.getElementById('root')
if (root === null) throw new Error('the page has no #root')
await Promise.all([speak(preferred()), remembered])
createRoot(root).render(<App />)

// Everything below may wait until something is to be seen.
setTimeout(async () => {
  const { startChecking } = await import('./api/check')
  startChecking((route, issues) => reportError(new Error(`${route} answered what its schema does not know: ${issues}`)))
}, CHECK_AFTER_MS)
// Where a browser keeps nothing, the app works without it.
if (import.meta.env.PROD) setTimeout(() => void keepApp().catch(() => {}), KEEP_APP_AFTER_MS)
