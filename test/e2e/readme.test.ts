import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { packageRoot } from '../../tasks/lib/cli/root.ts'
import { runTasks, writeFiles } from '../support/cli.ts'
import { readmeCommands } from '../support/readme.ts'

const readme = readFileSync(join(packageRoot(), 'README.md'), 'utf8')
const root = mkdtempSync(join(tmpdir(), 'readme-'))
const env = { XDG_STATE_HOME: join(root, 'state'), K8S_NODES: undefined, NODE: 'kube1' }
writeFiles(root, {
  '.env': '',
  'manifests/web.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: web }\n',
  'manifests/mariadb.yaml':
    '# tasks: set=mariadb-${SERVICE_NAME:-mariadb}\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: "${SERVICE_NAME:-mariadb}" }\n',
})

afterAll(async () => {
  await runTasks(['sandbox:down', '--purge'], { cwd: root, env })
  rmSync(root, { recursive: true, force: true })
})

/** What a command ends with where it is not 0. */
const exitCodes: Record<string, number> = {
  // Says that nothing was created.
  'NODE=kube1 tasks persistent-dirs': 1,
}

// One after the other and in the order of the README, each as a reader would type it; questions are answered with yes.
test.each(readmeCommands(readme).filter(([, words]) => !['init'].includes(words[0] ?? '')))(
  'the README: %s runs',
  async (command, words) => {
    const ran = await runTasks(words.includes('--help') ? words : [...words, ...answers(words)], {
      cwd: root,
      env,
    })
    expect(ran.exitCode, ran.stderr).toBe(exitCodes[command] ?? 0)
  },
)

function answers([name]: string[]): string[] {
  return name !== undefined && /^(install|apply|delete|persistent|namespace-config|node-labels)$/.test(name)
    ? ['--yes']
    : []
}
