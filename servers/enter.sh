#!/bin/sh
# Puts a program into its own view of the files. Runs inside the private mount namespace (and, for
# a server, as PID 1 of the private pid namespace) that servers/namespaces.py has just made.
#
#   enter.sh ROOT DETACH SHARE... -- PROGRAM ARG...
#
# ROOT    the private Debian root, or "" to stay on the host's files
# DETACH  "pid1": fork, wait for the program and give back its exit code; "exec": become it
# SHARE   host folders that the program sees at the same path; everything else is the root's
#
# Nothing here outlives the namespace: the mounts are private and end with its last process.
set -eu
root=$1 mode=$2
shift 2

if [ -z "$root" ]; then
    while [ "$1" != -- ]; do shift; done
    shift
    if [ "$mode" = pid1 ]; then
        mount -t proc proc /proc
    else
        exec "$@"
    fi
else
    # The root itself stays untouched and shared: a scratch file system on its empty /mnt becomes
    # the new "/", and the root's folders are bound into it read-only, one by one, so that a
    # shared host folder may lie anywhere, under /usr and /var too.
    new=$root/mnt
    mount -t tmpfs -o mode=755 huling "$new"
    for name in bin sbin lib lib32 lib64; do
        if [ -L "$root/$name" ]; then
            cp -P "$root/$name" "$new/$name"
        elif [ -d "$root/$name" ]; then
            mkdir "$new/$name"
            mount -o bind,ro "$root/$name" "$new/$name"
        fi
    done
    mkdir "$new/usr" "$new/etc" "$new/dev" "$new/proc" "$new/run" "$new/tmp" \
        "$new/var" "$new/var/lib" "$new/var/log" "$new/var/spool" "$new/var/tmp"
    chmod 1777 "$new/tmp" "$new/var/tmp"
    ln -s /run "$new/var/run"
    for path in "$root"/usr/*; do
        mkdir "$new/usr/${path##*/}"
        mount -o bind,ro "$path" "$new/usr/${path##*/}"
    done
    mount -o bind,ro "$root/etc" "$new/etc"
    mount --rbind /dev "$new/dev"
    if [ "$mode" = pid1 ]; then
        # A server's shared memory dies with it.
        mount -t tmpfs -o mode=1777 huling "$new/dev/shm"
        mount -t proc proc "$new/proc"
    else
        mount --rbind /proc "$new/proc"
    fi
    while [ "$1" != -- ]; do
        case $1 in
            # Called from such a folder: it is the root's own that counts here.
            / | /usr | /bin | /sbin | /lib | /lib/* | /lib32 | /lib32/* | /lib64 | /lib64/* | \
                /etc | /etc/* | /dev | /dev/* | /proc | /proc/*) ;;
            *)
                mkdir -p "$new$1"
                mount --rbind "$1" "$new$1"
                ;;
        esac
        shift
    done
    shift
    here=$(pwd)
    [ -d "$new$here" ] || here=/
    # "$0" etc. are arguments, not text pasted into the script: any path is safe.
    set -- chroot "$new" /bin/sh -c 'cd "$0" && exec "$@"' "$here" "$@"
    if [ "$mode" = exec ]; then
        exec "$@"
    fi
fi

# PID 1: the kernel kills the whole namespace with this shell, and the parent's death kills this
# shell. It must stay (an exec into another user would lose that bond), so the program is a child.
"$@" && code=0 || code=$?
exit "$code"
