// Meets each packed package as a stranger does: alone, in an empty folder, from its tarball, on plain Node.js.
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { firstExample } from './example.ts'
import { readMembers, root } from './workspace.ts'
import type { Member } from './workspace.ts'

const run = promisify(execFile)
const supported = ['22', '24'] as const
const tooOld = '20'

/** Where one package was installed, and what to run it with. */
interface Visit {
  readonly member: Member
  readonly folder: string
  readonly node: (version: string, command: string, ...args: readonly string[]) => Promise<Outcome>
}

interface Outcome {
  readonly code: number | string
  readonly stdout: string
  readonly stderr: string
}

const work = await mkdtemp(join(tmpdir(), 'rowferry-packed-'))
process.once('SIGINT', () => void rm(work, { recursive: true, force: true }).then(() => process.exit(130)))
try {
  const wanted = process.argv.slice(2)
  const members = readMembers().filter(({ manifest }) => !manifest.private)
  const binaries = await fetchNode([...supported, tooOld])
  const tarballs = new Map(await inPairs(members, pack))
  const rows = await inPairs(
    members.filter(({ tag }) => wanted.length === 0 || wanted.includes(tag)),
    (member) => report(member, tarballs, binaries),
  )
  console.table(Object.fromEntries(rows))
} finally {
  await rm(work, { recursive: true, force: true })
}

async function fetchNode(versions: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const binaries = new Map<string, string>()
  for (const version of versions) {
    const { stdout } = await run('npx', ['--yes', '-p', `node@${version}`, 'node', '-p', 'process.execPath'])
    binaries.set(version, stdout.trim())
  }
  return binaries
}

async function pack({ folder, manifest }: Member): Promise<readonly [name: string, tarball: string]> {
  const tarball = join(work, `${manifest.name.replaceAll(/[@/]/g, '_')}.tgz`)
  await run('pnpm', ['pack', '--out', tarball], { cwd: join(root, folder) })
  return [manifest.name, `file:${tarball}`]
}

async function report(
  member: Member,
  tarballs: ReadonlyMap<string, string>,
  binaries: ReadonlyMap<string, string>,
): Promise<readonly [name: string, cells: Readonly<Record<string, string>>]> {
  const { name } = member.manifest
  const cells: Record<string, string> = {}
  const check = async (title: string, look: () => Promise<string | undefined>): Promise<boolean> => {
    try {
      const seen = await look()
      if (seen !== undefined) cells[title] = seen
      return true
    } catch (error) {
      cells[title] = 'FAILED'
      process.exitCode = 1
      console.error(`${name}, ${title}: ${error instanceof Error ? error.message : String(error)}\n`)
      return false
    }
  }
  const visit = prepare(member, binaries)
  if (await check('install', () => install(visit, tarballs))) {
    for (const version of supported) {
      await check(`import ${version}`, () => importAll(visit, version))
      await check(`README ${version}`, () => runReadme(visit, version))
      await check(`commands ${version}`, () => runCommands(visit, version))
    }
    await check(`commands ${tooOld}`, () => meetOldNode(visit))
  }
  return [name, cells]
}

function prepare(member: Member, binaries: ReadonlyMap<string, string>): Visit {
  const folder = join(work, member.tag)
  const node: Visit['node'] = async (version, command, ...args) => {
    const binary = binaries.get(version) ?? 'node'
    const env = { ...process.env, NODE_OPTIONS: '', PATH: [dirname(binary), process.env['PATH']].join(delimiter) }
    try {
      const { stdout, stderr } = await run(command, args, { cwd: folder, env, timeout: 120_000 })
      return { code: 0, stdout, stderr }
    } catch (error) {
      if (!(error instanceof Error) || !('code' in error) || !('stderr' in error)) throw error
      const { code, signal, stdout, stderr } = error as Error & Outcome & { readonly signal: string | null }
      return { code: signal ?? code, stdout, stderr }
    }
  }
  return { member, folder, node }
}

async function install({ member, folder }: Visit, tarballs: ReadonlyMap<string, string>): Promise<string> {
  const { name } = member.manifest
  const { [name]: own = '', ...others } = Object.fromEntries(tarballs)
  await mkdir(folder)
  await writeFile(
    join(folder, 'package.json'),
    JSON.stringify({ private: true, type: 'module', dependencies: { [name]: own }, overrides: others }),
  )
  await run('npm', ['install', '--no-audit', '--no-fund', '--no-update-notifier', '--prefer-offline'], { cwd: folder })
  return 'ok'
}

async function importAll({ member, node }: Visit, version: string): Promise<string> {
  const { name, exports = {} } = member.manifest
  const subpaths = Object.keys(exports).filter((subpath) => subpath !== './package.json')
  for (const subpath of subpaths) {
    const specifier = JSON.stringify(name + subpath.slice(1))
    succeeded(await node(version, 'node', '--input-type=module', '--eval', `await import(${specifier})`))
  }
  return 'ok'
}

async function runReadme({ member, folder, node }: Visit, version: string): Promise<string> {
  const example = firstExample(await readFile(join(folder, 'node_modules', member.manifest.name, 'README.md'), 'utf8'))
  if (example === undefined) throw new Error('no block follows <!-- runs -->')
  await writeFile(join(folder, example.file), example.code)
  succeeded(await node(version, 'node', example.file))
  return 'ok'
}

async function runCommands({ member, folder, node }: Visit, version: string): Promise<string | undefined> {
  const { bin = {} } = member.manifest
  for (const command of Object.keys(bin)) {
    const { stdout: help } = succeeded(await node(version, installed(folder, command), '--help'))
    if (!help.includes(command)) throw new Error(`${command} --help says nothing about ${command}`)
    const { stdout: said } = succeeded(await node(version, installed(folder, command), '--version'))
    if (!/^\d+\.\d+\.\d+/.test(said)) throw new Error(`${command} --version says ${said}`)
  }
  return Object.keys(bin).length > 0 ? 'ok' : undefined
}

/** A Node.js that the native parts would crash must be told, not met by a segmentation fault. */
async function meetOldNode({ member, folder, node }: Visit): Promise<string | undefined> {
  const { bin = {} } = member.manifest
  for (const command of Object.keys(bin)) {
    const { code, stderr } = await node(tooOld, installed(folder, command), '--version')
    if (code !== 1 || !stderr.includes('NODE_UNSUPPORTED')) throw new Error(`${command} ended with ${code}: ${stderr}`)
  }
  return Object.keys(bin).length > 0 ? 'refused' : undefined
}

function installed(folder: string, command: string): string {
  const file = join(folder, 'node_modules/.bin', command)
  if (!existsSync(file)) throw new Error(`npm installed no command ${command}`)
  return file
}

function succeeded(outcome: Outcome): Outcome {
  if (outcome.code !== 0) throw new Error(`ended with ${outcome.code}: ${outcome.stderr || outcome.stdout}`)
  return outcome
}

/** In order, two at a time: npm and its disk gain nothing from more. */
async function inPairs<Item, Result>(
  items: readonly Item[],
  visit: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = []
  for (let index = 0; index < items.length; index += 2) {
    results.push(...(await Promise.all(items.slice(index, index + 2).map(visit))))
  }
  return results
}
