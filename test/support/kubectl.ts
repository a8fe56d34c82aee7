import { execFile } from 'node:child_process'

/** Runs kubectl with a kubeconfig; gives stdout, and throws with stderr. */
export function kubectlWith(program: string, kubeconfig: string) {
  return (args: string[], input?: string, env: Record<string, string> = {}): Promise<string> =>
    new Promise((resolve, reject) => {
      const child = execFile(
        program,
        ['--kubeconfig', kubeconfig, ...args],
        { maxBuffer: 64 * 1024 * 1024, env: { ...process.env, ...env } },
        (error, stdout) => (error ? reject(error) : resolve(stdout)),
      )
      child.stdin?.end(input)
    })
}
