export type { Api } from './api.ts'
export { createApi } from './api.ts'
export type { ApiConfig, ApiConfigInput } from './config.ts'
export { apiConfigSchema, configFromEnvironment } from './config.ts'
