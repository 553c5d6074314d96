import { useEffect, useId, useRef, useState } from 'react'
import type { PriceObservation, Unit } from '../../api/gen/types.gen'
import { t } from '../../i18n'
import { day, money, unit as unitOf } from '../../i18n/format'
import styles from './Catalogue.module.css'
import { chart, type Point } from './chart'

interface Props {
  /** Of one store, latest first. */
  observations: readonly PriceObservation[]
  currency: string
  unit: Unit
}

const HEIGHT = 210

/** What a product cost at a store, as a line of steps; the table below says the same in words. */
export function PriceChart({ observations, currency, unit }: Props) {
  const [box, width] = useWidth()
  const [at, setAt] = useState<number>()
  const fade = useId()
  const points = observations.map((o) => ({ at: Date.parse(o.observed_at), price: o.price })).reverse()
  const [first, latest] = [points[0], points.at(-1)]
  if (first === undefined || latest === undefined) return null
  const left = 12 + 8 * Math.max(...points.map((p) => money(p.price, currency).length))
  const now = Math.max(Date.now(), latest.at + 1)
  const frame = { width, height: HEIGHT, left: Math.min(left, 96), right: 12, top: 12, bottom: 28 }
  const { x, y, prices, path, area } = chart(points, now, frame)
  const best = points.reduce((low, point) => (point.price <= low.price ? point : low))
  const shown = at === undefined ? latest : (points.findLast((point) => x(point.at) <= at) ?? first)
  const follow = (event: React.PointerEvent<SVGSVGElement>) => {
    setAt(event.clientX - event.currentTarget.getBoundingClientRect().left)
  }
  return (
    <figure className={styles.chart}>
      <figcaption className={styles.chartHead}>
        <span>
          <strong>{money(shown.price, currency)}</strong> {t('run.per', { unit: unitOf(unit) })}
        </span>
        <span>{day(new Date(shown.at).toISOString())}</span>
      </figcaption>
      <div ref={box}>
        <svg
          width={width}
          height={HEIGHT}
          role="img"
          aria-label={label(points, currency)}
          onPointerMove={follow}
          onPointerLeave={() => setAt(undefined)}
        >
          <defs>
            <linearGradient id={fade} x1="0" x2="0" y1="0" y2="1">
              <stop offset="0" stopColor="var(--mine)" stopOpacity="0.28" />
              <stop offset="1" stopColor="var(--mine)" stopOpacity="0" />
            </linearGradient>
          </defs>
          {prices.map((price) => (
            <g key={price} className={styles.gridLine}>
              <line x1={frame.left} x2={width - frame.right} y1={y(price)} y2={y(price)} />
              <text x={frame.left - 8} y={y(price) + 4} textAnchor="end">
                {money(price, currency)}
              </text>
            </g>
          ))}
          <path d={area} fill={`url(#${fade})`} />
          <path d={path} className={styles.chartLine} />
          <circle cx={x(best.at)} cy={y(best.price)} r="5" className={styles.best} />
          <circle cx={at === undefined ? x(now) : x(shown.at)} cy={y(shown.price)} r="6" className={styles.nowDot} />
          <text x={frame.left} y={HEIGHT - 6} className={styles.chartText}>
            {day(new Date(first.at).toISOString())}
          </text>
          <text x={width - frame.right} y={HEIGHT - 6} textAnchor="end" className={styles.chartText}>
            {t('product.today')}
          </text>
        </svg>
      </div>
    </figure>
  )
}

function label(points: readonly Point[], currency: string): string {
  const prices = points.map((p) => p.price)
  const words = { low: money(Math.min(...prices), currency), high: money(Math.max(...prices), currency) }
  return t('product.chart', { ...words, last: money(prices.at(-1) ?? 0, currency) })
}

function useWidth() {
  const box = useRef<HTMLDivElement>(null)
  const [width, setWidth] = useState(320)
  useEffect(() => {
    const element = box.current
    if (element === null) return
    const observer = new ResizeObserver(() => setWidth(element.clientWidth))
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  return [box, width] as const
}
