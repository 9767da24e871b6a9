import { configDefaults, defineConfig } from 'vitest/config'

const conditions = ['@rowferry/source', 'module', 'node', 'development|production']
const needsPostgres = '**/*.pg.test.ts'
const needsMysql = '**/*.mysql.test.ts'

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    coverage: { include: ['packages/*/src/**/*.ts', 'apps/*/src/**/*.ts'], exclude: ['**/*.test.ts'] },
    // Much of a test's time is waiting for a server or a child; the usual one core less would leave one worker of two cores
    maxWorkers: '100%',
    reporters: ['default', './tooling/vitest/closing-line.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          // Five seconds are short where every core is taken; no test asserts time
          testTimeout: 30_000,
          include: ['{packages,apps,tooling}/*/{src,test}/**/*.test.ts'],
          exclude: [...configDefaults.exclude, needsPostgres, needsMysql],
        },
      },
      {
        extends: true,
        test: {
          name: 'postgres',
          include: [needsPostgres],
          globalSetup: './tooling/vitest/postgres.ts',
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'mysql',
          include: [needsMysql],
          globalSetup: ['./tooling/vitest/postgres.ts', './tooling/vitest/mysql.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
})
