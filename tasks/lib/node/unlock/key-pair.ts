import { quote } from '../../cli/process/quote.ts'
import type { Answer, Planned, Resource } from '../resource.ts'
import { identityFile, keyFolder } from './names.ts'

/** The SSH key that a machine reads its keys with: made on it, and only its public half ever leaves it. */
export function keyPair(node: string): Resource {
  return {
    target: 'SSH key for the key server',
    probe: `[ -s ${identityFile} ] && [ -s ${identityFile}.pub ] && stat -c %a ${identityFile}`,
    plan: (answer) => planKeyPair(answer, node),
  }
}

function planKeyPair({ stdout, exitCode }: Answer, node: string): Planned {
  if (exitCode === 0 && stdout.trim() === '600') return { actions: [] }
  const making = `${identityFile}.making`
  return {
    actions: [
      {
        action: 'create',
        title: 'make an SSH key for the key server',
        after: [`${identityFile} (stays on ${node})`],
        commands: [
          `mkdir -p -m 0700 ${keyFolder}; chmod 0700 ${keyFolder}`,
          `rm -f ${making} ${making}.pub`,
          `[ -s ${identityFile} ] || ssh-keygen -q -t ed25519 -N '' -C ${quote(`volume-keys@${node}`)} -f ${making}`,
          `[ -s ${identityFile} ] || { sync ${making}; mv ${making} ${identityFile}; }`,
          `chmod 0600 ${identityFile}`,
          `ssh-keygen -y -f ${identityFile} >${making}.pub`,
          `sync ${making}.pub`,
          `mv ${making}.pub ${identityFile}.pub`,
        ],
      },
    ],
  }
}
