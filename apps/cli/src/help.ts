export const description = `Moves an application's SQLite, MySQL or MariaDB database into PostgreSQL in one transaction,
and proves that nothing was lost.`

export const databases = `
A database is a path or a URL: app.db, app.sql (a dump), a folder of CSV files,
sqlite:///./app.db, file:app.db,
postgres://user@host:5432/name, postgresql+psycopg2://…, pglite://./folder,
mysql://user:password@host:3306/name.
Write databases before options that take lists.
What is not named comes from the configuration, DATABASE_URL or the folder.
`

export const exitCodes = `
Exit codes:
  0    done, everything proven; or planned, or rehearsed, as asked
  1    refused or failed: nothing was written
  2    done, but rows were set aside or tables with rows were left out
  3    stopped after writing, or the answer to COMMIT was lost
  4    verification found a difference (rolled back when it could be)
  64   the command line or the configuration cannot be meant
  130  interrupted, nothing was written
`

const after = (examples: string): string => `\nExamples:\n${examples}\n${exitCodes}`

export const inspect = after(`  rowferry inspect app.db
  rowferry inspect postgres://app@localhost/app --json`)

export const plan = after(`  rowferry plan app.db postgres://app@localhost/app --out plan.json
  rowferry plan app.db --format sql > schema.sql`)

export const migrate = after(`  rowferry migrate app.db postgres://app@localhost/app
  rowferry migrate app.db --map 'users.role:INDIVIDUAL=STUDENT' --rehearse`)

export const verify =
  after(`  rowferry verify app.db postgres://app@localhost/app --map 'users.role:INDIVIDUAL=STUDENT' --proof proof.json
  rowferry verify --against proof.json postgres://app@localhost/app`)

export const status = after(`  rowferry status postgres://app@localhost/app
  rowferry status --json`)

export const undo = after(`  rowferry undo postgres://app@localhost/app
  rowferry undo --json`)
