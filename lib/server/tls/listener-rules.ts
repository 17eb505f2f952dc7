import type { TlsRule } from '../../options/kinds/listen-address.js'
import type { TlsOptions, VerifyMode } from '../../options/table/tls-options.js'

/** How clients of an address are verified; null where it does not speak TLS. */
export function verificationAt(rule: TlsRule | undefined, options: TlsOptions): VerifyMode | null {
  if (!options.sslEnabled) return null
  return rule === undefined ? options.sslVerifyMode : BY_RULE[rule]
}

const BY_RULE: Readonly<Record<TlsRule, VerifyMode | null>> = { notls: null, btls: 'none', mtls: 'require' }
