import { TaskError } from '../lib/cli/errors.ts'
import { defineTask } from '../lib/cli/task.ts'
import { loadConfig } from '../lib/config/config.ts'
import { hostsOf } from '../lib/node/ssh/hosts.ts'
import { readKnownHosts } from '../lib/node/ssh/known-hosts.ts'
import { writeKnownHosts } from '../lib/node/ssh/known-hosts-file.ts'
import { inStages, surveyHosts } from '../lib/node/ssh/survey.ts'
import {
  namedHosts,
  type Sighting,
  sightingJson,
  sightingLines,
  silence,
  trusting,
} from '../lib/node/ssh/trust.ts'
import { agree, chosenByFingerprint, readFingerprints } from '../lib/node/ssh/trust-questions.ts'

export default defineTask(import.meta, {
  group: 'nodes',
  summary: 'record the host keys of machines, after you compared them',
  description:
    'Shows the fingerprint of every key of the nodes, the key server and the bastion, asks once, and writes known_hosts ' +
    'of the project: the only keys that count from then on. A key that changed is taken only when the name of its ' +
    'machine is typed.',
  arguments: {
    names: { summary: 'machines; all of the configuration unless given', many: true, complete: 'nodes' },
  },
  options: {
    fingerprint: {
      type: 'list',
      valueName: 'NAME=SHA256:…',
      summary: 'record that key alone, without a question; any other is refused',
    },
  },
  examples: [
    ['tasks node:trust', 'show the keys of all machines and ask'],
    ['tasks node:trust kube1', 'one machine, for example after it was set up anew'],
  ],
  oldNames: ['known_hosts', 'keyscan', 'ssh-keyscan'],
  async run({ root, arguments: { names = [] }, options, output, signal }) {
    const config = await loadConfig(root)
    output.findings(config.findings)
    if (!config.configured)
      throw new TaskError('no machines are configured', { hint: 'name them in cluster.yaml: nodes: [kube1]' })
    const all = hostsOf(config.cluster)
    const fingerprints = readFingerprints(options.fingerprint, all)
    const results: Sighting[] = []
    for (const hosts of inStages(namedHosts(all, [...names, ...fingerprints.keys()]), config)) {
      const title = `host keys of ${hosts.map(({ label }) => label).join(' ')}`
      const seen = await output.live(title, () => surveyHosts(config, { hosts, signal }))
      const sightings = seen.map((sighting) => chosenByFingerprint(sighting, fingerprints))
      results.push(...sightings)
      if (!options.json) output.data(sightings.map((one) => `${sightingLines(one).join('\n')}\n`).join(''))
      if (options.dryRun || !(await agree(sightings, { options, fingerprints }))) continue
      await writeKnownHosts(root, trusting(readKnownHosts(root), sightings))
      output.line('recorded in known_hosts')
    }
    if (options.json) output.json({ machines: results.map(sightingJson) })
    if (results.every(({ state }) => state === 'same')) output.line('nothing changed')
    const silent = results.filter(({ state }) => state === 'silent')
    output.findings(silent.map(({ host }) => silence(host)))
    return silent.length === 0 ? 0 : 1
  },
})
