#!/usr/bin/env bash
# Runs while the image is built: makes the Java runtime (/opt/java), its options (/opt/bactrian/java.options), the root folder
# of the image with libc and a user (/rootfs), and what belongs to that user in its working folder (/owned).
set -euo pipefail

# java.desktop: java.beans, for the queue and mail. jdk.jcmd: for finding out what a running gateway does.
wanted=(java.desktop java.instrument java.logging java.management java.naming java.net.http java.security.jgss
    java.security.sasl java.sql java.xml jdk.crypto.ec jdk.jcmd jdk.management jdk.net jdk.unsupported)
there=$(java --list-modules | sed 's/@.*//')
modules=java.base
for module in "${wanted[@]}"; do
    # Some of them become part of others in a newer Java.
    ! grep -qx "$module" <<<"$there" || modules+=,$module
done
mkdir -p /opt
jlink --add-modules "$modules" --output /opt/java --compress=zip-6 --strip-java-debug-attributes --no-header-files --no-man-pages

mkdir -p /opt/bactrian
options=(-XX:+ExitOnOutOfMemoryError -XX:MaxRAMPercentage=55)
quiet=--sun-misc-unsafe-memory-access=allow
! /opt/java/bin/java "$quiet" -version >/dev/null 2>&1 || options+=("$quiet")
printf '%s\n' "${options[@]}" >/opt/bactrian/java.options

# The libraries that the runtime is linked to, and those that libc loads by itself to look up names.
linked=$(find /opt/java -name '*.so' -o -path /opt/java/bin/java | xargs ldd |
    awk '$3 ~ "^/" {print $3} $1 ~ "^/.*/ld-" {print $1}' | grep -v '^/opt/java' | sort -u)
libc=$(dirname "$(grep '/libc\.' <<<"$linked")")
for library in $linked "$libc"/libnss_files.so.2 "$libc"/libnss_dns.so.2 "$libc"/libresolv.so.2; do
    [[ -e $library ]] || continue
    install -D "$library" "/rootfs$library"
    command -v dpkg-query >/dev/null || continue
    # Where scanners look for the packages of an image that has no package manager.
    for package in $(dpkg-query -S "*/${library##*/}" | sed 's/[:,].*//' | sort -u); do
        mkdir -p /rootfs/var/lib/dpkg/status.d
        dpkg-query -s "$package" >"/rootfs/var/lib/dpkg/status.d/$package"
        [[ ! -e /usr/share/doc/$package/copyright ]] ||
            install -D -m 644 "/usr/share/doc/$package/copyright" "/rootfs/usr/share/doc/$package/copyright"
    done
done
mkdir -p /rootfs/etc /rootfs/bactrian /owned/data
[[ ! -e /etc/os-release ]] || cp -L /etc/os-release /rootfs/etc/os-release
printf 'root:x:0:0::/:/sbin/nologin\nbactrian:x:10001:10001::/bactrian:/sbin/nologin\n' >/rootfs/etc/passwd
printf 'root:x:0:\nbactrian:x:10001:\n' >/rootfs/etc/group
printf 'hosts: files dns\n' >/rootfs/etc/nsswitch.conf
install -d -m 1777 /rootfs/tmp
