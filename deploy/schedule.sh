#!/bin/sh
# Crawls on a schedule, in the foreground: everything is said on standard output, SIGTERM ends the crawl in order.
#
#   schedule.sh           runs `scrapy crawl` for each of CRAWL_VERTICALS, every CRAWL_EVERY, until it is stopped
#   schedule.sh check     exit status 0 while every last run was healthy; else 1, and says which was not (healthcheck)
#
# CRAWL_VERTICALS  which spiders, in this order (equipment dog); the word `check` among them stands for
#                  `scrapy dealers check --all`: five pages of each dealer, compared with what its file promises
# CRAWL_EVERY      from one start to the next: 90s, 30m, 24h, 7d (24h)
# CRAWL_STATE      folder where the last exit statuses are kept, a file a vertical (/tmp/yardstick)
set -u

verticals=${CRAWL_VERTICALS:-equipment dog}
state=${CRAWL_STATE:-/tmp/yardstick}

say() { echo "$(date -u +%Y-%m-%dT%H:%M:%SZ) schedule: $*"; }

seconds() { # 90s, 30m, 24h or 7d in seconds; nothing where it is none of them
    number=${1%[smhd]}
    case $number in '' | 0* | *[!0-9]*) return ;; esac
    case $1 in
        *s) echo "$number" ;;
        *m) echo $((number * 60)) ;;
        *h) echo $((number * 3600)) ;;
        *d) echo $((number * 86400)) ;;
    esac
}

meaning() { # of an exit status of `scrapy crawl` or `scrapy dealers check`
    case $1 in
        0) echo "every dealer healthy" ;;
        2) echo "wrong use: nothing was asked for" ;;
        3) echo "some dealers failed" ;;
        4) echo "no dealer, or no database, could be used" ;;
        *) echo "it broke off" ;;
    esac
}

check() {
    unhealthy=0
    for vertical in $verticals; do
        [ -f "$state/$vertical" ] || continue # its first run has not ended yet
        read -r status ended <"$state/$vertical"
        if [ "$status" != 0 ]; then
            echo "$vertical: exit status $status at $ended ($(meaning "$status"))"
            unhealthy=1
        fi
    done
    return $unhealthy
}

child=
stop() { # a crawl that is asked once closes its dealers' crawls as stopped, then ends
    trap '' TERM INT
    if [ -n "$child" ]; then
        kill -TERM "$child" 2>/dev/null
        wait "$child"
    fi
    say "stopped"
    exit 0
}

crawl() {
    name=$1
    case $name in
        check) set -- dealers check --all ;;
        *) set -- crawl "$name" ;;
    esac
    say "scrapy $*"
    scrapy "$@" 2>&1 &
    child=$!
    wait "$child"
    status=$?
    child=
    echo "$status $(date -u +%Y-%m-%dT%H:%M:%SZ)" >"$state/$name.new" && mv "$state/$name.new" "$state/$name"
    say "scrapy $* ended with exit status $status: $(meaning "$status")"
}

pause() {
    sleep "$1" &
    child=$!
    wait "$child"
    child=
}

if [ "${1:-}" = check ]; then
    check
    exit
fi
every=$(seconds "${CRAWL_EVERY:-24h}")
if [ -z "$every" ]; then
    say "CRAWL_EVERY=$CRAWL_EVERY: write a number and s, m, h or d, such as 24h" >&2
    exit 2
fi
mkdir -p "$state" || exit 2
trap stop TERM INT
while :; do
    started=$(date +%s)
    for vertical in $verticals; do
        crawl "$vertical"
    done
    left=$((started + every - $(date +%s)))
    if [ "$left" -gt 0 ]; then
        say "next run in $left s"
        pause "$left"
    fi
done
