// Run beside the page, while that waits for the network: the first number and the first date somebody writes make the browser
// read its tables of the language, which takes a tenth of a second on a slow phone. The page finds them read.
const language = self.name
const locale = navigator.languages.find((tag) => tag.split('-')[0] === language) ?? language
new Intl.NumberFormat(locale, { style: 'currency', currency: 'EUR' }).format(1.5)
new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(1, 'day')
new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date())
self.postMessage('read')
self.close()
