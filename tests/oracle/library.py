# SPDX-License-Identifier: Apache-2.0
"""A compiled model through its C table (runtime/include/ccm/abi.h), with nothing of the runtime."""
import ctypes
import json
from ctypes import POINTER, byref, c_char_p, c_double, c_float, c_int32, c_int64, c_uint32, c_uint64, c_void_p

import numpy

RANK, ALIGNMENT = 9, 64
TYPES = {0: numpy.float32, 1: numpy.uint8, 2: numpy.int32}
FLOATS, BYTES, INDICES = 0, 1, 2


class Port(ctypes.Structure):
    _fields_ = [("name", c_char_p), ("dtype", c_int32), ("rank", c_int32), ("extents", c_int64 * RANK),
                ("bytes", c_uint64), ("vocabulary", c_int64), ("target_dtype", c_int32),
                ("target_rank", c_int32), ("target_extents", c_int64 * RANK), ("target_bytes", c_uint64),
                ("draw", c_int32), ("partner", c_int32), ("numbers", c_double * 2),
                ("scale", c_int32), ("offset", c_int32), ("factor", c_int32),
                ("missing", c_int32), ("unknown", c_int32), ("name_count", c_int32),
                ("column_count", c_int32), ("names", POINTER(c_char_p)),
                ("columns", POINTER(c_char_p)), ("steps", c_int64), ("stride", c_int64),
                ("horizon", c_int64), ("class_weights", c_int32), ("balanced", c_int32),
                ("flip", c_int32), ("shift", c_int32), ("crop", c_double), ("gain", c_double),
                ("brightness", c_double), ("noise", c_double)]


class Parameter(ctypes.Structure):
    _fields_ = [("name", c_char_p), ("rank", c_int32), ("packed_rank", c_int32),
                ("shape", c_int64 * RANK), ("packed_extents", c_int64 * RANK),
                ("packed_dims", c_int32 * RANK), ("packed_steps", c_int64 * RANK),
                ("offset", c_uint64), ("bytes", c_uint64)]


class Sizes(ctypes.Structure):
    _fields_ = [("bytes", c_uint32), ("shards", c_uint32)] + [
        (name, c_uint64) for name in ("params", "delta", "state", "internal", "infer", "forward",
                                      "loss", "backward", "step")]


class Runner(ctypes.Structure):
    _fields_ = [("bytes", c_uint32), ("workers", c_int32), ("run", c_void_p), ("self", c_void_p),
                ("observe", c_void_p)]


class BatchLists(ctypes.Structure):
    _fields_ = [("bytes", c_uint32), ("count", c_int64), ("inputs", c_void_p), ("targets", c_void_p),
                ("outputs", c_void_p), ("output_deltas", c_void_p), ("input_deltas", c_void_p)]


class Buffers(ctypes.Structure):
    _fields_ = [("bytes", c_uint32), ("internal", c_void_p), ("workspace", c_void_p),
                ("workspace_bytes", c_uint64)]


class Error(ctypes.Structure):
    _fields_ = [("message", c_char_p), ("capacity", c_uint64)]


class Table(ctypes.Structure):
    """The members up to the last one that is read here."""
    _fields_ = [("abi_major", c_int32), ("abi_minor", c_int32), ("name", c_char_p),
                ("describe", c_char_p), ("target", c_char_p), ("input_count", c_int32),
                ("output_count", c_int32), ("parameter_count", c_int32),
                ("trained_count", c_int32), ("inputs", POINTER(Port)),
                ("outputs", POINTER(Port)), ("parameters", POINTER(Parameter)),
                ("learning_rate", c_float), ("group", c_char_p), ("sizes", c_void_p), ("init", c_void_p),
                ("infer", c_void_p), ("forward", c_void_p), ("loss", c_void_p),
                ("backward", c_void_p)]


ENTRIES = {
    "sizes": [c_int64, c_int32, POINTER(Sizes)],
    "forward": [c_void_p, POINTER(BatchLists), POINTER(Buffers), POINTER(Runner)],
    "loss": [c_void_p, POINTER(BatchLists), POINTER(c_double), c_void_p, POINTER(Buffers), POINTER(Runner)],
    "backward": [c_void_p, POINTER(BatchLists), c_void_p, POINTER(Buffers), POINTER(Runner)],
}


