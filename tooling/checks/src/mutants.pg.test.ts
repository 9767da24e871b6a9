import { expect, inject, test } from 'vitest'
import { specimens } from './mutants/databases.ts'
import { random } from './mutants/random.ts'
import { cross, damageOne, falseAlarm } from './mutants/trial.ts'

/** With ROWFERRY_MUTANTS all specimens, so many damages each; `pnpm mutants` does thousands. */
const asked = process.env['ROWFERRY_MUTANTS']
const damages = Number(asked ?? 2)
const chosen = specimens.flatMap((specimen, at) =>
  asked !== undefined || at % 3 === 0 ? [[specimen.name, specimen, at] as const] : [],
)

test.each(chosen)(
  'verification names what was damaged, and nothing else: %s',
  { timeout: 60_000 + damages * 10_000 },
  async (_, specimen, at) => {
    const server = inject('postgres')
    if ('missing' in server) throw new Error(server.missing)
    await using crossed = await cross(specimen, 70 + at, server.url)
    expect(falseAlarm(await crossed.verify())).toBeNull()
    const numbers = random(700 + at)
    for (let i = 0; i < damages; i += 1) {
      const trial = await damageOne(crossed, numbers)
      expect({ what: trial?.damage.what, missed: trial?.missed }).toMatchObject({ missed: null })
    }
  },
)
