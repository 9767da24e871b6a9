import type { Options } from 'tsup'

export const library = (options: Options = {}): Options => ({
  entry: ['src/index.ts'],
  format: ['esm'],
  platform: 'node',
  target: 'node22',
  dts: true,
  sourcemap: true,
  clean: true,
  splitting: false,
  treeshake: true,
  ...options,
})
