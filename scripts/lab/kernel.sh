#!/bin/bash
# Runs the kernel of a lab machine: kernel.sh ARGUMENTS. At a reboot the kernel executes its own argument 0 again, with
# every file open that it had, the machine's network cable among them, which can be plugged in only once. So argument 0
# is this script, which closes them.
for file in /proc/self/fd/*; do
  number=${file##*/}
  [ "$number" -le 2 ] || eval "exec $number>&-" 2>/dev/null
done
kernel=/usr/bin/linux.uml
for word; do
  case $word in lab.kernel=*) kernel=${word#lab.kernel=}/linux ;; esac
done
exec -a "$(readlink -f "$0")" "$kernel" "$@"
