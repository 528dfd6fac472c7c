"""Write the JSON Schema of study files and docs/study-file.md anew, from the models of both packages.

.venv/bin/python tools/study_schema.py
"""

import json
from pathlib import Path

from mixopt.study.spec import page, schema
from rlvr_backend.options import Options

ROOT = Path(__file__).parents[1]
PAGE, EXAMPLE = ROOT / "docs" / "study-file.md", ROOT / "studies" / "shapes.yaml"


def contents() -> dict[Path, str]:
    """The files that are made, and what they have to contain."""
    made = schema.generated(Options.model_json_schema(schema_generator=schema.InOrder))
    text = json.dumps(made, indent=1, ensure_ascii=False) + "\n"
    return {schema.FILE: text, PAGE: page.page(made, EXAMPLE.read_text(encoding="utf-8"))}


if __name__ == "__main__":
    for path, text in contents().items():
        path.write_text(text, encoding="utf-8")
        print(path.relative_to(ROOT))
