import fc from 'fast-check'

type Text = fc.Arbitrary<string>

const join = (...parts: readonly (Text | string)[]): Text =>
  fc.tuple(...parts.map((part) => (typeof part === 'string' ? fc.constant(part) : part))).map((all) => all.join(''))
const one = (...texts: readonly string[]): Text => fc.constantFrom(...texts)

interface Parts {
  readonly integer: Text
  readonly number: Text
  readonly text: Text
  readonly condition: Text
  readonly any: Text
}

/** Expressions over columns given by name: `column('i')` is how to say it. */
export function expressions(column: (name: string) => string, depth: number, subquery: Text | null): Parts {
  const col = (...names: readonly string[]): Text => one(...names.map(column))
  const parts: unknown = fc.letrec((tie) => {
    const [integer, number, text, condition, any] = [
      tie('integer'),
      tie('number'),
      tie('text'),
      tie('condition'),
      tie('any'),
    ] as unknown as [Text, Text, Text, Text, Text]
    const comparison = one(' = ', ' <> ', ' < ', ' <= ', ' > ', ' >= ', ' is ', ' is not ', ' == ')
    return {
      integer: fc.oneof(
        { maxDepth: depth, withCrossShrink: true },
        { weight: 6, arbitrary: col('i', 'k', 'big', 'b') },
        one('0', '1', '2', '5', '-1', '100'),
        join('(', integer, one(' + ', ' - ', ' * ', ' / ', ' % ', ' & ', ' | '), integer, ')'),
        join('(- ', integer, ')'),
        join('abs(', integer, ')'),
        join('length(', fc.oneof(text, integer), ')'),
        join('coalesce(', integer, ', ', integer, ')'),
        join('nullif(', integer, ', ', integer, ')'),
        join(one('max(', 'min('), integer, ', ', integer, ')'),
        join('iif(', condition, ', ', integer, ', ', integer, ')'),
        join('cast(', fc.oneof(number, text), ' as ', one('integer', 'int'), ')'),
        join('instr(', text, ", 'a')"),
        join('(', condition, ')'),
        join(one('unixepoch(', "1000 * strftime('%s', "), col('day', 'at', 'ts'), ')'),
        ...(subquery ? [subquery] : []),
      ),
      number: fc.oneof(
        { maxDepth: depth, withCrossShrink: true },
        { weight: 4, arbitrary: integer },
        { weight: 4, arbitrary: col('n', 'd', 'i') },
        one('0.5', '2.0', '1e3', 'null'),
        join('(', number, one(' + ', ' - ', ' * ', ' / '), number, ')'),
        join('(- ', number, ')'),
        join('abs(', number, ')'),
        join('round(', number, one(')', ', 1)', ', 2)', ', 4)', ', 7)')),
        join('coalesce(', number, ', ', number, ')'),
        join('nullif(', number, ', ', number, ')'),
        join(one('max(', 'min('), number, ', ', number, ')'),
        join('case when ', condition, ' then ', number, ' else ', number, ' end'),
        join('cast(', fc.oneof(number, text), ' as real)'),
        { weight: 1, arbitrary: join('(', text, one(' + ', ' * '), number, ')') },
        join('julianday(', col('day', 'at', 'ts'), ')'),
      ),
      text: fc.oneof(
        { maxDepth: depth, withCrossShrink: true },
        { weight: 4, arbitrary: col('t', 'u', 's', 'ts', 'day', 'at', 't') },
        one("''", "'a'", "'abc'", "'ABC'", "'5'", "'2024-01-01'", "'2024-01-01 00:00:00'", 'null'),
        join('(', text, ' || ', fc.oneof(text, col('i', 'k')), ')'),
        join(one('lower(', 'upper(', 'trim(', 'ltrim(', 'rtrim(', 'hex('), text, ')'),
        join('substr(', text, one(', 1, 2)', ', 2)', ', 1)', ', 3, 4)')),
        join('replace(', text, ", 'a', 'b')"),
        join('coalesce(', text, ', ', text, ')'),
        join('cast(', integer, ' as text)'),
        join('case when ', condition, ' then ', text, ' else ', text, ' end'),
        join(
          one('date(', 'datetime(', 'time(', "strftime('%Y-%m', ", "strftime('%d/%H', ", "strftime('%j %w', "),
          col('day', 'at', 'ts', 't', 'i'),
          one(')', ", '+1 day')", ", '-36 hours')", ", 'start of month')", ", 'start of year')", ", 'unixepoch')"),
        ),
        join(one("printf('%d', ", "printf('%03d', ", "printf('%s!', "), integer, ')'),
        join("printf('<%s>', ", text, ')'),
        join(one('max(', 'min('), text, ', ', text, ')'),
      ),
      condition: fc.oneof(
        { maxDepth: depth, withCrossShrink: true },
        join(number, comparison, number),
        join(text, comparison, text),
        join(col('i', 'k', 'b'), comparison, col('t', 'ts', 'u')),
        join(integer, comparison, col('t')),
        join(any, one(' is null', ' is not null', ' notnull')),
        join('(', condition, one(' and ', ' or '), condition, ')'),
        join('not (', condition, ')'),
        join(number, ' between ', number, ' and ', number),
        join(text, ' between ', text, ' and ', text),
        join(text, one(' like ', ' not like ', ' glob '), one("'a%'", "'%B%'", "'?'", "'*a'", "'_'", "'20%'")),
        join(
          fc.oneof(number, text),
          one(' in (', ' not in ('),
          fc.oneof(number, text),
          ', ',
          fc.oneof(number, text),
          ')',
        ),
        join('(', condition, ') is ', one('true', 'not true', 'false')),
        join(text, ' collate nocase', comparison, text),
        number,
      ),
      any: fc.oneof(number, text, col('x', 'o', 'b', 'day', 'at')),
    }
  })
  return parts as Parts
}

