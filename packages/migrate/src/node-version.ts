/**
 * What stands against running on this version of Node.js (`process.versions.node`), or null: the range of `engines` in package.json.
 * Imported on its own as `@rowferry/migrate/node-version`, before anything else is: the SQLite driver ends the process of a
 * Node.js that is too old without a word.
 */
export function unsupportedNode(version: string): string | null {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const fits = (major === 22 && minor >= 18) || (major === 24 && minor >= 11) || major >= 26
  return fits
    ? null
    : `rowferry needs Node.js 22.18 or later, 24.11 or later, or 26, and this is ${version}: see https://nodejs.org`
}
