import { readFileSync } from 'node:fs'
import { crossingOptionsSchema } from '@rowferry/migrate'
import { expect, test } from 'vitest'
import { rowferry, rowferryHere } from '../test/command-line.ts'
import { decisionNames } from './crossing-options.ts'
import { buildProgram } from './program.ts'
import { renderReference } from './reference.ts'
import { renderSchema, schemas } from './schemas.ts'
import { createShell } from './shell.ts'

const { command: program } = buildProgram(createShell([], process), '1.2.3')

test('docs/cli.md is what the program says of itself', () => {
  expect(readFileSync(new URL('../../../docs/cli.md', import.meta.url), 'utf8')).toBe(renderReference(program))
})

test.each(Object.entries(schemas))('docs/schema/%s is what the program reads and writes', (name, schema) => {
  expect(readFileSync(new URL(`../../../docs/schema/${name}`, import.meta.url), 'utf8')).toBe(renderSchema(schema()))
})

test.each(['inspect', 'plan', 'migrate', 'verify', 'status', 'undo'])(
  '%s --help shows two examples that the program itself understands, and the exit codes',
  async (name) => {
    const { code, stdout } = await rowferryHere([name, '--help'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/130 {2}interrupted/)
    const examples = [...stdout.matchAll(/^ {2}rowferry (.*)$/gm)].map(([, line = '']) => line.replace(/ > .*$/, ''))
    expect(examples).toHaveLength(2)
    for (const example of examples) {
      const argv = [...example.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '')
      const command = program.commands.find((each) => each.name() === argv[0])
      expect(command?.parseOptions(argv.slice(1))).toMatchObject({ unknown: [] })
    }
  },
)

test('every decision of a crossing has an option of its name', () => {
  const configurable = Object.keys(crossingOptionsSchema.shape).filter((name) => !name.endsWith('TimeoutMs'))
  expect(Object.keys(decisionNames()).toSorted()).toEqual([...configurable, 'truncate'].toSorted())
})

test('completion knows commands, options and choices', async () => {
  const ask = async (...argv: string[]): Promise<string> => (await rowferry(argv, { cwd: process.cwd() })).stdout
  expect(await ask('completion', 'bash')).toContain('rowferry complete --')
  expect(await ask('complete', '--', '')).toMatch(/^migrate\t/m)
  expect(await ask('complete', '--', 'migrate', '--on-')).toMatch(/^--on-existing\t/m)
  expect(await ask('complete', '--', 'migrate', '--on-existing', '')).toMatch(/^merge\b/m)
})

test('the version', async () => {
  expect(await rowferryHere(['--version'])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+/) })
})
