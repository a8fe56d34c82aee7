import { join, resolve } from 'node:path'
import { type Finding, throwOnErrors } from '../../cli/errors.ts'
import type { StarterFile } from '../starter/starter.ts'
import { readAnsible } from './ansible/ansible.ts'
import type { HostScope } from './ansible/host-scope.ts'
import { type Checkout, openCheckout } from './checkout.ts'
import { movedEnvironmentFile } from './environment-file.ts'
import { readKeyServer } from './key-server.ts'
import { readKubernetes } from './kubernetes-settings.ts'
import { addLabels, syncedFolder } from './labels.ts'
import { leftOver } from './left-over.ts'
import { type Assignment, readAssignments } from './make/assignments.ts'
import { makeVariables } from './make/make-variables.ts'
import { readMakeSettings } from './make-settings.ts'
import { movedClusterFile } from './moved-cluster-file.ts'
import { nodesWithVolumes, readNodes } from './nodes.ts'
import type { OldCluster } from './old-cluster.ts'
import type { OldToolkit } from './reading.ts'
import { readSsh } from './ssh-settings.ts'
import { readSystem } from './system-settings.ts'

/** The files of a project that takes over an old cluster, and what could not be taken over. */
export interface MovedIn {
  files: StarterFile[]
  findings: Finding[]
}

export interface MoveInOptions {
  environment: Readonly<Record<string, string | undefined>>
  /** Path of the JSON schema as cluster.yaml sees it, where it is in reach. */
  schema?: string
}

/** Reads a checkout of the old toolkit. Reads only; a broken file is a TaskError, since half of a file would be half a cluster. */
export function moveIn(folder: string, { environment, schema }: MoveInOptions): MovedIn {
  const checkout = openCheckout(folder)
  const { findings } = checkout
  const ansible = readAnsible(checkout)
  const make = makeVariables(readMakefiles(checkout), environment)
  const toolkit: OldToolkit = { checkout, ansible, make, findings }
  throwOnErrors(findings.map((finding) => fromFolder(finding, folder)))

  const { cluster, scopes } = readCluster(toolkit)
  const env = movedEnvironmentFile(toolkit, nodesWithVolumes(cluster.nodes, toolkit))
  const asked = new Set(scopes.flatMap((scope) => [...scope.asked]))
  findings.push(...leftOver(toolkit, { hosts: cluster.nodes.map(({ name }) => name), asked }))
  findings.push(...placesToKeep(checkout, folder))
  const files = [
    { name: 'cluster.yaml', text: movedClusterFile(cluster, schema) },
    { name: '.env', text: env },
  ]
  return { files, findings: unique(findings).map((finding) => fromFolder(finding, folder)) }
}

// k8s/Makefile includes the others; where it is gone, the variables stand alone.
function readMakefiles(checkout: Checkout): Assignment[] {
  const { findings } = checkout
  const include = (name: string) => checkout.file(`k8s/${name}`)?.text
  const whole = checkout.file('k8s/Makefile')
  const main =
    whole && /^-?s?include\b/m.test(whole.text)
      ? ['Makefile']
      : ['Makefile', 'Makefile.vars', 'Makefile.versions']
  const assignments = main.flatMap((name) => {
    const text = include(name)
    return text === undefined ? [] : readAssignments(text, { file: `k8s/${name}`, include, findings })
  })
  for (const { name, place } of assignments.filter(({ conditional, exported }) => conditional && exported)) {
    const message = `${name} is set under a condition, which only make can tell: it is not taken over`
    findings.push({ severity: 'warning', ...place, message, hint: `set ${name} in .env if it counts` })
  }
  return assignments
}

function readCluster(toolkit: OldToolkit): { cluster: OldCluster; scopes: HostScope[] } {
  const { ansible, findings } = toolkit
  const { nodes, scopes } = readNodes(toolkit)
  const settings = readMakeSettings(toolkit)
  addLabels(nodes, toolkit)
  const first = scopes[nodes.findIndex(({ roles }) => roles.includes('control-plane'))] ?? scopes[0]
  const volumesPath = settings.volumesPath?.value
  const kubernetes = first && readKubernetes(first, { volumesPath, findings })
  const withVolumes = scopes.filter((_, index) => nodes[index]!.volumes.length > 0)
  const keyServer = readKeyServer(withVolumes, findings)
  const ssh = readSsh(nodes, { scopes, configuration: ansible.configuration, findings })
  const synced = syncedFolder(nodes, volumesPath ?? '/var/lib/k8s-volumes')
  const system = readSystem(scopes, findings)
  const optional = { ...(keyServer && { keyServer }), ...(synced && { synced }) }
  return { cluster: { ...settings, ...kubernetes, nodes, ssh, system, ...optional }, scopes }
}

// What the new project needs of the old one, and init does not write.
function placesToKeep(checkout: Checkout, folder: string): Finding[] {
  const secrets = checkout.link('k8s/secrets')
  const manifests = checkout.names('k8s').filter((name) => /\.ya?ml$/.test(name))
  const notes: Finding[] = []
  if (secrets !== undefined || checkout.isFolder('k8s/secrets')) {
    const message = 'the secret files stay where they are: link them into the project'
    notes.push({
      severity: 'note',
      file: 'k8s/secrets',
      message,
      hint: `ln -s ${resolve(folder, 'k8s/secrets')} secrets`,
    })
  }
  if (manifests.length > 0) {
    const message = `manifests are in k8s/ (${manifests.length}): copy those that you use into manifests/`
    notes.push({ severity: 'note', file: 'k8s', message, hint: 'then see tasks validate' })
  }
  return notes
}

function fromFolder(finding: Finding, folder: string): Finding {
  return finding.file === undefined ? finding : { ...finding, file: join(folder, finding.file) }
}

function unique(findings: Finding[]): Finding[] {
  return [...new Map(findings.map((finding) => [JSON.stringify(finding), finding])).values()]
}
