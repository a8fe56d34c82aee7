import type { Finding } from '../../../cli/errors.ts'
import type { Checkout } from '../checkout.ts'
import { type Settings, settingsOf } from './placed.ts'
import { readAnsibleYaml } from './yaml-values.ts'

/** What one file, or one folder of files, says of a group or a host. */
export interface VariableFile {
  /** Name of the group or host: "k8s_nodes" of group_vars/k8s_nodes.yml. */
  subject: string
  path: string
  settings: Settings
}

const endings = /\.(ya?ml|json)$/

/** The files of group_vars/ or host_vars/, by path; one that is encrypted as a whole is a finding. */
export function readVariableFiles(folder: string, checkout: Checkout): VariableFile[] {
  const target = checkout.link(folder)
  if (target !== undefined && !checkout.isFolder(folder)) checkout.file(folder)
  return checkout.names(folder).flatMap((name) => {
    const path = `${folder}/${name}`
    const subject = name.replace(endings, '')
    if (!checkout.isFolder(path)) return readOne(path, subject, checkout)
    return checkout.names(path).flatMap((part) => readOne(`${path}/${part}`, subject, checkout))
  })
}

/** The settings of one YAML file; none where it is missing, encrypted or no map. */
export function readSettings(path: string, checkout: Checkout): Settings | undefined {
  const file = checkout.file(path)
  if (!file) return undefined
  if (file.text.startsWith('$ANSIBLE_VAULT;')) return skipVault(path, checkout.findings)
  const { root, findings } = readAnsibleYaml(file.text, path)
  checkout.findings.push(...findings)
  if (root && !settingsOf(root) && root.content !== null) {
    const hint = 'expected NAME: value on each line'
    checkout.findings.push({ severity: 'error', file: path, message: 'this file holds no variables', hint })
  }
  return settingsOf(root)
}

function readOne(path: string, subject: string, checkout: Checkout): VariableFile[] {
  const name = path.split('/').at(-1)!
  if (name.startsWith('.') || name.endsWith('~') || (/\.[^.]+$/.test(name) && !isVariableFile(name)))
    return []
  const settings = readSettings(path, checkout)
  return settings ? [{ subject, path, settings }] : []
}

// A host's name has dots of its own: host_vars/kube1.example.com.
function isVariableFile(name: string): boolean {
  return endings.test(name) || !/\.(md|txt|orig|bak|swp|j2|retry)$/.test(name)
}

function skipVault(path: string, findings: Finding[]): undefined {
  findings.push({
    severity: 'warning',
    file: path,
    message: 'the whole file is encrypted with ansible-vault: nothing of it is taken over',
    hint: `look with ansible-vault view ${path}; secrets go to tasks secrets:new`,
  })
  return undefined
}
