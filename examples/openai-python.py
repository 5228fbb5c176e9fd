# OpenAI's own client for Python, with a server of ours: pip install openai
#   python3 examples/openai-python.py [FILE]
import os
import sys

from openai import OpenAI

client = OpenAI(
    base_url=os.environ.get("SCRIPTORIUM_URL", "http://127.0.0.1:8080") + "/v1",
    api_key=os.environ.get("SCRIPTORIUM_API_KEY", "any, where the server has no keys"),
)
path = sys.argv[1] if len(sys.argv) > 1 else "examples/jfk.wav"

with open(path, "rb") as file:
    spoken = client.audio.transcriptions.create(
        file=file, model="whisper-1", response_format="verbose_json", timestamp_granularities=["word"]
    )
print(f'{len(spoken.words)} words in {spoken.duration} s; the last is "{spoken.words[-1].word}"')

with open(path, "rb") as file:
    for event in client.audio.transcriptions.create(file=file, model="whisper-1", stream=True):
        if event.type == "transcript.text.delta":
            print(event.delta, end="", flush=True)
print()
