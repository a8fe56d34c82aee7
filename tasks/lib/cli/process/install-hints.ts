/** The Debian package that brings a program, where its name is another one. */
const packages: Record<string, string> = {
  ssh: 'openssh-client',
  scp: 'openssh-client',
  'ssh-keyscan': 'openssh-client',
  'ssh-keygen': 'openssh-client',
  gpg: 'gnupg',
  envsubst: 'gettext-base',
  ip: 'iproute2',
  ss: 'iproute2',
  ps: 'procps',
  go: 'golang',
  cryptsetup: 'cryptsetup-bin',
  lvs: 'lvm2',
  vgs: 'lvm2',
  mkfs: 'util-linux',
}

/** Programs that Debian does not pack, and where they come from. */
const elsewhere: Record<string, string> = {
  kubectl: 'see kubernetes.io/docs/tasks/tools, or let `tasks sandbox:up` fetch it',
  helm: 'see helm.sh/docs/intro/install',
  sops: 'see the releases of github.com/getsops/sops',
}

/** How to get a program that is missing. */
export function installHint(program: string): string {
  if (program.includes('/')) return `look whether ${program} is there and may be executed`
  return elsewhere[program] ?? `apt install ${packages[program] ?? program}, or add its folder to PATH`
}
