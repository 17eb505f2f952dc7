/** An address as logs and statistics show it; '' if there is none, as for a unix socket. */
export const addressText = (address: string | undefined, port: number | undefined): string =>
  address === undefined ? '' : `${address.includes(':') ? `[${address}]` : address}:${port}`
