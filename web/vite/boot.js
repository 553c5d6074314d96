// Before the first paint: the theme and the language that were chosen here, and what the page at this address will need.
// The build puts the names of the chunks in.
const CHUNKS = '__CHUNKS__'

try {
  const theme = localStorage.getItem('bulq.theme') || 'system'
  const dark = theme === 'dark' || (theme === 'system' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.dataset.theme = dark ? 'dark' : 'light'
} catch {
  document.documentElement.dataset.theme = 'light'
}

if (typeof CHUNKS === 'object') {
  const wished = [localStorage.getItem('bulq.language'), ...navigator.languages].map((tag) => tag?.split('-')[0])
  const language = wished.find((tag) => CHUNKS.languages[tag]) ?? 'en'
  const isIn = localStorage.getItem('bulq.me') !== null
  const at = (address) => CHUNKS.pages.find(([path]) => new RegExp(path).test(address))
  const asked = at(location.pathname)
  const here = !asked || asked[2] || isIn ? asked : at('/login')
  for (const file of [...CHUNKS.languages[language], ...(here?.[1] ?? [])]) {
    const isStyle = file.endsWith('.css')
    const link = document.createElement('link')
    link.rel = isStyle ? 'preload' : 'modulepreload'
    if (isStyle) link.as = 'style'
    // As the styles are asked for later, or they are fetched twice.
    link.crossOrigin = ''
    link.href = file
    document.head.append(link)
  }
  const reader = new Worker('/numbers.js', { name: language })
  const numbers = new Promise((resolve) => {
    reader.onmessage = resolve
    reader.onerror = resolve
  })
  // A run that is opened by its address is asked for before any of the app is here.
  const run = location.pathname.match(/^\/runs\/([0-9a-f-]{36})$/)?.[1]
  const ask = () =>
    fetch(`/api/v1/runs/${run}`).then(
      (answer) => (answer.ok ? answer.json() : undefined),
      () => undefined,
    )
  globalThis.bulqEarly = { numbers, run, view: run && isIn ? ask() : undefined }
}
