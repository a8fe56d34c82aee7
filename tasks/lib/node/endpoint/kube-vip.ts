import { beginningFile, kubeletConfig, manifestsFolder } from '../kubeadm/paths.ts'
import type { Answer, Resource } from '../resource.ts'
import { file } from '../system/file.ts'

const path = `${manifestsFolder}/kube-vip.yaml`

export interface KubeVipTexts {
  /** What a control plane has that is set up. */
  settled: string
  /** What the first one has until then; where not given, another was the first. */
  first?: string
}

/** kube-vip's static pod, before this control plane is set up, and as it stays. */
export function kubeVip({ settled, first = settled }: KubeVipTexts): Resource {
  return {
    target: 'static pod kube-vip',
    probe: probe(settled),
    plan: (answer) => {
      const { isSetUp, rest } = read(answer)
      return manifest(isSetUp ? settled : first).plan(rest)
    },
  }
}

/** The same once the first control plane is set up: it logs in as the administrator from then on. */
export function settledKubeVip({ settled, first = settled }: KubeVipTexts): Resource {
  return {
    target: 'static pod kube-vip, as it stays',
    probe: probe(settled),
    plan: (answer) => {
      const { isSetUp, rest } = read(answer)
      // The step before writes the other one first.
      const present = isSetUp ? rest : { ...rest, stdout: `file 600 root:root 0:0\n${first}` }
      return manifest(settled).plan(present)
    },
  }
}

function manifest(content: string): Resource {
  return file({ path, content, mode: '0600' })
}

// What is begun and not ended is not set up; the probe of a file follows.
function probe(settled: string): string {
  return `if test -e ${kubeletConfig} && ! test -e ${beginningFile}; then echo set-up; else echo bare; fi\n${manifest(settled).probe}`
}

function read(answer: Answer): { isSetUp: boolean; rest: Answer } {
  const end = answer.stdout.indexOf('\n')
  const isSetUp = answer.stdout.slice(0, end) === 'set-up'
  return { isSetUp, rest: { ...answer, stdout: answer.stdout.slice(end + 1) } }
}
