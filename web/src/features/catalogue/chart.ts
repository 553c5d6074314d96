/** The geometry of a price chart: a price holds until the next one is seen, so the line has steps. */

export interface Point {
  /** Milliseconds. */
  at: number
  /** Minor units. */
  price: number
}

export interface Frame {
  width: number
  height: number
  left: number
  right: number
  top: number
  bottom: number
}

export interface Chart {
  x(at: number): number
  y(price: number): number
  /** Round prices for the lines behind. */
  prices: number[]
  /** From the first point to now. */
  path: string
  area: string
}

const LINES = 4

/** `points` from old to new, at least one. */
export function chart(points: readonly Point[], until: number, frame: Frame): Chart {
  const prices = ticks(Math.min(...points.map((p) => p.price)), Math.max(...points.map((p) => p.price)))
  const [low, high] = [prices[0] ?? 0, prices.at(-1) ?? 1]
  const from = points[0]?.at ?? until
  const span = Math.max(1, until - from)
  const inner = { width: frame.width - frame.left - frame.right, height: frame.height - frame.top - frame.bottom }
  const x = (at: number) => frame.left + ((at - from) / span) * inner.width
  const y = (price: number) => frame.top + (1 - (price - low) / Math.max(1, high - low)) * inner.height
  const path = `${steps(points, x, y)}H${round(x(until))}`
  const floor = round(frame.height - frame.bottom)
  return { x, y, prices, path, area: `${path}V${floor}H${round(x(from))}Z` }
}

function steps(points: readonly Point[], x: Chart['x'], y: Chart['y']): string {
  return points
    .map((p, i) => (i === 0 ? `M${round(x(p.at))} ${round(y(p.price))}` : `H${round(x(p.at))}V${round(y(p.price))}`))
    .join('')
}

const round = (value: number) => Math.round(value * 10) / 10

/** Round values around what there is: 1, 2 or 5 times a power of ten apart. */
export function ticks(min: number, max: number): number[] {
  const rough = Math.max(1, (max - min || max * 0.2 || 1) / (LINES - 1))
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map((times) => times * power).find((size) => size >= rough) ?? power
  const first = Math.max(0, Math.floor(min / step) * step - (min === max ? step : 0))
  const last = Math.ceil(max / step) * step + (min === max ? step : 0)
  return Array.from({ length: Math.round((last - first) / step) + 1 }, (_, i) => first + i * step)
}
