import { h } from 'preact'
import type { JSX } from 'preact'

/** A stretch of a bar, in the unit of the whole. */
export interface Stretch {
  readonly from: number
  readonly to: number
  readonly kind: 'first' | 'second'
}

const WIDTH = 1000

/** One line of a chart: stretches on a track as long as `whole`. It says nothing that the figures beside it do not, so it is hidden from screen readers. */
export function bar(stretches: readonly Stretch[], whole: number): JSX.Element {
  const at = (value: number): number => (whole > 0 ? Math.round((WIDTH * value) / whole) : 0)
  return h(
    'svg',
    {
      class: 'bar',
      viewBox: `0 0 ${WIDTH} 10`,
      preserveAspectRatio: 'none',
      'aria-hidden': 'true',
      focusable: 'false',
    },
    h('rect', { class: 'track', width: WIDTH, height: 10 }),
    // What took any time at all is seen
    ...stretches
      .filter(({ from, to }) => to > from)
      .map(({ from, to, kind }) =>
        h('rect', { class: kind, x: Math.min(at(from), WIDTH - 4), width: Math.max(at(to) - at(from), 4), height: 10 }),
      ),
  )
}
