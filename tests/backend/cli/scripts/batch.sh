#!/bin/sh
# A batch of 200 rows against a sandbox in trouble, killed twice in the middle and run again, ends with
# exactly 200 jobs in the sandbox's books. Usage: batch.sh FOLDER; $REELTOP is the command, $PYTHON a Python.
set -eu

cd "$1"
mkdir -p home
export HOME="$1/home" REELTOP_DATA="$1/data" REELTOP_DOWNLOADS="$1/downloads"

# Each run meets some trouble: a job is made and its answer lost, nothing is made, too many requests, a page of
# HTML instead of an answer about a job.
$REELTOP sandbox --json --speed 60 --concurrency 60 --port 0 \
    --fault 'drop-after;times=1;match=POST /@kling' --fault '429;retry-after=0;times=1;match=POST /@kling' \
    --fault 'html;times=2;match=GET /v1/videos/text2video/@kling' \
    >sandbox.json 2>sandbox.log &
sandbox=$!
trap 'kill "$sandbox" 2>/dev/null || true' EXIT
until [ -s sandbox.json ]; do sleep 0.1; done
url=$(sed 's/^{"base_url": "\([^"]*\)".*/\1/' sandbox.json)
umask 077
cat >config.toml <<END
[accounts.kling]
provider = "kling"
base_url = "$url/kling"
api_key = "sandbox-kling-key"
[accounts.kling.limits]
concurrency = 40
min_spacing = 0.02
poll_first = 0.5
poll_max = 2
END
export REELTOP_CONFIG="$1/config.toml"

{
    echo 'id,prompt,tags'
    number=1
    while [ "$number" -le 200 ]; do
        echo "row-$number,\"[ok] a cat, number $number\",night"
        number=$((number + 1))
    done
} >shots.csv

# The provider's own list: what was really made.
jobs() {
    $REELTOP list --remote --account kling --operation text2video --size 500 --json | grep -c '"remote_id"' || true
}

trouble() {
    $PYTHON -c 'import sys, urllib.request as net
net.urlopen(net.Request(sys.argv[1], sys.argv[2].encode(), {"Content-Type": "application/json"}), timeout=30)' \
        "$url/faults" "{\"account\": \"kling\", \"fault\": \"$1\", \"times\": 1, \"match\": \"POST /\"}"
}

words='batch shots.csv --account kling --operation text2video --set model_name=kling-v2-6 --yes'

for enough in 30 90; do
    $REELTOP $words >>first.log 2>&1 &
    batch=$!
    while [ "$(jobs)" -lt "$enough" ]; do
        kill -0 "$batch" || { echo "ended by itself" >&2; cat first.log >&2; exit 1; }
    done
    kill -9 "$batch"
    trouble 500-after
    trouble truncate
    wait "$batch" || echo "killed with $(jobs) jobs made" >&2
done

$REELTOP $words --json --timeout 120 >results.json 2>run.log || { cat run.log >&2; exit 1; }
$REELTOP $words --json >again.json 2>again.log

echo "jobs $(jobs)"
echo "tasks $($REELTOP export | grep -c '"batch":"shots"\|"batch": "shots"')"
echo "succeeded $(grep -c '"status": "succeeded"' shots.csv.results.jsonl)"
echo "again $(grep -c 'nothing to send, 200 made before' again.log)"
