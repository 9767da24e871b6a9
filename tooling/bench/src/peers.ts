import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Contender, Job } from './contender.ts'
import type { SetName, SetTable } from './data-sets.ts'
import { measureCommand } from './measure.ts'

/** Those of the other tools that are on this machine, with their versions. */
export function installedPeers(): readonly Contender[] {
  return [pgloader(), ogr2ogr(), pipe()].flatMap((peer) => peer ?? [])
}

/** With its own defaults it runs out of memory where rows are long. */
const prefetch: Readonly<Partial<Record<SetName, number>>> = { wide: 2000, text: 1000, blobs: 100 }

function pgloader(): Contender | null {
  const version = firstLine(['pgloader', '--version'])
  if (version === null) return null
  return {
    name: 'pgloader',
    about: version,
    takesPart: (_, scenario) => scenario !== 'bare',
    run(job) {
      const rows = prefetch[job.set.name]
      const into = job.scenario === 'existing' ? ['data only', 'drop indexes'] : []
      const script = [
        `LOAD DATABASE FROM sqlite://${job.source} INTO ${job.url}`,
        ...[[...into, ...(rows === undefined ? [] : [`prefetch rows = ${rows}`])].join(', ')].flatMap((options) =>
          options === '' ? [] : [`WITH ${options}`],
        ),
      ].join('\n')
      return measureCommand(job.server, ['pgloader', fileWith(job, 'pgloader.load', `${script};\n`)])
    },
  }
}

function ogr2ogr(): Contender | null {
  const version = firstLine(['ogr2ogr', '--version'])
  if (version === null) return null
  return {
    name: 'ogr2ogr',
    about: version,
    takesPart: (_, scenario) => scenario !== 'bare',
    run: (job) =>
      measureCommand(job.server, [
        'ogr2ogr',
        '--config',
        'PG_USE_COPY',
        'YES',
        '-f',
        'PostgreSQL',
        `PG:${keywords(job.url)}`,
        job.source,
        // Without it the column `id`, which it takes for its own, is left NULL
        ...(job.scenario === 'existing' ? ['-append', '-preserve_fid'] : []),
      ]),
  }
}

/** It appends words of its own, which a URL has no place for. */
function keywords(url: string): string {
  const { hostname, port, username, password, pathname } = new URL(url)
  const words = { host: hostname, port, user: username, password, dbname: pathname.slice(1) }
  return Object.entries(words)
    .filter(([, value]) => value !== '')
    .map(([word, value]) => `${word}='${decodeURIComponent(value)}'`)
    .join(' ')
}

/** CSV through a pipe, one COPY a table. REAL loses digits on this way. */
function pipe(): Contender | null {
  const versions = [firstLine(['sqlite3', '--version']), firstLine(['psql', '--version'])]
  if (versions.includes(null)) return null
  return {
    name: 'sqlite3 | psql',
    about: versions.map((version) => version!.split(' ').slice(0, 3).join(' ')).join(', '),
    takesPart: (_, scenario) => scenario === 'existing',
    run(job) {
      const script = job.set.tables.map((table) => copyThroughPipe(job.source, table)).join('')
      return measureCommand(job.server, [
        'psql',
        '-q',
        '-v',
        'ON_ERROR_STOP=1',
        '-f',
        fileWith(job, 'pipe.sql', script),
        job.url,
      ])
    },
  }
}

function copyThroughPipe(source: string, { name, columns }: SetTable): string {
  const list = columns.map((column) =>
    column.type === 'bytea' ? `char(92) || char(120) || hex(${column.name})` : column.name,
  )
  const query = `SELECT ${list.join(', ')} FROM ${name}`
  return (
    String.raw`\copy ${name} from program 'sqlite3 -csv -nullvalue NULL "${source}" "${query}"' with (format csv, null 'NULL')` +
    '\n'
  )
}

function fileWith(job: Job, name: string, content: string): string {
  const path = join(job.folder, name)
  writeFileSync(path, content)
  return path
}

function firstLine([command, ...options]: readonly string[]): string | null {
  const { status, stdout } = spawnSync(command!, options, { encoding: 'utf8' })
  return status === 0 ? (stdout.split('\n')[0] ?? '').replaceAll('"', '').slice(0, 60) : null
}
