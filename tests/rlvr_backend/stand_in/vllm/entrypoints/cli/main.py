"""Stands in for vLLM's server, under its name: takes the command line, and answers what TRL's client asks at first.

The model says how it goes: `dies` ends at once, `mute` never listens, anything else serves. `$STAND_IN_SAID` is a file
for what it was told and for the processes it is made of, itself and one child as vLLM's engine would be.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

parser = argparse.ArgumentParser()
parser.add_argument("command", choices=["serve"])
parser.add_argument("model")
parser.add_argument("--enable-scale-out", action="store_true")  # from 0.30 on
FLAGS = """host port tensor-parallel-size data-parallel-size gpu-memory-utilization dtype kv-cache-dtype model-impl
uvicorn-log-level weight-transfer-config logprobs-mode max-logprobs served-model-name"""
for flag in FLAGS.split():
    parser.add_argument(f"--{flag}", required=True)
told = parser.parse_args()

if told.model == "dies":
    raise SystemExit("Traceback of many lines\nRuntimeError: the model does not fit\n")
engine = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
own = {name: os.environ.get(name) for name in ("VLLM_SERVER_DEV_MODE", "CUDA_VISIBLE_DEVICES", "WORLD_SIZE")}
part = Path(os.environ["STAND_IN_SAID"] + ".tmp")
part.write_text(json.dumps({"told": vars(told), "pids": [os.getpid(), engine.pid], "environment": own}))
part.rename(os.environ["STAND_IN_SAID"])
if told.model == "mute":
    time.sleep(600)

ANSWERS = {
    "/health": None,
    "/v1/models": {"data": [{"id": told.served_model_name}]},
    "/get_world_size": {"world_size": 1},
    "/server_info": {"vllm_config": {"weight_transfer_config": json.loads(told.weight_transfer_config)}},
}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        path = self.path.partition("?")[0]
        self.send_response(200 if path in ANSWERS else 404)
        self.end_headers()
        if ANSWERS.get(path):
            self.wfile.write(json.dumps(ANSWERS[path]).encode())

    def log_message(self, *_):
        pass


HTTPServer((told.host, int(told.port)), Handler).serve_forever()
