// Writes docs/cli.md and docs/schema anew.
import { mkdirSync, writeFileSync } from 'node:fs'
import { buildProgram } from './program.ts'
import { renderReference } from './reference.ts'
import { renderSchema, schemas } from './schemas.ts'
import { createShell } from './shell.ts'

const program = buildProgram(createShell([], process), '')
writeFileSync(new URL('../../../docs/cli.md', import.meta.url), renderReference(program.command))

const folder = new URL('../../../docs/schema/', import.meta.url)
mkdirSync(folder, { recursive: true })
for (const [name, schema] of Object.entries(schemas)) writeFileSync(new URL(name, folder), renderSchema(schema()))
