#!/bin/sh
# Builds the disk image that every lab machine boots from. As root: build.sh WORK-FOLDER; leaves base.img in it.
# What the image holds beyond packages is the tree rootfs/ beside this file.
set -eu
here=$(dirname "$(readlink -f "$0")")
cd "$1"
root=$PWD/rootfs
unset LANG LC_ALL
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8

# What a fresh Debian 12 server has, and what prepared machines need on top of it.
base=systemd,systemd-sysv,udev,dbus,openssh-server,sudo,iproute2,kmod,procps,iputils-ping,mount,e2fsprogs,ca-certificates,curl
extra="cryptsetup lvm2 xfsprogs mdadm fdisk gdisk sshfs rsync unison clevis clevis-luks clevis-systemd tang jose
  nfs-common nfs-kernel-server quota lsof psmisc openssh-client iptables"
# Not installed, but installable without a network.
offline="tree jq conntrack socat ethtool haproxy keepalived"

debootstrap --variant=minbase --include=$base bookworm "$root" >debootstrap.log
trap 'umount "$root/proc" 2>/dev/null || :' EXIT
mount -t proc proc "$root/proc"
in_root() { chroot "$root" "$@"; }

printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"
in_root apt-get install -y -qq --no-install-recommends $extra >install.log 2>&1
rm "$root/usr/sbin/policy-rc.d"

# An archive inside the image: apt works there as it does with a mirror.
in_root apt-get clean
in_root apt-get install -y -qq --no-install-recommends --download-only $offline >>install.log
# What machines of tests take away and get back.
in_root apt-get install -y -qq --reinstall --download-only lvm2 cryptsetup cryptsetup-bin xfsprogs >>install.log
mkdir -p "$root/srv/apt"
mv "$root"/var/cache/apt/archives/*.deb "$root/srv/apt/"
(
  cd "$root/srv/apt"
  for deb in *.deb; do
    dpkg-deb -f "$deb"
    printf 'Filename: ./%s\nSize: %s\nSHA256: %s\n\n' "$deb" "$(stat -c %s "$deb")" "$(sha256sum <"$deb" | cut -d' ' -f1)"
  done >Packages
)
echo 'deb [trusted=yes] file:/srv/apt ./' >"$root/etc/apt/sources.list"
rm -rf "$root"/var/lib/apt/lists/*
in_root apt-get update -qq

cp -a --no-preserve=ownership "$here/rootfs/." "$root/"
mkdir -p "$root/lib/modules"
cp -a /usr/lib/uml/modules/. "$root/lib/modules/"
in_root depmod "$(ls /usr/lib/uml/modules)"

# This kernel has no nftables for IP.
in_root update-alternatives --quiet --set iptables /usr/sbin/iptables-legacy
in_root update-alternatives --quiet --set ip6tables /usr/sbin/ip6tables-legacy

# ops may use sudo at once, careful must give a password; the keys of both come with each lab.
for user in ops careful; do
  in_root useradd --create-home --shell /bin/bash $user
done
in_root usermod -p '*' ops
echo careful:careful-password | in_root chpasswd
printf 'ops ALL=(ALL) NOPASSWD: ALL\ncareful ALL=(ALL) ALL\n' >"$root/etc/sudoers.d/lab"
chmod 440 "$root/etc/sudoers.d/lab"

in_root systemctl -q enable lab-identity.service
in_root systemctl -q set-default multi-user.target
in_root systemctl -q disable tangd.socket nfs-server nfs-client.target nfs-blkmap rpcbind.service rpcbind.socket \
  remote-fs.target quota 2>/dev/null || :

# A boot of 4 s instead of 16: each program that starts costs 50 ms and more on this kernel, and nothing here misses
# these. The bus starts when it is used.
in_root systemctl -q mask systemd-logind systemd-timesyncd systemd-pstore systemd-binfmt \
  proc-sys-fs-binfmt_misc.automount proc-sys-fs-binfmt_misc.mount systemd-update-utmp systemd-update-utmp-runlevel \
  systemd-random-seed systemd-networkd.service systemd-networkd.socket systemd-network-generator \
  e2scrub_reap e2scrub_all.timer fstrim.timer apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer \
  mdcheck_start.timer mdcheck_continue.timer mdmonitor-oneshot.timer getty.target \
  modprobe@configfs modprobe@drm modprobe@efi_pstore modprobe@fuse modprobe@loop modprobe@dm_mod \
  sys-kernel-debug.mount sys-kernel-tracing.mount dev-hugepages.mount dev-mqueue.mount sys-fs-fuse-connections.mount \
  systemd-sysusers systemd-remount-fs systemd-journal-flush systemd-user-sessions lvm2-monitor 2>/dev/null
rm "$root/lib/systemd/system/multi-user.target.wants/dbus.service"
mkdir -p "$root/etc/systemd/system-generators"
for generator in "$root"/lib/systemd/system-generators/*; do
  case ${generator##*/} in
  systemd-cryptsetup-generator | systemd-fstab-generator) ;;
  *) ln -s /dev/null "$root/etc/systemd/system-generators/${generator##*/}" ;;
  esac
done
for file in "$root"/usr/lib/tmpfiles.d/*; do
  case ${file##*/} in
  static-nodes-permissions.conf | lvm2.conf | sudo.conf | cryptsetup.conf | rpcbind.conf | tmp.conf | var.conf) ;;
  *) ln -s /dev/null "$root/etc/tmpfiles.d/${file##*/}" ;;
  esac
done

rm -f "$root"/etc/ssh/ssh_host_* "$root/etc/machine-id"
rm -rf "$root"/usr/share/doc/* "$root"/usr/share/man/* "$root"/usr/share/locale/* "$root"/var/cache/apt/*.bin
echo lab >"$root/etc/hostname"
: >"$root/etc/machine-id"
umount "$root/proc"

# Sparse: programs and images of Kubernetes take 3 GB of it.
truncate -s 8G base.img
mkfs.ext4 -q -F -E lazy_itable_init=1,root_owner=0:0 -m 0 -d "$root" base.img
rm -rf "$root"
# A machine's disk only holds what differs from this file: it must never change.
chmod 444 base.img
