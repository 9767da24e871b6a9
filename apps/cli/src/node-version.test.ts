import { expect, test } from 'vitest'
import manifest from '../package.json' with { type: 'json' }
import { unsupportedNode } from '@rowferry/migrate/node-version'

test.each([
  ['20.20.2', false],
  ['22.17.1', false],
  ['22.18.0', true],
  ['23.11.0', false],
  ['24.10.0', false],
  ['24.11.0', true],
  ['25.2.0', false],
  ['26.0.0', true],
  ['28.1.0', true],
])('Node.js %s: %s', (version, supported) => {
  expect(unsupportedNode(version) === null).toBe(supported)
})

test('package.json claims the same', () => {
  expect(manifest.engines.node).toBe('^22.18.0 || ^24.11.0 || >=26.0.0')
})
