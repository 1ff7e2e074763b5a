#!/bin/sh
# Makes sure that the browser tests find a Chromium: the system's own, installed by apt when root may. Debian's
# chromium-headless-shell is the same engine without windows and takes less than half of the processor.
set -eu
for name in chromium-headless-shell chromium chromium-browser google-chrome; do
    if command -v "$name" >/dev/null 2>&1; then exit 0; fi
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing Chromium for the browser tests..."
    apt-get update -qq
    for package in chromium-headless-shell chromium; do
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" >/dev/null && exit 0
    done
fi
echo "The browser tests need Chromium and none was found. Install it (Debian: apt install chromium), then run again." >&2
exit 1
