import manifest from '../package.json' with { type: 'json' }

/** Name and version, kept in plans and reports. */
export const TOOL = `rowferry ${manifest.version}`
