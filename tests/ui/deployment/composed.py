"""compose.yaml and nginx.conf, run on this machine without containers: their commands and settings, the names of hosts replaced."""

import contextlib
import ipaddress
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.conftest import ROOT
from tests.ports import free_port

COMPOSE, PROXY = ROOT / "compose.yaml", ROOT / "nginx.conf"
REFERENCE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


def read_compose(variables: Mapping[str, str]) -> dict[str, Any]:
    """The file, with its variables as Compose fills them in."""

    def filled(match: re.Match[str]) -> str:
        name, kind, rest = match[1], match[2], match[3]
        if not variables.get(name) and kind == "?":
            raise KeyError(f"{name}: {rest}")
        return variables.get(name) or (rest if kind == "-" else "")

    def within(part: Any) -> Any:
        """A part of the document with its texts filled in."""
        if isinstance(part, dict):
            return {name: within(value) for name, value in part.items()}
        if isinstance(part, list):
            return [within(value) for value in part]
        return REFERENCE.sub(filled, part) if isinstance(part, str) else part

    document: dict[str, Any] = within(yaml.safe_load(COMPOSE.read_text(encoding="utf-8")))
    return document


@dataclass
class Composed:
    """What runs here instead of containers.

    Attributes:
        folder: takes volumes and logs.
        hosts: what stands for ``database``, ``chroma`` and the others, as ``host:port``.
        overrides: settings that are others here.
        document: the file.
    """

    folder: Path
    hosts: dict[str, str] = field(default_factory=dict)
    overrides: dict[str, str] = field(default_factory=dict)
    document: dict[str, Any] = field(default_factory=lambda: read_compose({"POSTGRES_PASSWORD": "secret", "FRONTDESK_WORKERS": "2"}))

    @property
    def certificate(self) -> Path:
        """Who speaks TLS here."""
        return self.folder / "tls" / "fullchain.pem"

    def settings(self, name: str) -> dict[str, str]:
        """A service's settings."""
        given = {key: self.here(value) for key, value in self.document["services"][name].get("environment", {}).items()}
        ours = {"FRONTDESK_DATA_DIR": str(self.folder / "data"), "FRONTDESK_HOST": "127.0.0.1"}
        port = {"FRONTDESK_PORT": self.hosts[name].rpartition(":")[2]} if "FRONTDESK_PORT" in given else {}
        return given | ours | port | self.overrides

    def here(self, text: str) -> str:
        """A text of the file with this machine's addresses in it."""
        for host, address in self.hosts.items():
            text = re.sub(rf"(?<=[/@]){host}(:\d+)?(?=/|$)", address, text)
        return text.replace(self.document["networks"]["default"]["ipam"]["config"][0]["subnet"], "127.0.0.1")

    def command(self, name: str) -> list[str]:
        """A service's command."""
        words = self.document["services"][name].get("command", ["python", "-m", "ui"])
        program = sys.executable if words[0] == "python" else str(Path(sys.executable).with_name(words[0]))
        volumes = {"/data": self.folder / "data", "/chroma": self.folder / "chroma", "0.0.0.0": "127.0.0.1"}
        port = self.hosts.get(name, "").rpartition(":")[2]
        return [program, *(port if word == "8000" else str(volumes.get(word, word)) for word in words[1:])]

    @contextlib.contextmanager
    def running(self, name: str, **settings: object) -> Iterator[Path]:
        """Run a service as the file says it; gives its log."""
        log = self.folder / f"{name}.log"
        environment = {key: value for key, value in os.environ.items() if not key.startswith("FRONTDESK_")}
        environment |= self.settings(name) | {f"FRONTDESK_{key.upper()}": str(value) for key, value in settings.items()}
        with log.open("w", encoding="utf-8") as output:
            process = subprocess.Popen(self.command(name), cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT)
        try:
            yield log
        finally:
            process.terminate()
            process.wait(timeout=60)

    @contextlib.contextmanager
    def proxy(self) -> Iterator[tuple[str, str]]:
        """Run nginx with the file; gives its URLs, plain and with TLS."""
        assert NGINX
        plain, tls = free_port(), free_port()
        text = PROXY.read_text(encoding="utf-8")
        for old, new in {
            "workers:7861": self.hosts["workers"],
            "pages:7860": self.hosts["pages"],
            "listen 80;": f"listen 127.0.0.1:{plain};",
            "listen 443 ": f"listen 127.0.0.1:{tls} ",
            "include mime.types": "include /etc/nginx/mime.types",
            "/tmp/nginx.pid": str(self.folder / "nginx.pid"),
        }.items():
            assert text.count(old) == 1
            text = text.replace(old, new)
        (self.folder / "nginx.conf").write_text(text, encoding="utf-8")
        write_certificate(self.certificate.parent)
        command = [NGINX, "-c", str(self.folder / "nginx.conf"), "-g", "daemon off;"]
        with (self.folder / "nginx.log").open("w") as log:
            process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        try:
            yield f"http://127.0.0.1:{plain}", f"https://127.0.0.1:{tls}"
        finally:
            process.terminate()
            process.wait(timeout=20)


def write_certificate(folder: Path) -> None:
    """Write a certificate for this machine, which its own key signs."""
    folder.mkdir()
    key = ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")]), datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now - timedelta(days=1), now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "fullchain.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    form, open_to_all = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "privkey.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, form, open_to_all))
