import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  each,
  parseCast,
  parseColumn,
  parseCount,
  parseEpoch,
  parseFill,
  parseMap,
  parseRename,
} from './parse-option.ts'

describe('--map', () => {
  test.each([
    ['users.role:INDIVIDUAL=STUDENT', { column: 'users.role', from: 'INDIVIDUAL', to: 'STUDENT' }],
    ['users.role:=STUDENT', { column: 'users.role', from: '', to: 'STUDENT' }],
    ['users.role:OLD=', { column: 'users.role', from: 'OLD', to: '' }],
    [String.raw`users.role:OLD=\N`, { column: 'users.role', from: 'OLD', to: null }],
    [String.raw`users.role:OLD=\\N`, { column: 'users.role', from: 'OLD', to: String.raw`\N` }],
    [String.raw`users.path:C:\a=D:\b=c`, { column: 'users.path', from: String.raw`C:\a`, to: String.raw`D:\b=c` }],
    ['logs.text:two\nlines=one', { column: 'logs.text', from: 'two\nlines', to: 'one' }],
  ])('%j', (text, rule) => {
    expect(parseMap(text)).toEqual(rule)
  })

  test.each(['users.role', 'users.role=STUDENT', 'role:A=B', '.role:A=B', ''])('refuses %j', (text) => {
    expect(() => parseMap(text)).toThrow(/table\.column/)
  })

  test('carries every value over that the form can hold', () => {
    const from = fc.string({ unit: 'binary' }).filter((text) => !text.includes('='))
    fc.assert(
      fc.property(from, fc.string({ unit: 'binary' }), (old, now) => {
        const written = now === String.raw`\N` ? String.raw`\\N` : now
        fc.pre(now !== String.raw`\\N`)
        expect(parseMap(`t.c:${old}=${written}`)).toEqual({ column: 't.c', from: old, to: now })
      }),
    )
  })
})

test('--epoch', () => {
  expect(parseEpoch('users.created_at=ms')).toEqual({ column: 'users.created_at', unit: 'ms' })
  expect(parseEpoch('a.b=c=s')).toEqual({ column: 'a.b=c', unit: 's' })
  for (const wrong of ['users.created_at', 'users.created_at=h', 'created_at=s'])
    expect(() => parseEpoch(wrong)).toThrow(/table\.column|has no table/)
})

test('--cast', () => {
  expect(parseCast('orders.total=numeric(12,2)')).toEqual({ column: 'orders.total', type: 'numeric(12,2)' })
  expect(parseCast('declared:MONEY*= text')).toEqual({ declared: 'MONEY*', type: 'text' })
  for (const wrong of ['orders.total', 'orders.total=', '=text', 'total=text', 'declared:=text'])
    expect(() => parseCast(wrong)).toThrow(/table\.column/)
})

describe('--fill', () => {
  test.each([
    ['users.active=true', { column: 'users.active', value: 'true' }],
    ['users.note=', { column: 'users.note', value: '' }],
    ['users.note=a=b', { column: 'users.note', value: 'a=b' }],
    [String.raw`users.note=\N`, { column: 'users.note', value: null }],
    [String.raw`users.note=\\N`, { column: 'users.note', value: String.raw`\N` }],
  ])('%j', (text, rule) => {
    expect(parseFill(text)).toEqual(rule)
  })

  test.each(['users.active', 'active=true', '=true', ''])('refuses %j', (text) => {
    expect(() => parseFill(text)).toThrow(/table\.column/)
  })

  test('carries every value over', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        fc.pre(!value.endsWith(String.raw`\N`))
        expect(parseFill(`t.c=${value}`)).toEqual({ column: 't.c', value })
      }),
    )
  })
})

test('--rename', () => {
  expect(parseRename('Users=users')).toEqual({ from: 'Users', to: 'users' })
  expect(parseRename('Users.isActive=is_active')).toEqual({ from: 'Users.isActive', to: 'is_active' })
  for (const wrong of ['Users', '=users', 'Users=', '']) expect(() => parseRename(wrong)).toThrow(/Old=new/)
})

test('columns and counts', () => {
  expect(parseColumn('orders.total')).toBe('orders.total')
  expect(() => parseColumn('total')).toThrow(/has no table/)
  expect(parseCount('1000')).toBe(1000)
  for (const wrong of ['0', '-1', '1.5', '1e3', 'many', '', '99999999999999999999'])
    expect(() => parseCount(wrong)).toThrow(/whole number/)
})

test('a repeatable option keeps all of its values', () => {
  const collect = each(parseColumn)
  expect(collect('a.c', collect('a.b', undefined))).toEqual(['a.b', 'a.c'])
})