def buffer(size):
    """Zeroed bytes at a multiple of the alignment."""
    whole = numpy.zeros(int(size) + ALIGNMENT, numpy.uint8)
    skipped = -whole.ctypes.data % ALIGNMENT
    return whole[skipped:skipped + int(size)]


def packed_places(parameter):
    """(index into the canonical elements of every packed one, which of them are padding)."""
    extents = list(parameter.packed_extents[:parameter.packed_rank])
    shape = list(parameter.shape[:parameter.rank])
    at = numpy.indices(extents).reshape(len(extents), -1)
    index = numpy.zeros((len(shape), at.shape[1]), numpy.int64)
    for place, dim, step in zip(at, parameter.packed_dims, parameter.packed_steps):
        index[dim] += place * step
    inside = (index < numpy.array(shape).reshape(-1, 1)).all(0)
    flat = numpy.ravel_multi_index(tuple(index[:, inside]), shape) if shape else index[0]
    return flat, inside


class Library:
    """One model. Arrays are float32, uint8 or int32, a sample first."""

    def __init__(self, path, name):
        function = getattr(ctypes.CDLL(path), f"ccm_model_{name}")
        function.restype = POINTER(Table)
        self.table = function().contents
        self.inputs = self.table.inputs[:self.table.input_count]
        self.outputs = self.table.outputs[:self.table.output_count]
        self.parameters = self.table.parameters[:self.table.parameter_count]

    def call(self, name, *arguments):
        message = ctypes.create_string_buffer(400)
        error = Error(ctypes.cast(message, c_char_p), len(message))
        entry = ctypes.CFUNCTYPE(c_int32, *ENTRIES[name], POINTER(Error))(getattr(self.table, name))
        if entry(*arguments, byref(error)):
            raise RuntimeError(f"{name}: {message.value.decode()}")

    def sizes(self, count):
        sizes = Sizes(bytes=ctypes.sizeof(Sizes))
        self.call("sizes", count, 1, byref(sizes))
        return sizes

    def pack(self, values, size):
        """Canonical arrays by name -> what entries take as `params`."""
        packed = buffer(size)
        for parameter in self.parameters:
            flat, inside = packed_places(parameter)
            block = packed[parameter.offset:parameter.offset + parameter.bytes].view(numpy.float32)
            block[inside] = values[parameter.name.decode()].reshape(-1)[flat]
        return packed

    def unpack_delta(self, packed):
        values = {}
        for parameter in self.parameters[:self.table.trained_count]:
            flat, inside = packed_places(parameter)
            block = packed[parameter.offset:parameter.offset + parameter.bytes].view(numpy.float32)
            values[parameter.name.decode()] = canonical = numpy.empty(
                list(parameter.shape[:parameter.rank]), numpy.float32)
            canonical.reshape(-1)[flat] = block[inside]
        return values

    def observe(self, parameters, inputs, targets):
        """Everything that entries give for one batch, in float32, by a name that says what it is."""
        run = Run(self, parameters, inputs, targets)
        run.forward()
        losses, total = run.loss()
        run.backward()
        seen = {"loss": numpy.array([total])}
        for number, port in enumerate(self.outputs):
            name = port.name.decode()
            seen[f"loss of {name}"] = losses[:, number]
            seen[f"output {name}"] = run.outputs[name]
            seen[f"delta of output {name}"] = run.output_deltas[name]
        for name, values in run.input_deltas.items():
            seen[f"delta of input {name}"] = values
        for name, values in run.deltas.items():
            seen[f"delta of {name}"] = values
        return seen


