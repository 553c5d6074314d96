// Makes the app open without a network: its own files are kept, pages fall back to the one page there is.
// The API is never answered from here; what the app knows offline is in its own database.
const VERSION = '__VERSION__'
const KEPT = ['__KEPT__']
const CACHE = `bulq-${VERSION}`

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(KEPT)))
})

self.addEventListener('activate', (event) => {
  const others = (names) => names.filter((name) => name.startsWith('bulq-') && name !== CACHE)
  event.waitUntil(caches.keys().then((names) => Promise.all(others(names).map((name) => caches.delete(name)))))
})

// The page asks for it when the person agrees to a new version.
self.addEventListener('message', (event) => {
  if (event.data === 'use-new-version') self.skipWaiting()
})

self.addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== location.origin) return
  if (/^\/(api\/|demo\.json|healthz|readyz|metrics)/.test(url.pathname)) return
  if (request.mode === 'navigate') event.respondWith(page(request))
  else
    event.respondWith(
      caches.match(request, { cacheName: CACHE, ignoreVary: true }).then((kept) => kept ?? fetch(request)),
    )
})

/** The kept page at once: it is as new as the scripts that are kept with it. */
async function page(request) {
  const kept = await caches.match('/', { cacheName: CACHE, ignoreVary: true })
  return kept ?? fetch(request)
}
