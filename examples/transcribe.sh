#!/bin/sh
# A file's text, subtitles, and a job: what `scriptorium serve` answers to curl.
#   sh examples/transcribe.sh [FILE]
set -eu
server=${SCRIPTORIUM_URL:-http://127.0.0.1:8080}
file=${1:-examples/jfk.wav}

curl -fsS "$server/v1/audio/transcriptions" -F model=whisper-1 -F file=@"$file" -F response_format=text
curl -fsS "$server/v1/audio/transcriptions" -F model=whisper-1 -F file=@"$file" -F response_format=srt

# In the background; here we wait for it. Its text stays until its time is over, or until it is deleted.
job=$(curl -fsS "$server/v1/jobs" -H 'Prefer: wait=60' -F file=@"$file" | sed 's/.*"id":"\(job_[^"]*\)".*/\1/')
curl -fsS "$server/v1/jobs/$job/result?format=vtt"
curl -fsS -X DELETE "$server/v1/jobs/$job"
