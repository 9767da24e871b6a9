import fc from 'fast-check'
import { expect, test } from 'vitest'
import { finding } from '../../test/reports.ts'
import { settle } from './settle.ts'

const at = (remedy: string | null, given: Parameters<typeof finding>[0] = {}) =>
  finding({ remedy, verdict: null, ...given })

test.each([
  ['--case snake', ['--case snake']],
  [
    "--case snake --rename 'Regions=region' --rename 'it'\\''s=x'",
    ['--case snake', "--rename 'Regions=region'", "--rename 'it'\\''s=x'"],
  ],
  ["--cast 't.a=text'", ["--cast 't.a=text'"]],
  ["--epoch 't.a=ms'", ["--epoch 't.a=ms'"]],
])('needs no choice: %s', (remedy, options) => {
  expect(settle([at(remedy)])).toMatchObject({ options, choices: [] })
})

test.each([
  [null],
  ["--map 'users.role:INDIVIDUAL=<label>'"],
  ["--map 'users.role:INDIVIDUAL=STUDENT'"],
  ["--rename 'a=…'"],
  ["--rename 'a=<name>'"],
  ["--epoch 't.a=ms', or --epoch 't.a=s'"],
  ["--cast 't.a=text', or jsonb"],
  ["--allow-lossy 't.a'"],
  ['--on-existing truncate, append, skip or merge'],
  ['mend the rows in the source, or --on-bad-row quarantine'],
  ['--case snake; rm -rf ~'],
  ['--case $(reboot)'],
])('needs a choice: %s', (remedy) => {
  const found = at(remedy)
  expect(settle([found])).toEqual({ options: [], settled: [], choices: [found] })
})

test('an option that loses something is for a person to accept', () => {
  expect(settle([at("--cast 't.a=int4'", { verdict: 'lossy' })]).options).toEqual([])
})

test('the same option is said once, and two that contradict each other not at all', () => {
  expect(settle([at('--case snake'), at('--case snake')]).options).toEqual(['--case snake'])
  const [snake, lower, cast] = [at('--case snake'), at('--case lower'), at("--cast 't.a=text'")]
  expect(settle([snake, lower, cast])).toEqual({
    options: ["--cast 't.a=text'"],
    settled: [cast],
    choices: [snake, lower],
  })
})

test('only refusals have to be settled', () => {
  expect(settle([at('--case snake', { severity: 'warning' })])).toEqual({ options: [], settled: [], choices: [] })
})

test('every refusal is settled or to be chosen, and options hold nothing that a shell would obey', () => {
  const word = fc.string({ maxLength: 12 })
  const remedy = fc.oneof(
    word,
    word.map((text) => `--rename '${text}'`),
    word.map((text) => `--case ${text}`),
  )
  fc.assert(
    fc.property(fc.array(remedy, { maxLength: 5 }), (texts) => {
      const { options, settled, choices } = settle(texts.map((text) => at(text)))
      const bare = options.map((option) => option.replaceAll(/'[^']*'|\\'/g, '')).join('')
      expect(settled.length + choices.length).toBe(texts.length)
      expect(bare).not.toMatch(/[;&|$`<>(){}*?!#~\n\\]/)
    }),
  )
})

test('a line for all stands for those that it says', () => {
  const all = at("--case snake --rename 'A=b'", { code: 'NAMES_DIFFER' })
  const one = at("--rename 'Users=users'", { code: 'TABLE_NAME_DIFFERS' })
  const open = at("--rename 'T=…'", { code: 'TABLE_NAME_DIFFERS' })
  expect(settle([one, open, all])).toEqual({
    options: ['--case snake', "--rename 'A=b'"],
    settled: [one, all],
    choices: [open],
  })
})

test('a record of migrations is left out without asking, any other table is not', () => {
  const remedy = "--exclude-tables 'a' 'it'\\''s'"
  expect(settle([at(remedy, { code: 'MIGRATION_RECORD' })]).options).toEqual([remedy])
  expect(settle([at(remedy, { code: 'TABLE_MISSING' })]).options).toEqual([])
})

test('a zone speaks for the whole run, so that it is offered where all evidence is for the same', () => {
  const utc = at('--timezone UTC', { code: 'TIMEZONE_NEEDED', column: 'a' })
  const open = at('name the zone whose clock it was: --timezone UTC, or Europe/Paris and the like', {
    code: 'TIMEZONE_NEEDED',
  })
  expect(settle([utc, { ...utc, column: 'b' }])).toMatchObject({ options: ['--timezone UTC'], choices: [] })
  expect(settle([utc, open])).toEqual({ options: [], settled: [], choices: [utc, open] })
})
