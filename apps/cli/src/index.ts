import type { RowferryConfig } from './config-schema.ts'

export type { RowferryConfig } from './config-schema.ts'

/** Gives the settings in `rowferry.config.ts` their types; returns them as they are. */
export function defineConfig(config: RowferryConfig): RowferryConfig {
  return config
}
