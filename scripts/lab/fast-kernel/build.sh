#!/bin/sh
# Builds a User Mode Linux kernel for machines with a whole Kubernetes on them: build.sh WORK-FOLDER; leaves linux and
# modules/VERSION in it. The source is Debian's, of the first suite that has the version: its archive checks itself.
set -eu
here=$(dirname "$(readlink -f "$0")")
cd "$1"
source=linux-source-7.2

# An apt of its own, which knows other suites than this host's, from where the image of lab machines comes too.
own=$PWD/apt
mkdir -p apt/lists/partial apt/archives/partial apt/etc/preferences.d
mirror=$(sed -n 's/^DEF_MIRROR="\(.*\)"$/\1/p' "$(command -v debootstrap || echo /usr/sbin/debootstrap)")
for suite in sid trixie-backports; do
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main"
done >apt/etc/sources.list
: >apt/status
own_apt() {
  apt-get -qq -o Dir::Etc="$own/etc" -o Dir::Etc::sourcelist=sources.list -o Dir::Etc::sourceparts=/dev/null \
    -o Dir::State::lists="$own/lists" -o Dir::State::status="$own/status" -o Dir::Cache="$own" \
    -o APT::Sandbox::User=root "$@"
}
own_apt update
(cd apt && own_apt download $source)
mkdir source
dpkg-deb --fsys-tarfile apt/$source*.deb | tar -xO --wildcards "./usr/src/$source.tar.*" |
  tar -xJ -C source --strip-components=1
rm -r apt

cd source
# Its network card over a tap has no queues, and takes their locks all the same, which ends a kernel with two processors.
card=arch/um/drivers/vector_kern.c
sed -i -E 's/spin_(lock|unlock)\(&vp->([rt]x_queue)->head_lock\)/queue_\1(vp->\2)/' $card
sed -i '0,/^static /s//\
static void queue_lock(struct vector_queue *queue) { if (queue) spin_lock(\&queue->head_lock); }\
static void queue_unlock(struct vector_queue *queue) { if (queue) spin_unlock(\&queue->head_lock); }\
\
&/' $card

export ARCH=um
make -s defconfig
while read -r line; do
  case $line in '#'* | '') continue ;; esac
  for option in $line; do
    case $option in
    -*) scripts/config -d "${option#-}" ;;
    *) scripts/config -e "$option" ;;
    esac
  done
done <"$here/options"
scripts/config --set-str LOCALVERSION -lab --set-val NR_CPUS 2
make -s olddefconfig
# Nothing is a module.
sed -i 's/=m$/=y/' .config
make -s olddefconfig
for option in SMP SECCOMP_FILTER CPUSETS XFS_FS DM_CRYPT OVERLAY_FS VXLAN IP_NF_IPTABLES_LEGACY IP_SET; do
  grep -q "^CONFIG_$option=y" .config || { echo "$source has no $option" >&2; exit 1; }
done
make -s -j"$(nproc)" linux >../build.log 2>&1
version=$(make -s kernelrelease)

cd ..
strip -g -o linux source/linux
# So that modprobe finds what is built in.
mkdir -p "modules/$version"
cp source/modules.builtin source/modules.builtin.modinfo "modules/$version/"
: >"modules/$version/modules.order"
rm -r source
