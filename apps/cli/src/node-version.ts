/** What stands against running on this version of Node.js, or null. The same range as `engines` in package.json. */
export function unsupportedNode(version: string): string | null {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const fits = (major === 22 && minor >= 18) || (major === 24 && minor >= 11) || major >= 26
  return fits
    ? null
    : `rowferry needs Node.js 22.18 or later, 24.11 or later, or 26, and this is ${version}: see https://nodejs.org`
}
