import { globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { readImports } from './imports.ts'

export const root = join(import.meta.dirname, '../../..')

interface Manifest {
  readonly name: string
  readonly private?: boolean
  readonly exports?: Readonly<Record<string, unknown>>
  readonly bin?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

/** One import of a package of ours by another. */
interface Arrow {
  readonly file: string
  readonly to: string
  readonly runtime: boolean
  readonly test: boolean
}

export interface Member {
  /** The folder's name, by which docs and boundary tags call it. */
  readonly tag: string
  readonly folder: string
  readonly manifest: Manifest
  readonly arrows: readonly Arrow[]
}

/** The packages and apps: all that is published. */
export function readMembers(): readonly Member[] {
  const folders = globSync('{packages,apps}/*/package.json', { cwd: root }).map((file) => dirname(file))
  const manifests = new Map(folders.map((folder) => [folder, readJson(join(folder, 'package.json')) as Manifest]))
  const tags = new Map([...manifests].map(([folder, { name }]) => [name, basename(folder)]))
  return [...manifests]
    .map(([folder, manifest]) => ({
      tag: basename(folder),
      folder,
      manifest,
      arrows: globSync(`${folder}/{src,test}/**/*.ts`, { cwd: root }).flatMap((file) => readArrows(file, tags)),
    }))
    .toSorted((a, b) => a.tag.localeCompare(b.tag))
}

function readArrows(file: string, tags: ReadonlyMap<string, string>): readonly Arrow[] {
  const test = /\.test\.ts$|\/test\//.test(file)
  return readImports(file, read(file)).flatMap(({ specifier, runtime }) => {
    const to = tags.get(packageName(specifier))
    return to === undefined ? [] : [{ file, to, runtime, test }]
  })
}

function packageName(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

export function read(file: string): string {
  return readFileSync(join(root, file), 'utf8')
}

export function readJson(file: string): unknown {
  return JSON.parse(read(file))
}
