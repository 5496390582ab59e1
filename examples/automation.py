"""Takes a picture whenever an input goes on, such as a light barrier, and names it by the time of the edge.

    python3 automation.py [URL [INPUT [FOLDER]]]

INPUT is a digital input, such as di/1_01, or its alias, such as di/gate.
"""

import asyncio
import json
import sys
from datetime import datetime, timezone
from pathlib import Path

import requests
import websockets

arguments = sys.argv[1:]
URL = arguments[0] if len(arguments) > 0 else "http://127.0.0.1:8080"
INPUT = arguments[1] if len(arguments) > 1 else "di/1_01"
FOLDER = Path(arguments[2] if len(arguments) > 2 else "pictures")


def get(path):
    try:
        answer = requests.get(URL + path, timeout=60)
    except requests.RequestException:
        sys.exit(f"No service answers at {URL}.")
    if not answer.ok:
        sys.exit(f"{path}: {answer.status_code} {answer.text}")
    return answer


async def watch(still):
    url = f"{URL.replace('http', 'ws', 1)}/controller/events?circuits={INPUT}"
    async with websockets.connect(url) as messages:
        async for message in messages:
            for event in json.loads(message):
                if event["cause"] == "snapshot":
                    print("waiting for", event["dev"], event["circuit"], flush=True)
                elif event["cause"] == "edge" and event["edge"] == "rising":
                    save(get(still), event["wall_us"] / 1e6)
    sys.exit("There are no more events.")


def save(picture, seconds):
    delay = float(picture.headers["X-Capture-Time"]) - seconds
    file = FOLDER / f"{datetime.fromtimestamp(seconds, timezone.utc):%Y%m%dT%H%M%S.%f}Z.jpeg"
    file.write_bytes(picture.content)
    print(f"{file} taken {delay * 1000:.0f} ms after the edge", flush=True)


FOLDER.mkdir(parents=True, exist_ok=True)
get(f"/controller/{INPUT}")
mxid = get("/cameras/").json()[0]["mxid"]
asyncio.run(watch(f"/cameras/{mxid}/streams/CAM_A/still"))
