"""What the process asks of the system."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.site import ROOT

LIMITED = """
import resource
resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, {hard}))
from services import process
process.take_all_connections()
print(resource.getrlimit(resource.RLIMIT_NOFILE)[0])
"""


@pytest.mark.parametrize(("soft", "hard"), [(64, 512), (512, 512)])
def test_it_takes_as_many_connections_as_it_may_have(soft: int, hard: int) -> None:
    script = LIMITED.format(soft=soft, hard=hard)
    told = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, check=True)
    assert int(told.stdout) == hard
