// Writes docs/cli.md anew.
import { writeFileSync } from 'node:fs'
import { buildProgram } from './program.ts'
import { renderReference } from './reference.ts'
import { createShell } from './shell.ts'

const program = buildProgram(createShell([], process), '')
writeFileSync(new URL('../../../docs/cli.md', import.meta.url), renderReference(program.command))
