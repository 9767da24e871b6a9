export type { CrossingEvent, EventListener, Phase } from './events.ts'
export type { CrossingInput, CrossingOptions, CrossingOptionsInput, SourceRef, TargetAddress } from './options.ts'
export { crossingOptionsSchema } from './options.ts'
