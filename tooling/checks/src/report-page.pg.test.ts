import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createDatabase } from '@rowferry/vitest-preset/database'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { root } from './workspace.ts'

const page = readFileSync(join(root, 'docs/report.md'), 'utf8')

/** Blocks under a mark such as `<!-- runs: name -->`, by their names. */
function blocks(mark: string): Map<string, string> {
  const pattern = new RegExp(`<!-- ${mark}: ([\\w.]+) -->\\s*\`\`\`\\w+\\n(.*?)\`\`\``, 'gs')
  return new Map([...page.matchAll(pattern)].map(([, name, text]) => [name!, text!]))
}

test(
  'the blocks of docs/report.md run one after the other, and print what they say',
  { timeout: 120_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rowferry-report-'))
    await using target = await createDatabase()
    try {
      const file = new Database(join(folder, 'school.db'))
      file.exec(`create table classes (id integer primary key, name text not null);
      create table pupils (id integer primary key, class integer references classes, name text not null, joined date);
      with recursive n(i) as (select 1 union all select i + 1 from n where i < 200) insert into classes select i, 'class ' || i from n;
      with recursive n(i) as (select 1 union all select i + 1 from n where i < 250) insert into pupils select i, 1 + i % 200, 'pupil ' || i, '2024-02-29' from n`)
      file.close()
      for (const [name, text] of blocks('file')) writeFileSync(join(folder, name), text)
      const bin = `"${process.execPath}" --conditions=@rowferry/source "${join(root, 'apps/cli/src/bin.ts')}"`
      const printed = new Map<string, string>()
      for (const [name, command] of blocks('runs')) {
        const script = `rowferry() { ${bin} "$@"; }\nnode() { "${process.execPath}" "$@"; }\n${command}`
        const { stdout } = await promisify(execFile)('sh', ['-euc', script], {
          cwd: folder,
          env: { ...process.env, DATABASE_URL: target.url, NO_COLOR: '1' },
        })
        printed.set(name, stdout)
      }
      expect([...printed.keys()]).toEqual(['page', 'json', 'events'])
      for (const [name, text] of blocks('prints')) expect(printed.get(name)).toBe(text)
      for (const [name, title] of [
        ['report', 'Done'],
        ['plan', 'Planned'],
        ['verified', 'Equal'],
      ])
        expect(readFileSync(join(folder, `${name}.html`), 'utf8')).toContain(`<title>${title}: school.db`)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
)
