export interface Example {
  /** The file's name for Node.js: it strips types from `.ts` by itself. */
  readonly file: 'readme.js' | 'readme.ts'
  readonly code: string
}

/** The first block of code that a README promises to run. */
export function firstExample(readme: string): Example | undefined {
  const { language, code } = /<!-- runs -->\s*```(?<language>ts|js)\n(?<code>.*?)\n```/s.exec(readme)?.groups ?? {}
  return code === undefined ? undefined : { file: language === 'ts' ? 'readme.ts' : 'readme.js', code }
}
