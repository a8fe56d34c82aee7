import type { Finding } from '../../cli/errors.ts'
import { formatNamed } from '../variables/formats.ts'
import { makeText } from './make/make-variables.ts'
import type { OldNode, OldSync } from './old-cluster.ts'
import type { OldToolkit } from './reading.ts'

const script = 'k8s/scripts/node_labels.sh'
const syncLabel = 'service.data-sync'

/** Gives the nodes the labels that the old script sets by kubectl. */
export function addLabels(nodes: OldNode[], toolkit: OldToolkit): void {
  const lines = toolkit.checkout.file(script)?.text.split(/\r?\n/) ?? []
  for (const [index, line] of lines.entries()) {
    if (!/^[^#]*\bkubectl\b.*\blabel\b/.test(line)) continue
    const from = `${script}:${index + 1}`
    const finding = addFromLine(line, nodes, { from, toolkit })
    if (finding) toolkit.findings.push({ ...finding, file: script, line: index + 1 })
  }
}

/** The folder that data-sync keeps the same on the nodes with its label; nothing where fewer than two have it. */
export function syncedFolder(nodes: OldNode[], volumesPath: string): OldSync | undefined {
  const labels = nodes.flatMap((node) =>
    node.labels.filter(([key]) => key === syncLabel).map(([, { from }]) => ({ node, from })),
  )
  if (labels.length < 2) return undefined
  return { path: `${volumesPath}/share`, nodes: labels.map(({ node }) => node.name), from: labels[0]!.from }
}

function addFromLine(
  line: string,
  nodes: OldNode[],
  { from, toolkit }: { from: string; toolkit: OldToolkit },
): Finding | undefined {
  const words = line
    .split(/\bnodes?\b/)
    .slice(1)
    .join('node')
    .trim()
    .split(/\s+/)
  const [name, ...labels] = words.filter((word) => !word.startsWith('-')).map((word) => expand(word, toolkit))
  const node = nodes.find((one) => one.name === name || one.name.split('.')[0] === name)
  if (!node) {
    const hint = 'write the labels into cluster.yaml, at the node that is meant'
    return { severity: 'warning', message: `labels of "${name ?? line.trim()}", which is no node`, hint }
  }
  for (const label of labels) {
    const [key, value] = label.split(/=(.*)/s)
    if (
      !formatNamed('labelKey').accepts(key!) ||
      value === undefined ||
      !formatNamed('labelValue').accepts(value)
    ) {
      return {
        severity: 'warning',
        message: `"${label}" is no label of ${node.name}`,
        hint: 'for example disk=ssd',
      }
    }
    node.labels = [...node.labels.filter(([other]) => other !== key), [key!, { value, from }]]
  }
  return undefined
}

function expand(word: string, { make }: OldToolkit): string {
  const bare = word.replace(/^(["'])(.*)\1$/, '$2')
  return bare.replace(/\$\{?([A-Za-z_][A-Za-z0-9_]*)\}?/g, (written, name: string) => {
    const text = makeText(name, make)
    return typeof text === 'string' && text !== '' ? text : written
  })
}
