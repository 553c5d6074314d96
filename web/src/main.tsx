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

const CHECK_AFTER_MS = 4_000

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
if (import.meta.env.PROD) void keepApp()
