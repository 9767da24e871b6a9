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
  views: 'making the views and comparing their rows',
  sequences: 'moving sequences past the last used ids',
  commit: 'committing',
  rollback: 'rolling back',
}
