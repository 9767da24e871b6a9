import { h } from 'preact'
import type { ComponentChildren, JSX } from 'preact'
import { escapeText } from '../escape.ts'

/** A name or a value of somebody's database among our words: it can neither hide anything nor turn what stands beside it. */
export function given(text: string): JSX.Element {
  return h('bdi', null, escapeText(text))
}

export function name(text: string): JSX.Element {
  return h('code', null, given(text))
}

/** Text of several lines, which stay as they are. */
export function block(text: string): JSX.Element {
  return h('pre', scrolling('Definition'), text.split(/\r?\n/).map(escapeText).join('\n'))
}

/** Words that are there to be copied. */
export function toCopy(text: string): JSX.Element {
  return h('pre', { class: 'copy', ...scrolling('To copy') }, text)
}

/** What may be wider or longer than its place is moved by itself, also from a keyboard. */
export function scrolling(label: string): { role: 'group'; tabIndex: 0; 'aria-label': string } {
  return { role: 'group', tabIndex: 0, 'aria-label': label }
}

/** A part of the page; nothing when there is nothing in it. */
export function section(
  id: string,
  title: string,
  children: readonly (JSX.Element | null)[],
  remark: string | null = null,
): Part | null {
  const held = children.filter((child) => child !== null)
  if (held.length === 0) return null
  const heading = h('h2', { id: `${id}-title` }, title, remark === null ? null : h('span', { class: 'remark' }, remark))
  return { id, title, node: h('section', { id, 'aria-labelledby': `${id}-title` }, heading, ...held) }
}

export interface Part {
  readonly id: string
  readonly title: string
  readonly node: JSX.Element
}

/** Folded away until somebody asks for it; printed in full. */
export function folded(summary: ComponentChildren, ...children: ComponentChildren[]): JSX.Element {
  return h('details', null, h('summary', null, summary), ...children)
}
