"""What a measurement was made on."""

import platform

from knowledge_base.onnx_model import available_cores


def machine() -> str:
    """The processor, the system, the cores that may be used, and Python's version."""
    return f"{platform.machine()}, {platform.system()}, {available_cores()} cores, Python {platform.python_version()}"
