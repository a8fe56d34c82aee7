import type { Place } from '../../cli/errors.ts'
import { TaskError } from '../../cli/errors.ts'
import { quote } from '../../cli/process/quote.ts'
import { written } from '../kubeadm/record.ts'
import type { Action, Answer, Planned, Resource } from '../resource.ts'
import { answerLines } from '../system/answers.ts'
import { ageOf, type Component, components, expiryOf, renewedFiles } from './kubeadm-certificates.ts'
import { restartCommands } from './restart-static-pod.ts'

export interface RenewalOptions {
  /** The name of the node. */
  node: string
  /** Certificates that end before this are given anew. */
  before: Date
  /** Whether certificates of the cluster have expired already: nothing can then be ready before all of them are renewed. */
  isExpired: boolean
  /** What kubeadm is told where it cannot read it in the cluster: the text of a ClusterConfiguration. */
  configuration: string
  source?: Place
}

/**
 * The certificates of a control plane last beyond a time, and its programs work with what is on the disk: one that was
 * started before its certificate was written, as by a run that was killed between the two, is started anew.
 */
export function renewedCertificates(options: RenewalOptions): Resource {
  return {
    target: 'certificates of kubeadm',
    source: options.source,
    probe,
    plan: (answer) => planRenewal(readAnswer(answer), options),
    settleSeconds: 180,
  }
}

const probe = [
  `for file in ${renewedFiles.map(({ file }) => file).join(' ')}`,
  'do if [ -e "$file" ]; then',
  `  case $file in *.crt) pem=$(base64 -w0 <"$file") ;; *) pem=$(sed -n 's/^ *client-certificate-data: *//p' "$file") ;; esac`,
  '  echo "file $file $(stat -L -c %Y -- "$file") $pem"',
  'fi; done',
  ...components.map((name) => `echo "started ${name} $(${ageOf(name)})"`),
  'echo "now $(date +%s)"',
].join('\n')

interface Found {
  files: { file: string; written: number; expires: Date }[]
  /** Seconds since 1970; without those that do not run. */
  started: Map<Component, number>
}

function planRenewal({ files, started }: Found, options: RenewalOptions): Planned {
  const { node, before, isExpired } = options
  const ending = files.filter(({ expires }) => expires < before)
  const stale = components.filter((component) => {
    const since = started.get(component)
    const own = files.filter(({ file }) => readerOf(file) === component)
    if (own.length === 0) return false
    const isNewer = since === undefined || own.some(({ written }) => written > since)
    return isNewer || own.some((one) => ending.includes(one))
  })
  const restarts = stale.map((component): Action => {
    const title = `start ${component} anew, with the certificates that are there`
    const commands = restartCommands({ component, node, waitsForReady: !isExpired, forCertificates: true })
    return { action: 'run', title, commands }
  })
  return { actions: [...(ending.length > 0 ? [renewAction(ending, options)] : []), ...restarts] }
}

// With an expired certificate it cannot read its configuration in the cluster, and would take one of its own: RSA keys.
function renewAction(
  ending: Found['files'],
  { isExpired, configuration }: Pick<RenewalOptions, 'isExpired' | 'configuration'>,
): Action {
  const told = `printf %s ${quote(configuration)} | kubeadm certs renew all --config /dev/stdin`
  return {
    action: 'update',
    title: `give ${ending.length} certificates anew`,
    before: ending.map(({ file, expires }) => `${file} until ${expires.toISOString().slice(0, 10)}`),
    after: ending.map(({ file }) => `${file} as long as the cluster's configuration says`),
    commands: [isExpired ? told : 'kubeadm certs renew all', written],
  }
}

function readerOf(file: string): Component | undefined {
  return renewedFiles.find((one) => one.file === file)?.reader
}

function readAnswer(answer: Answer): Found {
  // ps pads its numbers.
  const lines = answerLines(answer).map((line) => line.split(/ +/))
  const now = Number(lines.find(([key]) => key === 'now')?.[1])
  const files = lines.flatMap(([key, file, written, pem]) =>
    key === 'file' && pem ? [{ file: file!, written: Number(written), expires: expiryOf(file!, pem) }] : [],
  )
  if (!now || files.length === 0)
    throw new TaskError('its certificates cannot be told', { hint: 'kubeadm certs check-expiration' })
  const started = lines.flatMap(([key, name, elapsed]) =>
    key === 'started' && elapsed ? [[name as Component, now - Number(elapsed)] as const] : [],
  )
  return { files, started: new Map(started) }
}
