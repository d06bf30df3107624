"""Public Dify clients, each in an environment of its own, talk to the embedded backend unchanged."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

import pytest

from tests.contract.processes import ROOT, Embedded

PROGRAMS = Path(__file__).with_name("clients")
CACHE = Path(sys.prefix) / "clients"
PATIENCE = 120.0  # seconds of a program
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
QUERY = "How do I stop an answer?"
ANSWER = "Press **Stop answer** beside the running answer"
CHATFLOW = ["workflow_started", "message_end", "workflow_finished"]


def python_with(*requirements: str) -> Path:
    """A Python that has these installed, made at the first use and kept."""
    folder = CACHE / "_".join(requirements).replace("=", "-").replace("<", "-")
    python, done = folder / "bin" / "python", folder / "done"
    if not done.exists():
        venv.create(folder, clear=True, with_pip=False)
        pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"]
        installed = subprocess.run(
            [*pip, "--disable-pip-version-check", *requirements], capture_output=True, text=True, check=False
        )
        assert installed.returncode == 0, installed.stderr
        done.touch()
    return python


def node_with(package: str) -> Path:
    """A folder for Node programs that has this npm package installed."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        pytest.skip("needs node and npm, which are not installed here")
    folder = CACHE / package.replace("@", "-")
    if not (folder / "done").exists():
        folder.mkdir(parents=True, exist_ok=True)
        command = [npm, "install", "--no-audit", "--no-fund", "--prefix", str(folder), package]
        installed = subprocess.run(command, capture_output=True, text=True, check=False)
        if installed.returncode:
            pytest.skip(f"npm could not install {package}: {installed.stderr.strip()[-300:]}")
        (folder / "done").touch()
    return folder


def seen(command: list[str | Path], server: Embedded, folder: Path = ROOT) -> dict[str, Any]:
    """What a program saw of the server; a picture is waiting on its standard input."""
    done = subprocess.run(
        [*command, server.base_url, server.api_key],
        cwd=folder,
        input=PNG,
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()[-3_000:]
    saw: dict[str, Any] = json.loads(done.stdout)
    return saw


def test_dify_client(embedded: Embedded) -> None:
    python = python_with("dify-client==0.1.10", "requests<3")
    saw = seen([python, PROGRAMS / "with_dify_client.py"], embedded)
    assert saw["opening"].startswith("Hello {{name}}")
    assert saw["uploaded"] == "picture.png"
    assert ANSWER in saw["answer"] and ANSWER in saw["streamed"]
    assert saw["ended"] == "message_end"
    assert saw["rated"] == "success"
    assert saw["queries"] == [QUERY, QUERY]
    assert saw["ratings"] == ["like", None]
    assert saw["files"] == [0, 1]
    assert saw["older"] == 1
    assert saw["renamed"] == "By dify-client"
    assert saw["conversations"] == ["By dify-client"]
    assert saw["beyond"] == []
    assert saw["refused"] == [400, "invalid_param"]


def test_dify_client_python(embedded: Embedded) -> None:
    python = python_with("dify-client-python==1.0.3", "httpx<0.29", "pydantic<3")
    saw = seen([python, PROGRAMS / "with_dify_client_python.py"], embedded)
    for text in (saw["answer"], saw["streamed"], saw["asynchronously"]):
        assert ANSWER in text
    assert saw["tokens"] > 0 and saw["citations"] > 0
    assert saw["uploaded"] == "picture.png"
    assert len(saw["suggested"]) == 3
    assert saw["rated"] == "success"
    first_byte, length = saw["read"]
    assert first_byte == "ff" and length > 10_000
    assert set(saw["heard"].split()) & {"one", "two", "three", "four", "five"}
    assert saw["stopped"] == "success" and saw["after_stop"] == "message_end"
    assert saw["refusals"] == [
        ["DifyInvalidParam", 400, "invalid_param"],
        ["DifyResourceNotFound", 404, "not_found"],
        ["DifyAPIError", 401, "unauthorized"],
        ["DifyCompletionRequestError", 400, "completion_request_error"],
    ]
    assert {"agent_thought", "agent_message"} <= set(saw["agent"]) and saw["agent"][-1] == "message_end"
    assert [event for event in saw["flow"] if event in CHATFLOW] == CHATFLOW
    assert saw["speaking"].index("message_end") < saw["speaking"].index("tts_message_end")


def test_dify_api_client(embedded: Embedded) -> None:
    python = python_with("dify-api-client==0.0.23", "httpx<0.29", "pydantic<3")
    saw = seen([python, PROGRAMS / "with_dify_api_client.py"], embedded)
    assert ANSWER in saw["streamed"] and saw["followed"]
    assert saw["uploaded"] == "picture.png"
    assert len(saw["suggested"]) == 3
    assert saw["rated"] == "success"
    assert saw["stopped"] == "success" and saw["after_stop"] == "message_end"
    assert saw["queries"] == [QUERY, "And how?"]
    assert saw["conversations"] == 2
    assert saw["refused"] == "invalid_param"
    assert {"agent_thought", "agent_message"} <= set(saw["agent"]) and saw["agent"][-1] == "message_end"
    assert [event for event in saw["flow"] if event in CHATFLOW] == CHATFLOW


def test_npm_dify_client(embedded: Embedded) -> None:
    folder = node_with("dify-client@2.3.2")
    # Node looks for packages beside the program.
    program = shutil.copy(PROGRAMS / "with_npm_dify_client.mjs", folder)
    saw = seen(["node", program], embedded, folder)
    assert saw["opening"].startswith("Hello {{name}}")
    assert saw["uploaded"] == "picture.png"
    assert ANSWER in saw["answer"] and ANSWER in saw["streamed"]
    assert saw["ended"] == "message_end"
    assert saw["rated"] == "success"
    assert saw["queries"] == [QUERY, QUERY]
    assert saw["renamed"] == "By npm" and saw["conversations"] == ["By npm"]
    assert saw["deleted"] == 204 and saw["left"] == []
    assert saw["refused"] == [400, "invalid_param"]
