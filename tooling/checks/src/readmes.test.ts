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
const sources = ['--conditions=@rowferry/source']
const work = mkdtempSync(join(tmpdir(), 'rowferry-readmes-'))
afterAll(() => rmSync(work, { recursive: true, force: true }))

const members = readMembers()

/** A folder in which the package, and what npm would bring along, can be imported: as where a stranger installed it. */
function install({ tag, folder, manifest }: Member): string {
  const home = join(work, tag)
  mkdirSync(join(home, 'node_modules/.bin'), { recursive: true })
  writeFileSync(join(home, 'package.json'), '{ "type": "module" }')
  const brought = new Map([[manifest.name, join(root, folder)]])
  for (const [name, place] of brought) {
    const member = members.find((each) => each.manifest.name === name)
    for (const dependency of Object.keys(member?.manifest.dependencies ?? {})) {
      if (!brought.has(dependency)) brought.set(dependency, join(place, 'node_modules', dependency))
    }
  }
  for (const [name, place] of brought) {
    const link = join(home, 'node_modules', name)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(place, link, 'dir')
  }
  for (const command of Object.keys(manifest.bin ?? {})) {
    const start = ['exec', process.execPath, ...sources, join(root, folder, 'src/bin.ts'), '"$@"']
    writeFileSync(join(home, 'node_modules/.bin', command), `#!/bin/sh\n${start.join(' ')}\n`, { mode: 0o755 })
  }
  return home
}

describe.concurrent('the first block of', () => {
  test.for(members)('$folder/README.md runs', { timeout: 120_000 }, async (member) => {
    const example = firstExample(read(`${member.folder}/README.md`))
    if (example === undefined) throw new Error('No block follows <!-- runs -->')
    const home = install(member)
    writeFileSync(join(home, example.file), example.code)
    const ended = await run(process.execPath, [...sources, example.file], { cwd: home }).then(
      () => 'well',
      (error: Error) => error.message,
    )
    expect(ended).toBe('well')
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
