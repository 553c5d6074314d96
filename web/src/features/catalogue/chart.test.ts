import fc from 'fast-check'
import { expect, test } from 'vitest'
import { chart, ticks } from './chart'

const FRAME = { width: 400, height: 200, left: 50, right: 10, top: 10, bottom: 20 }

test('a price holds until the next one', () => {
  const { path } = chart(
    [
      { at: 0, price: 100 },
      { at: 50, price: 200 },
    ],
    100,
    FRAME,
  )

  expect(path).toBe('M50 180H220V10H390')
})

test('one price is a line in the middle', () => {
  const { path, prices } = chart([{ at: 0, price: 300 }], 10, FRAME)

  expect(prices[0]).toBeLessThan(300)
  expect(prices.at(-1)).toBeGreaterThan(300)
  expect(path).toMatch(/^M50 [\d.]+H390$/)
})

test('the lines behind hold every price, and are few', () => {
  const price = fc.integer({ min: 1, max: 99_999_999 })
  fc.assert(
    fc.property(price, price, (a, b) => {
      const [min, max] = [Math.min(a, b), Math.max(a, b)]
      const lines = ticks(min, max)
      expect(lines[0]).toBeLessThanOrEqual(min)
      expect(lines.at(-1)).toBeGreaterThanOrEqual(max)
      expect(lines.length).toBeGreaterThan(1)
      expect(lines.length).toBeLessThanOrEqual(6)
    }),
  )
})