class Run:
    """One batch through the entries, step by step. Outputs and deltas are by name; deltas of outputs
    may be written over before `backward`."""

    def __init__(self, model, parameters, inputs, targets):
        self.model, self.count, self.deltas = model, len(inputs[0]), {}
        self.batch = Batch(model, inputs, targets)
        self.sizes = sizes = model.sizes(self.count)
        self.params, self.internal = model.pack(parameters, sizes.params), buffer(sizes.internal)
        self.workspace = buffer(max(sizes.forward, sizes.loss, sizes.backward))
        buffers = Buffers(ctypes.sizeof(Buffers), self.internal.ctypes.data,
                          self.workspace.ctypes.data, self.workspace.nbytes)
        self.rest = byref(buffers), byref(Runner(bytes=ctypes.sizeof(Runner), workers=1))
        names = [port.name.decode() for port in model.outputs]
        self.outputs = dict(zip(names, self.batch.outputs))
        self.output_deltas = dict(zip(names, self.batch.output_deltas))
        self.input_deltas = {port.name.decode(): values for port, values in
                             zip(model.inputs, self.batch.input_deltas) if values is not None}

    def forward(self):
        self.model.call("forward", self.params.ctypes.data, byref(self.batch.lists(0, self.count)),
                        *self.rest)

    def loss(self):
        """(the loss of every sample and output, the mean of the weighted sums)"""
        losses, total = numpy.empty((self.count, len(self.outputs))), c_double()
        for sample in range(self.count):
            self.model.call("loss", self.params.ctypes.data, byref(self.batch.lists(sample, 1)),
                            byref(c_double()), losses[sample:].ctypes.data, *self.rest)
        self.model.call("loss", self.params.ctypes.data, byref(self.batch.lists(0, self.count)),
                        byref(total), None, *self.rest)
        return losses, total.value

    def backward(self):
        delta = buffer(self.sizes.delta)
        self.model.call("backward", self.params.ctypes.data, byref(self.batch.lists(0, self.count)),
                        delta.ctypes.data, *self.rest)
        self.deltas = self.model.unpack_delta(delta)


class Batch:
    """The arrays of a batch, and the lists of pointers by which entries take some of its samples."""

    def __init__(self, library, inputs, targets):
        count = len(inputs[0])
        self.inputs, self.targets = inputs, targets
        shapes = [(count, *port.extents[:port.rank]) for port in library.outputs]
        self.outputs = [numpy.empty(shape, numpy.float32) for shape in shapes]
        self.output_deltas = [numpy.empty(shape, numpy.float32) for shape in shapes]
        self.input_deltas = [None if port.dtype == INDICES or port.draw == WEIGHT else numpy.empty(array.shape, numpy.float32)
                             for port, array in zip(library.inputs, inputs)]
        self.kept = []

    def lists(self, first, count):
        groups = [self.inputs, self.targets, self.outputs, self.output_deltas, self.input_deltas]
        pointers = [(c_void_p * len(group))(*(None if array is None else array[first:].ctypes.data
                                              for array in group)) for group in groups]
        self.kept.append(pointers)
        return BatchLists(ctypes.sizeof(BatchLists), count,
                          *(ctypes.cast(each, c_void_p) for each in pointers))


WEIGHT = 5  # of ccm_draw
FRACTIONS = -1  # beside the types of ports: numbers between 0 and 1


def fill(model, seed, samples):
    """Inputs and targets at random."""
    random = numpy.random.default_rng(seed)

    def array(dtype, extents, vocabulary):
        shape = (samples, *extents)
        if vocabulary:
            return random.integers(0, vocabulary, shape, numpy.int32)
        if dtype == BYTES:
            return random.integers(0, 256, shape, numpy.uint8)
        draw = random.random if dtype == FRACTIONS else random.standard_normal
        return draw(shape, numpy.float32)

    def given(port):
        values = array(port.dtype, port.extents[:port.rank], port.vocabulary)
        if port.missing:
            values[random.random(values.shape) < 0.2] = numpy.nan
        return values

    losses = {port["name"]: port["loss"] for port in json.loads(model.table.describe)["outputs"]}
    inputs = [given(port) for port in model.inputs]

    def target(port):
        # Cross-entropy of scores takes targets between 0 and 1, as bytes are read.
        is_fraction = losses[port.name.decode()] == "bce" and port.target_dtype != BYTES
        return array(FRACTIONS if is_fraction else port.target_dtype,
                     port.target_extents[:port.target_rank], port.vocabulary)

    return inputs, [target(port) for port in model.outputs]
