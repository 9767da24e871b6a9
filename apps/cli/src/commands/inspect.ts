import { inspect } from '@rowferry/migrate'
import { printJson, redactProse } from '../announce.ts'
import { loadConfig, loadEnvironment } from '../config.ts'
import type { OutputFlags } from '../crossing-options.ts'
import { findSource, readAddress, schemesIn } from '../databases.ts'
import { interruptible } from '../interrupt.ts'
import { renderInspection } from '../render-inspection.ts'
import type { Shell } from '../shell.ts'
import { printLine, wantsColor, widthOf } from '../shell.ts'

export type InspectFlags = OutputFlags & { readonly schema?: string }

/** Says what is in a database, whichever kind. Without a name it is the source that `migrate` would take. */
export async function runInspect(database: string | undefined, flags: InspectFlags, outside: Shell): Promise<number> {
  const config = await loadConfig(flags.config, outside)
  const shell = { ...outside, env: loadEnvironment(flags.envFile, outside) }
  const adapter = flags.source ?? config.adapter
  const address =
    database === undefined || adapter !== undefined ? null : readAddress(database, shell, schemesIn(database))
  const named = address?.kind === 'postgres' ? address.schema : undefined
  const schema = flags.schema ?? config.schema ?? named
  const input =
    address?.kind === 'postgres' || address?.kind === 'pglite'
      ? { target: address, ...(schema !== undefined && { schema }) }
      : { source: await findSource(database, config.source, shell, adapter) }
  const found = await interruptible(
    (line) => printLine(shell, 'stderr', line),
    (signal) => inspect(input, { signal }),
  )
  const inspection = redactProse(found, shell.secrets.redact)
  if (flags.json) printJson(shell, { type: 'inspection', inspection })
  else if (!flags.quiet)
    printLine(
      shell,
      'stdout',
      renderInspection(inspection, { color: wantsColor(shell.stdout, flags.color), width: widthOf(shell.stdout) }),
    )
  return 0
}
