"""Which cells of a notebook its answers need: the others are not run, which saves minutes each.

A lesson trains networks and draws replays. Of its own cells, word for word, only those run whose
names the student's cells use, or which those cells use in turn; a student's own cells always run.
"""

import ast
import symtable

LONG = 20_000  # signs of a cell that is looked into


def needed(cells: list[dict]) -> set[int]:
    """Return the places of the cells of code to run; all of them where a cell cannot be read.

    Parameters
    ----------
    cells : list of dict
        Cells of a notebook, as `rebuild.rebuild` makes them.
    """
    wanted, run = set(), set()
    code = {n: cell["source"] for n, cell in enumerate(cells) if cell["cell_type"] == "code"}
    trees, imported = {}, set()
    for index, source in code.items():
        try:
            trees[index] = _tree(source)
        except SyntaxError:  # it will say so when it runs
            run.add(index)
        except Exception:
            return set(code)
        else:
            imported |= _imported(trees[index])
    for index in sorted(trees, reverse=True):
        tree = trees[index]
        of_lesson = cells[index].get("metadata", {}).get("grading", {}).get("lesson")
        if of_lesson and not (_made(tree) | _changed(tree) - imported) & wanted:
            continue
        run.add(index)
        uses, makes = _uses_and_makes(tree)
        wanted = (wanted - makes) | uses
    return run


def _tree(source):
    from IPython.core.inputtransformer2 import TransformerManager

    if len(source) > LONG:
        raise ValueError("a cell without an end")
    return ast.parse(TransformerManager().transform_cell(source))  # !commands and %magics


def _uses_and_makes(tree):
    """Return the names that a cell takes from earlier cells, and those that it makes anew."""
    uses, makes = set(), set()
    for statement in tree.body:
        uses |= _globals(statement) - makes
        if isinstance(statement, ast.Assign | ast.Import | ast.ImportFrom | ast.FunctionDef):
            makes |= _made(ast.Module([statement], []))
    return uses, makes


def _globals(statement):
    """Return the names that a statement, or a function in it when it is called, looks up."""
    table = symtable.symtable(ast.unparse(statement), "cell", "exec")
    names = {one.get_name() for one in table.get_symbols() if one.is_referenced()}
    if isinstance(statement, ast.AugAssign):
        names |= {node.id for node in ast.walk(statement.target) if isinstance(node, ast.Name)}
    tables = table.get_children()
    while tables:
        table = tables.pop()
        tables += table.get_children()
        names |= {n.get_name() for n in table.get_symbols() if n.is_global() and n.is_referenced()}
    return names


def _nodes(tree):
    """Yield what is done when a cell runs: what stands in a function is done later, if at all."""
    nodes = [*tree.body]
    while nodes:
        node = nodes.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            nodes += ast.iter_child_nodes(node)


def _imported(tree):
    return {
        (alias.asname or alias.name).split(".")[0]
        for node in _nodes(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }


def _made(tree):
    """Return the names that a cell makes."""
    names = _imported(tree)
    for node in _nodes(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del):
            names.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            names.add(node.name)
    return names


def _changed(tree):
    """Return the names whose things a cell changes: x[0] = ..., layer.set_weights(...)."""
    names = set()
    for node in _nodes(tree):
        if isinstance(node, ast.Subscript | ast.Attribute) and isinstance(node.ctx, ast.Store):
            names |= _root(node)
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            names |= _root(node.value.func)
    return names


def _root(node):
    """Return the name that x.y[z] begins with, where it is one, and x alone is none."""
    deeper = False
    while isinstance(node, ast.Subscript | ast.Attribute):
        node, deeper = node.value, True
    return {node.id} if deeper and isinstance(node, ast.Name) else set()
