import type { Report } from '../report.ts'

type Finding = Report['findings'][number]

/** What stands against a run, sorted into what words alone settle and what a person has to decide. */
export interface Settlement {
  /** Options to add, each once: they lose nothing and leave nothing to choose. */
  readonly options: readonly string[]
  /** Settled by `options`. */
  readonly settled: readonly Finding[]
  /** To be decided: several ways out, a value to fill in, a loss to accept, or data to mend. */
  readonly choices: readonly Finding[]
}

/** One option with its value, as a shell takes it. */
const OPTION = /^--[a-z][a-z-]*(?: (?:'[^']*'|\\'|[\w.:=/@%+-])+)+$/

/** Options that say what a thing is called or what its values mean, and leave every value what it was. All others are for a person to choose. */
const HARMLESS = new Set(['--case', '--rename', '--cast', '--epoch', '--timezone'])

/** Options that are harmless only as an answer to this finding. */
const HARMLESS_FOR: Readonly<Record<string, string>> = { MIGRATION_RECORD: '--exclude-tables' }

/** Saying one of these twice is not saying both, and each speaks for the whole run. */
const SINGLE = new Set(['--case', '--timezone'])

/** One finding that says in one line what these say one by one. */
const SUMS: Readonly<Record<string, readonly string[]>> = {
  NAMES_DIFFER: ['TABLE_NAME_DIFFERS', 'COLUMN_NAME_DIFFERS'],
}

/** Codes of findings that another one among these says in one line. */
export function summed(findings: readonly Finding[]): ReadonlySet<string> {
  return new Set(findings.filter(({ severity }) => severity === 'refuse').flatMap(({ code }) => SUMS[code] ?? []))
}

/** Sorts the refusals. Of options that contradict each other none is taken. */
export function settle(findings: readonly Finding[]): Settlement {
  const refusals = findings.filter((finding) => finding.severity === 'refuse')
  const inOne = summed(findings)
  const words = new Map(
    refusals.map((finding) => {
      const options = settling(finding)
      return [finding, options !== null && inOne.has(finding.code) ? [] : options]
    }),
  )
  const values = new Map<string, Set<string>>()
  for (const option of [...words.values()].flatMap((options) => options ?? [])) {
    const name = nameOf(option)
    if (SINGLE.has(name)) values.set(name, (values.get(name) ?? new Set()).add(option))
  }
  const clear = (option: string): boolean => (values.get(nameOf(option))?.size ?? 0) < 2 && !isOpen(nameOf(option))
  // Evidence for some columns is none for the others that the zone would speak for
  const isOpen = (name: string): boolean =>
    name === '--timezone' &&
    refusals.some((finding) => finding.remedy?.includes(`${name} `) && words.get(finding) === null)
  const sure = refusals.filter((finding) => words.get(finding)?.every(clear))
  const options = new Set(sure.flatMap((finding) => words.get(finding) ?? []))
  // Said for one, an option settles others too, of which it is one way out
  const isSettled = (finding: Finding): boolean =>
    sure.includes(finding) || (finding.remedy ?? '').split(/, or /).some((way) => options.has(way))
  return {
    options: [...options],
    settled: refusals.filter(isSettled),
    choices: refusals.filter((finding) => !isSettled(finding)),
  }
}

/** The options that settle a finding without asking anything of a person; null when there are none. */
function settling({ code, remedy, verdict }: Finding): string[] | null {
  if (remedy === null || verdict === 'lossy' || remedy.includes('…') || /<[^>']*>/.test(remedy)) return null
  const options = remedy.split(/ (?=--[a-z])/)
  if (!options.every((option) => OPTION.test(option))) return null
  const isHarmless = (option: string): boolean => HARMLESS.has(nameOf(option)) || HARMLESS_FOR[code] === nameOf(option)
  return options.every(isHarmless) ? options : null
}

function nameOf(option: string): string {
  return option.split(' ')[0] ?? ''
}
