import { checkProof } from '@rowferry/migrate'
import type { Proof, Report } from '@rowferry/report'
import { parseProof, renderProof } from '@rowferry/report'
import { chooseProgress } from '../announce.ts'
import { conclude, keep } from '../conclude.ts'
import { loadConfig, loadEnvironment } from '../config.ts'
import { decisionNames } from '../crossing-options.ts'
import { findTarget, needTarget } from '../databases.ts'
import { usageError } from '../error.ts'
import { interruptible } from '../interrupt.ts'
import { prepareFile, reportFiles } from '../result-file.ts'
import { readGiven } from '../setup.ts'
import type { Shell } from '../shell.ts'
import { printLine } from '../shell.ts'
import type { CrossingFlags, Prepared } from './crossing.ts'

export interface ProofFile {
  readonly keep: (proof: Proof) => void
  /** For the report; null while nothing was written. */
  readonly kept: () => Report['proof']
}

/** Where `--proof` keeps the proof; null without it. That it can be written is known before anything begins. */
export function proofFile(flags: { readonly proof?: string }, { shell, input }: Prepared): ProofFile | null {
  const file = prepareFile('--proof', flags.proof, shell)
  if (file === null) return null
  if (input.options.verify !== 'full')
    throw usageError('OPTION_CONFLICT', `--proof needs --verify full: with ${input.options.verify} nothing is proven`)
  let kept: Report['proof'] = null
  return {
    keep: (proof) => {
      if (keep(file, `${renderProof(proof)}\n`, shell)) kept = { file: file.name, sha256: proof.sha256 }
    },
    kept: () => kept,
  }
}

interface Names {
  readonly source: string | undefined
  readonly target: string | undefined
}

/** `verify --against proof.json <target>`: the one database that is named is the target. */
export async function runAgainst(
  name: string,
  names: Names,
  flags: CrossingFlags & {
    readonly plan?: string
    readonly proof?: string
    readonly differences?: string
    readonly asOfPlan?: true
    readonly crossing?: string
    readonly checkpoint?: string
  },
  outside: Shell,
): Promise<number> {
  if (names.target !== undefined)
    throw usageError('OPTION_CONFLICT', '--against needs no source: name the target alone')
  const said = Object.entries({
    ...decisionNames(),
    plan: '--plan',
    proof: '--proof',
    differences: '--differences',
    asOfPlan: '--as-of-plan',
    crossing: '--crossing',
    checkpoint: '--checkpoint',
  }).filter(([option]) => flags[option as keyof typeof flags] !== undefined)
  if (said.length > 0)
    throw usageError(
      'OPTION_CONFLICT',
      `${said.map(([, written]) => written).join(', ')} cannot be given beside --against: the proof says what is compared`,
    )
  const config = await loadConfig(flags.config, outside)
  const shell = { ...outside, env: loadEnvironment(flags.envFile, outside) }
  const target = needTarget(findTarget(names.source, config.target, shell))
  const files = reportFiles(flags.report, config.report, shell)
  const proof = parseProof(readGiven('--against', name, 'PROOF_UNREADABLE', shell))
  const progress = await chooseProgress(flags, shell)
  return interruptible(
    (line) => printLine(shell, 'stderr', line),
    async (signal) => {
      const report = await checkProof({ proof, target, signal, onEvent: progress.onEvent }).finally(() =>
        progress.stop(),
      )
      return conclude(report, flags, files, shell)
    },
  )
}