/** Small SELECTs over the tables `t` and `w` of the sample: joins, groups, windows, compounds, subqueries, common tables. */
export function randomQuery(names: readonly string[]): Text {
  const bare = (name: string): string => name
  const ofT = (name: string): string => `t.${name}`
  const ofW = (name: string): string => (name === 'k' ? 'w.k' : `w.w${name}`)
  const inner = expressions(ofW, 2, null)
  const subquery = fc.oneof(
    join(
      '(select ',
      one('count(*)', 'max(w.wi)', 'sum(w.k)', 'min(w.wn)', 'count(w.wt)'),
      ' from w where ',
      inner.condition,
      ' and w.k ',
      one('=', '<', '>='),
      ' t.k)',
    ),
    join('(select ', inner.number, ' from w where w.k = t.', one('k', 'i'), ')'),
    join('exists (select 1 from w where w.k = t.k and ', inner.condition, ')'),
    join(
      one('t.i', 't.t', 't.day', 't.k', 't.big'),
      one(' in ', ' not in '),
      '(select w.',
      one('wi', 'wt', 'wday', 'k', 'wbig'),
      ' from w where ',
      inner.condition,
      ')',
    ),
  )
  const single = expressions(bare, 3, null)
  const correlated = expressions(ofT, 3, subquery)
  const joined = expressions(
    (name) => (name.length % 2 === 0 || name === 'b' || name === 'n' ? ofW(name) : ofT(name)),
    3,
    null,
  )
  const value = (parts: Parts): Text => fc.oneof(parts.any, parts.number, parts.text, parts.condition)
  const list = (parts: Parts): Text =>
    fc
      .array(value(parts), { minLength: 1, maxLength: 3 })
      .map((all) => all.map((each, at) => `${each} as c${at}`).join(', '))
  const from = one(
    't join w on w.k = t.k',
    't left join w on t.k = w.k and w.wi > 0',
    't left join w using (k)',
    't, w where t.k = w.k',
    't join w using (k)',
    't natural join w',
    'w left join t on t.k = w.k',
    't left outer join (select k, max(wi) as wi, count(*) as wbig, wb, wn, wt, wu, wday, wat, ws, wd, wx, wo, wts from w group by k) as w on w.k = t.k',
    '(select * from w where wi > 0) as w join t on t.t = w.wt',
    'w cross join t',
  )
  const joinQuery = fc
    .tuple(list(joined), from, joined.condition)
    .map(
      ([results, tables, condition]) =>
        `select ${results} from ${tables} ${tables.includes(' where ') ? 'and' : 'where'} ${condition}`,
    )
  const aggregate = (parts: Parts): Text =>
    fc.oneof(
      one('count(*)'),
      join(
        one('count(', 'sum(', 'avg(', 'total(', 'min(', 'max(', 'count(distinct ', 'sum(distinct '),
        parts.number,
        ')',
      ),
      join(one('min(', 'max(', 'count(', 'count(distinct '), fc.oneof(parts.text, one('day', 'at', 's')), ')'),
      join('count(*) filter (where ', parts.condition, ')'),
      join('coalesce(sum(', parts.number, '), 0)'),
    )
  const grouping = fc.oneof(value(single), one(...names), one(...names))
  const grouped = fc
    .tuple(
      fc.array(grouping, { minLength: 0, maxLength: 2 }),
      fc.array(aggregate(single), { minLength: 1, maxLength: 3 }),
      single.condition,
      one('', ' having count(*) > 1', ' having max(i) > 0'),
    )
    .map(([keys, values, condition, having]) => {
      const by =
        keys.length === 0
          ? ''
          : ` group by ${keys.map((key, at) => (/^[-\d]/.test(key) ? `${at + 1}` : key)).join(', ')}`
      return `select ${[...keys, ...values].map((each, at) => `${each} as c${at}`).join(', ')} from t where ${condition}${by}${keys.length === 0 ? '' : having}`
    })
  const orderBy = fc
    .tuple(value(single), one('', ' desc', ' nulls last'))
    .map(([by, how]) => ` order by ${/^[-\d(]/.test(by) ? 'i' : by}${how}, id limit 7`)
  const window = fc
    .tuple(
      one(...names),
      value(single),
      one(
        'row_number()',
        'rank()',
        'sum(k)',
        'count(*)',
        'max(i)',
        'lag(k)',
        'lead(t, 2)',
        'first_value(i)',
        'avg(i)',
        'dense_rank()',
      ),
      one('', ' desc'),
    )
    .map(
      ([partition, by, name, how]) =>
        `select id, ${name} over (partition by ${partition} order by ${/^[-\d(]/.test(by) ? 'i' : by}${how}, id) as v from t`,
    )
  const compound = fc
    .tuple(
      value(single),
      one(' union ', ' union all ', ' except ', ' intersect '),
      value(inner),
      value(single),
      one(' union ', ' union all ', ' except '),
    )
    .map(([a, first, b, c, second]) => `select ${a} as c from t${first}select ${b} from w${second}select ${c} from t`)
  const common = fc
    .tuple(list(single), single.condition, one('c0', 'count(*)', 'max(c0)', "c0 || 'x'", 'c0 + 1', 'c0 = 5'))
    .map(
      ([results, condition, last]) =>
        `with q as (select ${results} from t where ${condition}) select ${last} as r from q${last.includes('*') || last.includes('max') ? '' : ' where c0 is not null'}`,
    )
  const recursive = one(
    'with recursive c(n) as (select 1 union all select n + 1 from c where n < 9) select n, (select count(*) from t where t.k = n) from c',
    'with recursive c(n, m) as (select k, wt from w where k = 1 union select c.n + 1, w.wt from c join w on w.k = c.n + 1) select * from c',
  )
  return fc.oneof(
    {
      weight: 4,
      arbitrary: fc
        .tuple(list(single), single.condition)
        .map(([results, condition]) => `select ${results} from t where ${condition}`),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(list(correlated), correlated.condition)
        .map(([results, condition]) => `select ${results} from t where ${condition}`),
    },
    { weight: 3, arbitrary: joinQuery },
    { weight: 4, arbitrary: grouped },
    {
      weight: 1,
      arbitrary: fc.tuple(list(single), orderBy).map(([results, order]) => `select ${results} from t${order}`),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(list(single), single.condition)
        .map(([results, condition]) => `select distinct ${results} from t where ${condition}`),
    },
    { weight: 1, arbitrary: window },
    { weight: 1, arbitrary: compound },
    { weight: 1, arbitrary: common },
    { weight: 1, arbitrary: recursive },
  )
}
