"""The function's modules find each other as they do in Lambda: `src` is where they start."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "src"))
