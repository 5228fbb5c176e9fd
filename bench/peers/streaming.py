"""The policy of whisper_streaming over faster-whisper, in real time: `streaming.py MODEL THREADS FILE`.

FILE is raw 16-bit mono, 16 kHz. Every second of new sound the whole buffer is decoded again, words that two decodes in a
row agree on are settled (LocalAgreement-2), and a buffer of over 15 s is cut at the last settled segment. Machacek, Dabre and
Bojar, "Turning Whisper into Real-Time Transcription System", 2023 (arXiv 2307.14743); its defaults, no voice detection.
Answers {"settled": [ms from the end of each word to its being settled], "text": "..."}.
"""

import glob
import json
import re
import sys
import time

import numpy as np
from faster_whisper import WhisperModel

RATE = 16_000
MIN_NEW = 1.0
TRIM_AFTER = 15.0
PROMPT_CHARACTERS = 200
LONGEST_OVERLAP = 5


def plain(word):
    return re.sub(r"[^\w']", "", word).lower()


class Stream:
    def __init__(self, model):
        self.model = model
        self.buffer = np.zeros(0, np.float32)
        self.offset = 0.0
        self.settled = []
        self.last = []

    def step(self, final=False):
        """Decodes the buffer; returns the words that are settled by it as (start, end, text)."""
        before = [text for start, end, text in self.settled if end <= self.offset]
        prompt = "".join(before)[-PROMPT_CHARACTERS:]
        pieces, _ = self.model.transcribe(
            self.buffer, language="en", beam_size=5, word_timestamps=True, initial_prompt=prompt or None
        )
        pieces = list(pieces)
        heard = [
            (self.offset + word.start, self.offset + word.end, word.word)
            for piece in pieces
            for word in piece.words
        ]
        until = self.settled[-1][1] if self.settled else 0.0
        fresh = [word for word in heard if word[0] > until - 0.1]
        # What is settled already may be heard a little later once more.
        for count in range(min(LONGEST_OVERLAP, len(fresh), len(self.settled)), 0, -1):
            if [plain(w[2]) for w in fresh[:count]] == [plain(w[2]) for w in self.settled[-count:]]:
                fresh = fresh[count:]
                break
        agreed = 0
        while agreed < min(len(fresh), len(self.last)) and plain(fresh[agreed][2]) == plain(self.last[agreed][2]):
            agreed += 1
        if final:
            agreed = len(fresh)
        new = fresh[:agreed]
        self.settled += new
        self.last = fresh[agreed:]
        self.trim(pieces)
        return new

    def trim(self, pieces):
        if len(self.buffer) / RATE <= TRIM_AFTER or not self.settled:
            return
        until = self.settled[-1][1]
        ends = [self.offset + piece.end for piece in pieces if self.offset + piece.end <= until]
        if not ends:
            return
        cut = ends[-1] - self.offset
        self.buffer = self.buffer[int(cut * RATE) :]
        self.offset = ends[-1]


def main():
    pattern, threads, path = sys.argv[1:4]
    (found,) = glob.glob(pattern, recursive=True)
    model = WhisperModel(found.rsplit("/", 1)[0], device="cpu", compute_type="int8", cpu_threads=int(threads))
    sound = np.fromfile(path, dtype="<i2").astype(np.float32) / 32768
    list(model.transcribe(sound[: 5 * RATE], language="en")[0])
    stream = Stream(model)
    settled = []
    given = 0
    begun = time.monotonic()
    while given < len(sound):
        spoken = min(len(sound), int((time.monotonic() - begun) * RATE))
        if spoken - given < MIN_NEW * RATE and spoken < len(sound):
            time.sleep(MIN_NEW - (spoken - given) / RATE)
            continue
        stream.buffer = np.concatenate([stream.buffer, sound[given:spoken]])
        given = spoken
        words = stream.step(final=given == len(sound))
        now = time.monotonic() - begun
        settled += [(now - end) * 1000 for _, end, _ in words]
    print(json.dumps({"settled": settled, "text": "".join(text for _, _, text in stream.settled)}))


main()
