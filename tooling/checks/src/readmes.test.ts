import { execFile } from 'node:child_process'
import { existsSync, globSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, describe, expect, test } from 'vitest'
import { firstExample } from './example.ts'
import { read, readMembers, root } from './workspace.ts'
import type { Member } from './workspace.ts'

const run = promisify(execFile)
const work = mkdtempSync(join(tmpdir(), 'rowferry-readmes-'))
afterAll(() => rmSync(work, { recursive: true, force: true }))

/** A folder in which only the package and what it depends on can be imported, as where a stranger installed it. */
function install({ tag, folder, manifest }: Member): string {
  const home = join(work, tag)
  const link = (name: string, to: string): void => {
    const from = join(home, 'node_modules', name)
    mkdirSync(dirname(from), { recursive: true })
    symlinkSync(to, from, 'dir')
  }
  link(manifest.name, join(root, folder))
  for (const name of Object.keys(manifest.dependencies ?? {})) link(name, join(root, folder, 'node_modules', name))
  writeFileSync(join(home, 'package.json'), '{ "type": "module" }')
  return home
}

describe.concurrent('the first block of', () => {
  test.for(readMembers())('$folder/README.md runs', { timeout: 60_000 }, async (member) => {
    const example = firstExample(read(`${member.folder}/README.md`))
    if (example === undefined) throw new Error('No block follows <!-- runs -->')
    const home = install(member)
    writeFileSync(join(home, example.file), example.code)
    const ran = run(process.execPath, ['--conditions=@rowferry/source', example.file], { cwd: home })
    await expect(ran).resolves.toHaveProperty('stdout')
  })
})

const pages = globSync(['*.md', '{docs,packages,apps}/**/*.md'], {
  cwd: root,
  exclude: (name) => name === 'node_modules' || name === 'dist',
})

test.for(pages)('%s links to what is there', (page) => {
  const links = [...read(page).matchAll(/\]\((?!https?:|#)(?<to>[^)#\s]+)/g)].flatMap(
    ({ groups }) => groups?.['to'] ?? [],
  )
  expect(links.filter((to) => !existsSync(join(root, dirname(page), to)))).toEqual([])
})
