import type { Volume } from '../../tasks/lib/node/volumes/volume.ts'

/** Shell that makes volumes the plain way, with the machine's own keys, and keeps their mount points immutable. */
export function makeVolumes(volumes: readonly Volume[]): string {
  const each = volumes.map(({ name, vg, device, mapper, opened, path, filesystem }) =>
    [
      `lvcreate -q -L 64M -n ${name} ${vg} </dev/null`,
      `volume-key ${name} | cryptsetup luksFormat -q --type luks2 --pbkdf pbkdf2 --pbkdf-force-iterations 1000 --key-file - ${device}`,
      `volume-key ${name} | cryptsetup open --key-file - ${device} ${mapper}`,
      `mkfs.${filesystem} -q ${opened}`,
      `mkdir -p '${path}'; chattr +i '${path}'`,
      `echo '${opened} ${path.replaceAll(' ', '\\040')} ${filesystem} defaults,noauto,nofail 0 0' | tee -a /etc/fstab`,
      `mount '${path}'; echo ${name} >'${path}/file'`,
    ].join('\n'),
  )
  return ['set -eu', 'vgs vg0 >/dev/null 2>&1 || vgcreate -q vg0 /dev/ubdb', ...each, 'sync'].join('\n')
}

/** Shell that makes units of these names, started at boot as the real ones are. */
export function standIns(units: readonly string[]): string {
  const each = units.map(
    (unit) => `cat >/etc/systemd/system/${unit}.service <<'end'
[Unit]
Description=stand-in of ${unit}
[Service]
ExecStart=/bin/sleep infinity
Restart=always
[Install]
WantedBy=multi-user.target
end
systemctl enable -q ${unit}; systemctl start ${unit}`,
  )
  return ['set -eu', ...each].join('\n')
}
