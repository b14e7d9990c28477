#!/bin/sh
# Runs one target for a while, from the seeds: ./run.sh TARGET [SECONDS]. Findings land in artifacts/TARGET.
# Wants `cargo install cargo-fuzz` and a nightly toolchain. The code has no unsafe, so no address sanitizer.
set -eu
cd "$(dirname "$0")"
target=$1
seconds=${2:-600}
mkdir -p "corpus/$target"
number=0
while IFS= read -r line; do
    number=$((number + 1))
    printf '%s' "$line" >"corpus/$target/seed-$number"
done <"seeds/$target.txt"
exec cargo +nightly fuzz run --sanitizer none --fuzz-dir . "$target" -- \
    -max_total_time="$seconds" -max_len=200 -timeout=5 -dict=seeds/words.dict
