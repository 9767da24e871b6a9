import type { PostgresAddress } from '@rowferry/connect'
import type pg from 'pg'
import { PostgresError } from '../session.ts'

interface Authentication {
  on(event: 'authenticationSASL', listener: (message: { readonly mechanisms: readonly string[] }) => void): unknown
  readonly stream: object
}

/**
 * With `channel_binding=require` nothing is handed out before the server has offered to prove, over this very TLS connection, that it knows the password too:
 * the driver itself would fall back to a login without that proof. To be asked for before the client connects.
 */
export function demandBinding(
  client: pg.Client,
  { channelBinding, label }: PostgresAddress,
): { readonly ifProven: (secret: string) => string } {
  if (channelBinding !== 'require') return { ifProven: (secret) => secret }
  const { connection } = client as unknown as { readonly connection: Authentication }
  let offered = false
  connection.on('authenticationSASL', ({ mechanisms }) => {
    offered = mechanisms.includes('SCRAM-SHA-256-PLUS') && 'getPeerCertificate' in connection.stream
  })
  return {
    ifProven(secret) {
      if (offered) return secret
      throw new PostgresError('TARGET_TLS', `${label} cannot prove who it is, which channel_binding=require asks for`, {
        remedy:
          'It takes TLS (sslmode=require or stronger) and a password that the server keeps as scram-sha-256; or leave channel_binding out, and use sslmode=verify-full.',
      })
    },
  }
}
