"""Executes the notebooks: of each NAME.py, in jupytext's percent format, it makes NAME.ipynb with all outputs.

python notebooks/execute.py              # all of them
python notebooks/execute.py figure_7     # one
"""

import os
import sys
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

HERE = Path(__file__).parent
SOURCES = {path.stem: path for path in sorted(HERE.glob("*.py")) if path.name != Path(__file__).name}
KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}
PATIENCE = 900  # seconds a cell may take


def executed(source: Path) -> NotebookNode:
    """The notebook of a source with its outputs, the same for the same outputs; raises CellExecutionError."""
    notebook = jupytext.read(source)
    notebook.metadata = NotebookNode(kernelspec=KERNEL)
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number}"
    here = {"metadata": {"path": HERE}}
    environment = {**os.environ, "PYTHONWARNINGS": "ignore:IProgress not found"}  # tqdm's, without ipywidgets
    NotebookClient(notebook, timeout=PATIENCE, record_timing=False, resources=here).execute(env=environment)
    return notebook


if __name__ == "__main__":
    for name in sys.argv[1:] or SOURCES:
        nbformat.write(executed(SOURCES[name]), HERE / f"{name}.ipynb")
