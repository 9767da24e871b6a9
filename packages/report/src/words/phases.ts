/** What each phase does, in words for a person. */
const WORDS: Readonly<Record<string, string>> = {
  open: 'opening both databases',
  plan: 'planning',
  scan: 'looking at every value to choose its type',
  check: 'checking every value',
  lock: 'locking the target tables',
  'pre-data': 'preparing the target tables',
  data: 'loading',
  'post-data': 'building indexes and checking constraints',
  verify: 'reading everything back and comparing',
  views: 'making the views and comparing their rows',
  sequences: 'moving sequences past the last used ids',
  soundness: 'waiting until the source is known to be undamaged',
  commit: 'committing',
  rollback: 'rolling back',
}

/** What a phase does; its own name when nobody has said it better. */
export function phaseWords(phase: string): string {
  return WORDS[phase] ?? phase
}
