"""One peer of the bench as a process: reads requests as JSON lines from stdin, answers on stdout.

    {"op": "load", "kind": "faster-whisper" | "whisper.cpp", "model": PATH, "threads": N}  -> {"versions": {...}}
    {"op": "decode", "from": PATH, "to": PATH}  -> {"seconds": N}
        decodes any recording to raw f32le 16 kHz mono (faster-whisper's own decoder)
    {"op": "run", "clips": [PATH of raw f32le 16 kHz mono, ...], "setting": NAME}
        -> {"texts": [...], "wall": seconds for all}

Clips are read into memory before the clock starts.
"""

import glob
import json
import os
import sys
import time
from importlib.metadata import version

import numpy as np

RATE = 16_000

pcm_of = {}


def pcm(path):
    if path not in pcm_of:
        pcm_of[path] = np.fromfile(path, dtype="<f4")
    return pcm_of[path]


def faster_whisper(model, threads):
    from faster_whisper import BatchedInferencePipeline, WhisperModel

    loaded = WhisperModel(model, device="cpu", compute_type="int8", cpu_threads=threads)
    batched = BatchedInferencePipeline(loaded)
    settings = {
        "greedy": lambda clip: loaded.transcribe(clip, language="en", beam_size=1),
        "beam5": lambda clip: loaded.transcribe(clip, language="en", beam_size=5),
        "batch8": lambda clip: batched.transcribe(clip, language="en", beam_size=1, batch_size=8),
    }
    names = ("faster-whisper", "ctranslate2", "onnxruntime", "numpy")
    return (
        lambda clip, setting: "".join(piece.text for piece in settings[setting](clip)[0]),
        {name: version(name) for name in names},
    )


def whisper_cpp(model, threads):
    import _pywhispercpp as native
    from pywhispercpp.model import Model

    # whisper-cli's own defaults, strategy 1 being beam search; `best_of` only matters above temperature 0.
    kinds = {
        "greedy": dict(params_sampling_strategy=0, greedy={"best_of": 1}),
        "beam5": dict(params_sampling_strategy=1, beam_search={"beam_size": 5, "patience": -1.0}, greedy={"best_of": 5}),
    }
    quiet = dict(print_progress=False, print_realtime=False, print_timestamps=False, print_special=False)
    common = dict(n_threads=threads, language="en", redirect_whispercpp_logs_to=None, **quiet)
    loaded = {name: Model(model, **common, **kind) for name, kind in kinds.items()}

    def run(clip, setting):
        one = loaded[setting]
        one.transcribe(clip)
        pieces = range(native.whisper_full_n_segments(one._ctx))
        return b"".join(native.whisper_full_get_segment_text(one._ctx, i) for i in pieces).decode("utf-8", "replace")

    system = native.whisper_print_system_info()
    return run, {
        "pywhispercpp": version("pywhispercpp"),
        "kernels": (system.decode() if isinstance(system, bytes) else system).strip(),
    }


def main():
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print must not mix with the answers
    run = None
    for line in sys.stdin:
        request = json.loads(line)
        if request["op"] == "load":
            load = {"faster-whisper": faster_whisper, "whisper.cpp": whisper_cpp}[request["kind"]]
            model = request["model"]
            found = sorted(glob.glob(model, recursive=True))
            if not found:
                raise FileNotFoundError(model)
            folder = os.path.dirname(found[0]) if request["kind"] == "faster-whisper" else found[0]
            run, versions = load(folder, request["threads"])
            answer = {"versions": {"python": sys.version.split()[0], **versions}}
        elif request["op"] == "decode":
            from faster_whisper import decode_audio

            samples = decode_audio(request["from"], sampling_rate=RATE)
            samples.astype("<f4").tofile(request["to"])
            answer = {"seconds": len(samples) / RATE}
        else:
            clips = [pcm(path) for path in request["clips"]]
            start = time.perf_counter()
            texts = [run(clip, request["setting"]).strip() for clip in clips]
            answer = {"texts": texts, "wall": time.perf_counter() - start}
        print(json.dumps(answer), file=answers, flush=True)


main()
