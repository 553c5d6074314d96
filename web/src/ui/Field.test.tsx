import { act } from 'preact/test-utils'
import { createRoot } from 'react-dom/client'
import { expect, test } from 'vitest'
import { Input, TextArea } from './Field'

function show(field: React.ReactNode): HTMLElement {
  const place = document.body.appendChild(document.createElement('div'))
  act(() => createRoot(place).render(field))
  return place
}

test('a field that comes when the page is long there takes the focus if it is meant to', () => {
  const first = show(<Input label="Name" autoFocus />)
  expect(document.activeElement).toBe(first.querySelector('input'))

  const second = show(<TextArea label="Why" autoFocus />)
  expect(document.activeElement).toBe(second.querySelector('textarea'))

  show(<Input label="Note" />)
  expect(document.activeElement).toBe(second.querySelector('textarea'))
})
