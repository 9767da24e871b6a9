import type { EventListener } from '@rowferry/migrate'

/** Something that shows events while they come and can be told to be done. */
export interface Progress {
  readonly onEvent: EventListener
  /** Wipes what is only for the moment. */
  stop(): void
}

export const silent: Progress = { onEvent: () => {}, stop: () => {} }
