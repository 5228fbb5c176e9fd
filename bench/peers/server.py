"""faster-whisper behind FastAPI, as people write it: one model, requests in a thread pool. MODEL pattern, PORT, THREADS."""

import glob
import os
import sys

import uvicorn
from fastapi import FastAPI, UploadFile
from faster_whisper import WhisperModel

pattern, port, threads = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
folder = os.path.dirname(glob.glob(pattern, recursive=True)[0])
model = WhisperModel(folder, device="cpu", compute_type="int8", cpu_threads=threads)
app = FastAPI()


@app.get("/ready")
def ready():
    return {}


@app.post("/v1/audio/transcriptions")
def transcribe(file: UploadFile):
    segments, _ = model.transcribe(file.file, language="en", beam_size=1)
    return {"text": "".join(segment.text for segment in segments).strip()}


uvicorn.run(app, host="127.0.0.1", port=port, log_level="error")
