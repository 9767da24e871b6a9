// Installs each packed package like a stranger: alone, in an empty folder, from its tarball.
import { execFile } from 'node:child_process'
import { access, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { readMembers, root, type Member } from './workspace.ts'

const run = promisify(execFile)
const npm = ['--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error', '--prefer-offline']
const work = await mkdtemp(join(tmpdir(), 'rowferry-packed-'))

try {
  const wanted = process.argv.slice(2)
  const members = readMembers().filter(({ manifest }) => !manifest.private)
  const tarballs = new Map<string, string>()
  for (const { folder, manifest } of members) {
    const tarball = join(work, `${manifest.name.replaceAll(/[@/]/g, '_')}.tgz`)
    await run('pnpm', ['pack', '--out', tarball], { cwd: join(root, folder) })
    tarballs.set(manifest.name, `file:${tarball}`)
  }
  let failed = 0
  for (const member of members) {
    if (wanted.length > 0 && !wanted.includes(member.tag)) continue
    try {
      console.log(`${member.manifest.name}: ${(await visit(member, tarballs)).join(', ')}`)
    } catch (error) {
      failed += 1
      console.error(`${member.manifest.name}: FAILED\n${describe(error)}`)
    }
  }
  if (failed > 0) process.exitCode = 1
} finally {
  await rm(work, { recursive: true, force: true })
}

async function visit({ tag, manifest }: Member, tarballs: ReadonlyMap<string, string>): Promise<readonly string[]> {
  const { name, exports = {}, bin = {} } = manifest
  const folder = join(work, tag)
  const { [name]: own = '', ...others } = Object.fromEntries(tarballs)
  await mkdir(folder)
  await writeFile(
    join(folder, 'package.json'),
    JSON.stringify({ private: true, type: 'module', dependencies: { [name]: own }, overrides: others }),
  )
  await run('npm', ['install', ...npm], { cwd: folder })
  const done = ['installed']

  const modules = Object.keys(exports).filter((subpath) => subpath !== './package.json')
  for (const subpath of modules) {
    const specifier = name + subpath.slice(1)
    await run('node', ['--input-type=module', '--eval', `await import(${JSON.stringify(specifier)})`], { cwd: folder })
    done.push(`import ${specifier}`)
  }
  for (const command of Object.keys(bin)) {
    await run(join(folder, 'node_modules/.bin', command), ['--help'], { cwd: folder })
    done.push(`${command} --help`)
  }
  const example = firstExample(await readOptional(join(folder, 'node_modules', name, 'README.md')))
  if (example) {
    const file = `readme.${example.language}`
    await writeFile(join(folder, file), example.code)
    await run('node', [file], { cwd: folder })
    done.push('README runs')
  }
  return done
}

/** The first block of code that the README promises to run. */
function firstExample(readme: string): { readonly language: string; readonly code: string } | undefined {
  const match = /<!-- runs -->\s*```(?<language>ts|js)\n(?<code>.*?)\n```/s.exec(readme)
  const { language, code } = match?.groups ?? {}
  return language !== undefined && code !== undefined ? { language, code } : undefined
}

async function readOptional(file: string): Promise<string> {
  try {
    await access(file)
  } catch {
    return ''
  }
  return readFile(file, 'utf8')
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return 'stderr' in error && typeof error.stderr === 'string' && error.stderr ? error.stderr : error.message
}
