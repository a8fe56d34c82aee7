import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { packageRoot } from '../../tasks/lib/cli/root.ts'
import { runTasks, writeFiles } from '../support/cli.ts'
import { readmeCommands } from '../support/readme.ts'

const readme = readFileSync(join(packageRoot(), 'README.md'), 'utf8')
const root = mkdtempSync(join(tmpdir(), 'readme-'))
// Nobody's own keys are looked at, and none is added to them; programs come from the cache that is there.
const home = {
  ...{ HOME: join(root, 'home'), XDG_CONFIG_HOME: join(root, 'home'), GNUPGHOME: join(root, 'home') },
  XDG_CACHE_HOME: process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'),
}
const env = {
  ...{ XDG_STATE_HOME: join(root, 'state'), K8S_NODES: undefined, NODE: 'kube1' },
  // An editor that saves what it was given.
  ...{ ...home, EDITOR: 'true', SOPS_EDITOR: undefined, VISUAL: undefined },
}
writeFiles(root, {
  '.env': '',
  'manifests/web.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: web }\n',
  'manifests/mariadb.yaml':
    '# tasks: set=mariadb-${SERVICE_NAME:-mariadb}\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: "${SERVICE_NAME:-mariadb}" }\n',
})

spawnSync('git', ['init', '-q', root])

afterAll(async () => {
  await runTasks(['sandbox:down', '--purge'], { cwd: root, env })
  rmSync(root, { recursive: true, force: true })
})

/** What a command ends with where it is not 0. */
const exitCodes: Record<string, number> = {
  // No machine is configured.
  'tasks node:trust': 1,
  'tasks nodes': 1,
  'tasks node:add kube5': 1,
  'tasks cluster:upgrade': 1,
  'tasks cluster:reset home': 1,
  'tasks certs': 1,
  'tasks etcd:backup': 1,
}

// One after the other and in the order of the README, each as a reader would type it; questions are answered with yes.
test.each(
  readmeCommands(readme).filter(
    ([, words]) => !['init', 'secrets:import', 'secrets:exec'].includes(words[0] ?? ''),
  ),
)('the README: %s runs', async (command, words) => {
  const typed = words.includes('--help') ? words : [...words, ...answers(words)]
  const ran = await runTasks(typed, { cwd: root, env, input: stdin[words[0]!] })
  expect(ran.exitCode, ran.stderr).toBe(exitCodes[command] ?? 0)
})

/** What a reader would type at a prompt, or send through a pipe. */
const stdin: Record<string, string> = {
  'secrets:new': 'user=kim\npassword=correct-horse-9\n',
  'secrets:set': 'battery-staple-7',
}

function answers([name]: string[]): string[] {
  return name !== undefined &&
    /^(install|apply|delete|persistent|namespace-config|node-labels|secrets:(apply|updatekeys|rotate))$/.test(
      name,
    )
    ? ['--yes']
    : []
}
