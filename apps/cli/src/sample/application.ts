import Database from 'better-sqlite3'

/** How the application's SQLite database was made, years ago. */
const tables = `
CREATE TABLE countries (
  code TEXT PRIMARY KEY,
  name TEXT NOT NULL
);
CREATE TABLE schools (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name VARCHAR(120) NOT NULL,
  country_code TEXT NOT NULL REFERENCES countries (code),
  is_public BOOLEAN NOT NULL DEFAULT 1,
  yearly_fee NUMERIC(10, 2),
  founded_on DATE,
  settings JSON NOT NULL DEFAULT '{}'
);
CREATE TABLE users (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  email VARCHAR(255) NOT NULL UNIQUE,
  full_name VARCHAR(120) NOT NULL,
  role VARCHAR(20) NOT NULL DEFAULT 'STUDENT',
  is_active BOOLEAN NOT NULL DEFAULT 1,
  invited_by INTEGER REFERENCES users (id),
  preferences JSON,
  created_at DATETIME NOT NULL
);
CREATE TABLE students (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id INTEGER NOT NULL UNIQUE REFERENCES users (id),
  school_id INTEGER NOT NULL REFERENCES schools (id),
  born_on DATE NOT NULL,
  average_grade NUMERIC(4, 2),
  notes TEXT
);
`

const countries = [
  ['CH', 'Switzerland'],
  ['KR', '대한민국'],
  ['PE', 'Perú'],
] as const

const schools = [
  [
    'Gymnasium am Münsterplatz',
    'CH',
    1,
    null,
    '1589-10-04',
    '{"grading": {"best": 6, "worst": 1}, "languages": ["de", "fr"]}',
  ],
  ['École des Bains', 'CH', 0, 18_450.5, '1902-09-01', '{"grading": {"best": 6, "worst": 1}, "languages": ["fr"]}'],
  ['서울과학고등학교', 'KR', 1, 1200, '1989-03-01', '{"grading": {"best": 1, "worst": 9}, "languages": ["ko", "en"]}'],
  ['Colegio San Andrés', 'PE', 0, 9_999.99, '1917-06-13', '{"grading": {"best": 20, "worst": 0}, "languages": ["es"]}'],
] as const

const first = ['Zoë', 'Mateo', '서연', 'Élodie', 'Jürg', 'Lucía', '민준', "D'Arcy", 'Ana', 'Noé']
const last = ['Müller', 'Quispe', '김', 'Favre', 'Huamán', '이', "O'Neill", 'García', 'Weber', '박', 'Şahin']
const staff = 14
const pupils = 360
/** Users whose role was renamed in the code but never in the data. */
const legacy = new Set([23, 117, 288])

/** Makes the database as years of use left it: booleans as 0 and 1, JSON and times as text, legacy roles, a deleted last row. The same every time. */
export function makeApplicationDatabase(path: string): void {
  const db = new Database(path)
  db.exec(tables)
  db.transaction(() => {
    const addCountry = db.prepare('INSERT INTO countries VALUES (?, ?)')
    for (const country of countries) addCountry.run(...country)
    const addSchool = db.prepare(
      'INSERT INTO schools (name, country_code, is_public, yearly_fee, founded_on, settings) VALUES (?, ?, ?, ?, ?, ?)',
    )
    for (const school of schools) addSchool.run(...school)
    const addUser = db.prepare(
      'INSERT INTO users (email, full_name, role, is_active, invited_by, preferences, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
    )
    for (let id = 1; id <= staff + pupils; id += 1) addUser.run(...user(id))
    const addStudent = db.prepare(
      'INSERT INTO students (user_id, school_id, born_on, average_grade, notes) VALUES (?, ?, ?, ?, ?)',
    )
    for (let id = staff + 1; id <= staff + pupils; id += 1) addStudent.run(...student(id))
    // A student who left: SQLite never gives the id again, and neither must PostgreSQL
    db.prepare('DELETE FROM students WHERE id = ?').run(pupils)
  })()
  db.close()
}

function user(id: number) {
  const name = `${first[id % first.length]} ${last[id % last.length]}`
  const role = id === 1 ? 'ADMIN' : id <= staff ? 'TEACHER' : legacy.has(id) ? 'INDIVIDUAL' : 'STUDENT'
  const preferences =
    id % 3 === 0 ? null : JSON.stringify({ theme: id % 2 === 0 ? 'dark' : 'light', mail: id % 5 !== 0 })
  return [
    `user${id}@school.example`,
    name,
    role,
    id % 17 === 0 ? 0 : 1,
    id === 1 ? null : id <= staff ? 1 : 1 + (id % staff),
    preferences,
    moment(id),
  ]
}

function student(userId: number) {
  const grade = userId % 7 === 0 ? null : Math.round(250 + ((userId * 37) % 350)) / 100
  return [
    userId,
    1 + (userId % schools.length),
    moment(userId * 11 - 6000).slice(0, 10),
    grade,
    userId % 40 === 0 ? 'Allergic to nuts.\nCollects stamps 🦉' : null,
  ]
}

/** A time of day on the nth day since 2024, as JavaScript writes it. */
function moment(day: number): string {
  return new Date(Date.UTC(2024, 0, 1) + day * 86_400_000 + ((day * 7919) % 86_400) * 1000).toISOString()
}
