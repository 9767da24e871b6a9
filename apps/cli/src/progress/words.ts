import type { Phase } from '@rowferry/migrate'

/** What each phase does, in words for a person. */
export const phaseWords: Readonly<Record<Phase, string>> = {
  open: 'opening both databases',
  plan: 'planning',
  check: 'checking every value',
  'pre-data': 'preparing the target tables',
  data: 'loading',
  'post-data': 'building indexes and checking constraints',
  verify: 'reading everything back and comparing',
  sequences: 'moving sequences past the last used ids',
  commit: 'committing',
  rollback: 'rolling back',
}

export function formatCount(count: number): string {
  return count.toLocaleString('en-US')
}

/** Rounded for reading: `0.4 s`, `3 min 20 s`, `2 h 5 min`. */
export function formatDuration(ms: number): string {
  if (ms < 99_950) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  return seconds < 3600 ? `${Math.floor(seconds / 60)} min ${seconds % 60} s` : `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`
}
