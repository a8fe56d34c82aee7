import { createHash, X509Certificate } from 'node:crypto'
import type { Finding } from '../../cli/errors.ts'
import type { Action, Planned, Resource } from '../resource.ts'
import { type CertificatePlace, certificateProbe, certificateState, keyLine } from './certificate-state.ts'

export interface CertificateOptions extends CertificatePlace {
  /** Names and addresses that it is for. */
  hosts: readonly string[]
  /** The certificate of the authority; undefined until it is made. */
  authority(): string | undefined
  /** Where the authority is kept, as people name the file. */
  keptIn: string
  /** Why the authority cannot be made. */
  refusal?: Finding
  now: Date
  /** A new key with its certificate, and the authority's certificate: all PEM. */
  issue(): Promise<IssuedCertificate>
}

export interface IssuedCertificate {
  key: string
  certificate: string
  authority: string
}

const day = 86_400_000

/** With fewer days left a certificate is made anew. */
const renewalDays = 90

/** A key with its certificate and the certificate of the authority; made anew in time before it ends. */
export function issuedCertificate(options: CertificateOptions): Resource {
  const { folder, name } = options
  return {
    target: `certificate ${folder}/${name}.crt`,
    probe: certificateProbe(options),
    plan: (answer) => planCertificate(certificateState(answer, options), options),
  }
}

type State = ReturnType<typeof certificateState>

function planCertificate(state: State, options: CertificateOptions): Planned {
  const { certificate } = state
  const authority = options.authority()
  if (!certificate) return { actions: [renewal(options, 'create')] }
  if (!authority || !isSignedBy(certificate, authority)) return { actions: [foreign(options)] }
  const reason = reasonToRenew({ ...state, certificate }, { ...options, ours: authority })
  return { actions: reason ? [renewal(options, 'replace', `${reason}: ${words(certificate)}`)] : [] }
}

function isSignedBy(certificate: X509Certificate, authority: string): boolean {
  return certificate.verify(new X509Certificate(authority).publicKey)
}

function reasonToRenew(
  { certificate, authority, hasItsKey }: State & { certificate: X509Certificate },
  { hosts, now, ours }: CertificateOptions & { ours: string },
): string | undefined {
  const days = Math.floor((new Date(certificate.validTo).getTime() - now.getTime()) / day)
  if (days < renewalDays) return days < 0 ? 'it has ended' : `it ends in ${days} days`
  if (!hasItsKey) return 'its key is not the one that it came with, or others can read it'
  if (authority?.fingerprint256 !== new X509Certificate(ours).fingerprint256)
    return 'the certificate of its authority is not beside it'
  const missing = hosts.filter((host) => !certificate.checkHost(host) && !certificate.checkIP(host))
  return missing.length > 0 ? `it is not for ${missing.join(', ')}` : undefined
}

function words(certificate: X509Certificate): string {
  return `until ${new Date(certificate.validTo).toISOString().slice(0, 10)}`
}

function renewal(options: CertificateOptions, action: 'create' | 'replace', before?: string): Action {
  const { folder, name, hosts, keptIn } = options
  const at = `${folder}/${name}.crt`
  const purpose = hosts.length > 0 ? `for ${hosts.join(', ')}` : 'for a client'
  return {
    action,
    title: action === 'create' ? `put certificate ${at} and its key there` : `renew certificate ${at}`,
    before: before ? [before] : [],
    after: [`${at} ${purpose}, signed by the authority in ${keptIn}`],
    commands: putCommands(options),
    input: async () => bundle(await options.issue()),
    ...(options.refusal && { blocked: options.refusal }),
  }
}

// One stream: the key, the certificate with the key's digest before it, the authority.
function bundle({ key, certificate, authority }: IssuedCertificate): string {
  const digest = createHash('sha256').update(key).digest('hex')
  return `${key}${keyLine(digest)}${certificate.trimEnd()}\n# authority\n${authority.trimEnd()}\n`
}

function putCommands({ folder, name, owner }: CertificatePlace): string[] {
  const next = `${folder}/.${name}`
  const [user, group] = owner.split(':')
  return [
    `install -d -m 0700 -o ${user} -g ${group} ${folder}`,
    'umask 077',
    `cat >${next}.next`,
    `test "$(tail -n 1 ${next}.next)" = '-----END CERTIFICATE-----'`,
    `sed -n '/^-----BEGIN PRIVATE KEY-----$/,/^-----END PRIVATE KEY-----$/p' ${next}.next >${next}.key.next`,
    `sed -n '/^# key sha256 /,/^-----END CERTIFICATE-----$/p' ${next}.next >${next}.crt.next`,
    `sed -n '/^# authority$/,$p' ${next}.next >${next}.ca.next`,
    `rm ${next}.next`,
    `chown ${owner} ${next}.key.next ${next}.crt.next ${next}.ca.next`,
    `sync ${next}.key.next ${next}.crt.next ${next}.ca.next`,
    `mv -fT ${next}.ca.next ${folder}/ca.crt`,
    `mv -fT ${next}.key.next ${folder}/${name}.key`,
    `mv -fT ${next}.crt.next ${folder}/${name}.crt`,
    `sync ${folder}`,
  ]
}

function foreign({ folder, name, keptIn, authority }: CertificateOptions): Action {
  const kept = authority() ? `the one in ${keptIn}` : `one of ours: there is no ${keptIn}`
  const message = `${folder}/${name}.crt is signed by another authority than ${kept}`
  const hint = `put ${keptIn} back from its history, or move ${folder} away on a machine that is to become new`
  return {
    action: 'replace',
    title: `replace certificate ${folder}/${name}.crt`,
    commands: [],
    blocked: { severity: 'error', message, hint },
  }
}
