"""Takes a picture whenever an input goes on, such as a light barrier, and names it by the time of the edge.

    python3 automation.py [URL [INPUT [FOLDER]]]

INPUT is a digital input, such as di/1_01, or its alias, such as di/gate.
"""

import json
import sys
from datetime import datetime, timezone
from pathlib import Path

import requests
from websockets.sync.client import connect

arguments = sys.argv[1:]
URL = arguments[0] if len(arguments) > 0 else "http://127.0.0.1:8080"
INPUT = arguments[1] if len(arguments) > 1 else "di/1_01"
FOLDER = Path(arguments[2] if len(arguments) > 2 else "pictures")


def checked(response):
    response.raise_for_status()
    return response


FOLDER.mkdir(parents=True, exist_ok=True)
mxid = checked(requests.get(f"{URL}/cameras/")).json()[0]["mxid"]
still = f"{URL}/cameras/{mxid}/streams/CAM_A/still"

with connect(f"{URL.replace('http', 'ws', 1)}/controller/events?circuits={INPUT}") as messages:
    for message in messages:
        for event in json.loads(message):
            if event["cause"] == "snapshot":
                print("waiting for", event["dev"], event["circuit"], flush=True)
            if event["cause"] != "edge" or event["edge"] != "rising":
                continue
            seconds = event["wall_us"] / 1e6
            picture = checked(requests.get(still))
            delay = float(picture.headers["X-Capture-Time"]) - seconds
            time = datetime.fromtimestamp(seconds, timezone.utc)
            file = FOLDER / f"{time:%Y%m%dT%H%M%S.%f}Z.jpeg"
            file.write_bytes(picture.content)
            print(f"{file} taken {delay * 1000:.0f} ms after the edge", flush=True)
