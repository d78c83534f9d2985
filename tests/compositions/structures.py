# SPDX-License-Identifier: Apache-2.0
"""Models of primitives as text: put beside each other, cut in two, and with identities put in."""
import re

VALUE = re.compile(r"%\w+")


class Operation:
    """A line of a model: `%5 = ccm.dense %2, %3, %4 : tensor<…>, …`."""

    def __init__(self, text):
        self.text = text.strip()
        made = re.match(r"(%\w+) = ccm\.(\w+)", self.text)
        self.result, self.name = (made[1], made[2]) if made else (None, "output")
        self.operands = [value for value in VALUE.findall(self.text) if value != self.result]

    @property
    def type(self):
        """Of the result, or of what an output gives: behind the arrow, or the first one."""
        types = re.split(r" : |-> ", self.text)
        return re.search(r"tensor<[^<>]*>", types[-1])[0]

    @property
    def port(self):
        return re.search(r'"([^"]*)"', self.text)[1]

    def renamed(self, values, names):
        """With other values, and other names of ports and parameters."""
        text = VALUE.sub(lambda value: values(value[0]), self.text)
        return re.sub(r'"([^"]*)"', lambda name: f'"{names.get(name[1], name[1])}"', text)

    def alone(self):
        """Without what an input says of outputs and of other inputs."""
        text = re.sub(r' aligned_to \[[^]]*\]| drawn \w+ of "[^"]*" \[[^]]*\]', "", self.text)
        return Operation(text)


def operations_of(structure):
    """The operations of the only model of what `--emit=structure` writes."""
    lines = re.search(r"ccm\.model @\w+ [^\n]*\{\n(.*?)\n\s*\}", structure, re.S)[1].split("\n")
    return [Operation(line) for line in lines if line.strip() and not line.strip().startswith("//")]


def model(name, lines):
    """A model of the lines. All have the same blocks: a delta of a parameter is summed block by block, and
    how many samples a block has is chosen by what a model costs."""
    head = f'ccm.model @{name} train {{optimizer = "sgd", learning_rate = 1.0e-3}} blocks [1, 2] {{'
    return "\n".join([head, *lines, "}", ""])


def named(operations):
    """Names of ports and parameters."""
    return [op.port for op in operations if op.name in ("input", "parameter", "output")]


def pair(left, right):
    """Two models side by side, their names apart by "left_" and "right_"."""
    lines = []
    for side, operations in (("left_", left), ("right_", right)):
        names = {name: side + name for name in named(operations)}
        lines += [op.alone().renamed(lambda value, side=side: f"%{side}{value[1:]}", names)
                  for op in operations]
    return model("pair", lines)


def structure_of(type_text):
    """The class of a port of that type, by the positions between batch and channels."""
    positions = 1
    for extent in type_text[len("tensor<?x"):].split("x")[:-2]:
        positions *= int(extent)
    return "pointwise" if positions == 1 else "low" if positions <= 1000 else "high"


def passed_at(operations, place):
    """Values that are made before `place` and read from there on, or None where indices are."""
    before = {op.result: op for op in operations[:place] if op.name != "parameter"}
    read = {value for op in operations[place:] for value in op.operands}
    passed = [op for value, op in before.items() if value in read]
    return None if any(not op.type.endswith("xf32>") for op in passed) else passed


def cut(operations, place):
    """(first half, second half): the values that the second reads of the first are outputs "cut0", "cut1", …
    of the one and inputs of the other. An input of f32 that both read is among them. None where
    nothing is passed, where indices would be, or where both halves would train a parameter."""
    passed = passed_at(operations, place)
    if not passed:
        return None
    first, second = ([op.alone() for op in part] for part in (operations[:place], operations[place:]))
    read = {value for op in second for value in op.operands}
    late = {op.result for op in first if op.name == "parameter"} & read
    if late & {value for op in first for value in op.operands}:
        return None
    halves = [[op.text for op in first if op.result not in late],
              [op.text for op in first if op.result in late]]
    for number, op in enumerate(passed):
        kind = structure_of(op.type)
        halves[0].append(f'ccm.output "cut{number}" {op.result} {kind} loss("mse") : {op.type}')
        halves[1].append(f'{op.result} = ccm.input "cut{number}" {kind} : {op.type}')
    halves[1] += [op.text for op in second]
    return model("first", halves[0]), model("second", halves[1])


def with_identities(operations):
    """The model with every value of f32 passed on by a reshape to its own shape."""
    lines, stands = [], {}
    for op in operations:
        lines.append(op.renamed(lambda value: stands.get(value, value), {}))
        if op.result and op.name != "parameter" and op.type.endswith("xf32>"):
            same = f"%same_{op.result[1:]}"
            lines.append(f"{same} = ccm.reshape {op.result} : {op.type} -> {op.type}")
            stands[op.result] = same
    return model("identities", lines)
