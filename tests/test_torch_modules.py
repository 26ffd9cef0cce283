"""PyTorch modules of the usual kinds, watched: what they read, what comes of it, what stays."""

import copy
import dataclasses
import random
import subprocess
import sys

import numpy as np
import pytest
import torch

import rnnscope
from rnnscope import cells, weights_alone
from tests.notebook_tools import ROOT

pytestmark = pytest.mark.deep
nn, functional, rnn = torch.nn, torch.nn.functional, torch.nn.utils.rnn


class Forecast(nn.Module):
    """Reads a series, then feeds its own answers back, cell by cell."""

    def __init__(self):
        super().__init__()
        self.encoder, self.cell = nn.LSTM(3, 5, 2), nn.LSTMCell(1, 5)
        self.head = nn.Linear(5, 1)

    def forward(self, x):  # time first
        _, (h, c) = self.encoder(x)
        h, c, said = h[-1], c[-1], []
        for _ in range(4):
            h, c = self.cell(said[-1] if said else x[-1, :, :1], (h, c))
            said.append(self.head(h))
        return torch.stack(said, dim=1)[..., 0]


class Beam(nn.Module):
    """Keeps the two best beginnings at each step, and takes their states along."""

    def __init__(self):
        super().__init__()
        self.look, self.cell, self.out = nn.Embedding(7, 4), nn.GRUCell(4, 6), nn.Linear(6, 7)

    def forward(self, start):
        h, tokens, score, said = torch.zeros(2, 6), start.repeat(2), torch.tensor([0.0, -1.0]), []
        for _ in range(5):
            h = self.cell(self.look(tokens), h)
            total = score[:, None] + functional.log_softmax(self.out(h), -1)
            score, best = total.flatten().topk(2)
            h, tokens = h[best // 7], best % 7
            said.append(tokens)
        return torch.stack(said, 1).float()


class Policy(nn.Module):
    """Keeps its state, its log and its lots, as policies and old tutorials do."""

    def __init__(self):
        super().__init__()
        self.lstm, self.head = nn.LSTM(3, 4, batch_first=True), nn.Linear(4, 2)
        self.norm, self.hidden, self.log = nn.BatchNorm1d(4), None, {"chances": [1]}
        self.memory, self.lots = torch.zeros(2), torch.Generator().manual_seed(1)
        self.register_buffer("count", torch.zeros(1))

    def forward(self, x):
        out, self.hidden = self.lstm(x, self.hidden)
        self.count += 1
        self.memory += torch.rand(2, generator=self.lots)
        chances = functional.dropout(self.head(self.norm(out[:, -1])), 0.5, self.training)
        self.log["chances"].append(float(torch.rand(())) + random.random() + np.random.rand())
        return chances


class Speech(nn.Module):
    """Packed, three layers both ways, an answer at every step."""

    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(4, 5, 3, bidirectional=True, batch_first=True, dropout=0.2)
        self.head = nn.Linear(10, 6)

    def forward(self, x, lengths):
        packed = rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        out, _ = rnn.pad_packed_sequence(self.gru(packed)[0], batch_first=True)
        return functional.log_softmax(self.head(out), dim=-1)


class Doubled(nn.LSTM):
    """A class made from nn.LSTM."""

    def forward(self, x, hx=None):
        return super().forward(2 * x, hx)


class Wrapped(nn.Module):
    """Calls the layer's forward itself, past its hooks."""

    def __init__(self, layer):
        super().__init__()
        self.module = layer

    def forward(self, *given):
        return self.module.forward(*given)


class Learned(nn.Module):
    """Packed, begins in states that it has learned; recurrent weights so large that it is chaotic.

    Rounding grows there by more than 1e-5 within 60 steps.
    """

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(4, 20, 2, bidirectional=True, batch_first=True)
        self.states = nn.ParameterList(torch.randn(4, 3, 20) for _ in range(2))
        for name, weight in self.lstm.named_parameters():
            weight.data *= 20 if "weight_hh" in name else 1

    def forward(self, x, lengths):
        packed = rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        return rnn.pad_packed_sequence(self.lstm(packed, tuple(self.states))[0], batch_first=True)[
            0
        ]


class Last(nn.Module):
    """A recurrent layer, and a head on its last output; it lies time first where ``last`` is 0."""

    def __init__(self, layer, width, last=1):
        super().__init__()
        self.layer, self.head, self.axis = layer, nn.Linear(width, 3), last

    def forward(self, x, *more):
        return self.head(self.layer(x, *more)[0].select(self.axis, -1))


class Ended(Last):
    """Gives something made of its answer."""

    def __init__(self, end):
        super().__init__(nn.LSTM(3, 5, **one()), 5)
        self.end = end

    def forward(self, x):
        return self.end(super().forward(x))


class Own(nn.LSTM):
    """Computes something of its own."""

    def forward(self, x, hx=None):
        return x @ self.weight_ih_l0[:5].T, None


def series(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype("f4")


def seeded(make):
    torch.manual_seed(1)
    return make()


def one(**settings):
    return {"batch_first": True, **settings}


PARAMETRIZED = nn.utils.parametrizations
KINDS = {
    "time first": (lambda: Last(nn.LSTM(3, 5), 5, 0), series(6, 2, 3), [(6, 5)]),
    "as many steps": (lambda: Last(nn.LSTM(3, 5), 5, 0), series(6, 6, 3), [(6, 5)]),
    "double": (lambda: Last(nn.LSTM(3, 5, **one()), 5).double(), series(2, 6, 3), [(6, 5)]),
    "relu": (lambda: Last(nn.RNN(3, 5, nonlinearity="relu", **one()), 5), series(2, 6, 3),
             [(6, 5)]),
    "no bias": (lambda: Last(nn.GRU(3, 5, bias=False, **one()), 5), series(2, 6, 3), [(6, 5)]),
    "projected": (lambda: Last(nn.LSTM(3, 5, 2, proj_size=2, bidirectional=True, **one()), 4),
                  series(2, 6, 3), [(6, 2)] * 4),
    "a class made from it": (lambda: Last(Doubled(3, 5, **one()), 5), series(2, 6, 3), [(6, 5)]),
    "past its hooks": (lambda: Last(Wrapped(nn.GRU(3, 5, **one())), 5), series(2, 6, 3), [(6, 5)]),
    "weight norm": (lambda: Last(PARAMETRIZED.weight_norm(nn.LSTM(3, 5, **one()), "weight_hh_l0"),
                                 5), series(2, 6, 3), [(6, 5)]),
    "forecast": (Forecast, series(6, 2, 3), [(6, 5), (6, 5), (4, 5)]),
    "beam": (Beam, np.array([3]), [(5, 6)]),
    "policy": (Policy, series(2, 6, 3), [(6, 4)]),
    "speech": (Speech, (series(2, 6, 4), np.array([4, 6])), [(6, 5)] * 6),
    "learned": (Learned, (series(3, 60, 4), np.array([40, 60, 25])), [(60, 20)] * 4),
    "a layer alone": (lambda: nn.LSTM(3, 5), series(6, 3), [(6, 5)]),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_each_call_is_opened_and_proved_and_the_last_answer_is_the_models(kind):
    make, x, shapes = KINDS[kind]
    model = seeded(make)
    seen = rnnscope.trace(model, x)
    assert seen.proved and not seen.caveat and not seen.closed
    assert [record.h.shape for record in seen.layers] == shapes
    given = [torch.from_numpy(a) for a in (x if isinstance(x, tuple) else (x,))]
    given = [a.double() if kind == "double" else a for a in given]
    with torch.no_grad():
        own = model.eval()(*given)
    own = (own[0] if isinstance(own, tuple) else own[0:1][0]).numpy()
    np.testing.assert_allclose(seen.output, own, atol=1e-5)
    if kind in ("time first", "as many steps"):
        assert seen.outputs_are == "stopped"
        np.testing.assert_array_equal(seen.x, x[:, 0])
        shown = rnnscope.replay(model, run=lambda: model(*given), row=1)  # no place for the batch
        np.testing.assert_allclose(shown._traces[0].output, model(*given).detach()[1], atol=1e-6)
    if seen.outputs_are == "stopped":
        np.testing.assert_allclose(seen.outputs[-1], own, atol=1e-5)


def test_a_dataclass_goes_in_and_comes_out_as_it_is():
    @dataclasses.dataclass
    class Batch:
        x: torch.Tensor
        scale: float = 2.0

    inner = seeded(KINDS["past its hooks"][0]).eval()
    model = nn.Module()
    model.inner = inner
    model.forward = lambda batch: Batch(inner(batch.scale * batch.x))
    x = series(2, 6, 3)
    seen = rnnscope.trace(model, Batch(torch.from_numpy(x)))
    assert seen.proved and seen.outputs.shape == (6, 3)
    own = inner(2 * torch.from_numpy(x[:, :4])).detach()
    np.testing.assert_allclose(seen.outputs[3], own[0], atol=1e-5)


def test_a_compiled_module_is_opened():
    code = """if True:
        import torch
        import rnnscope
        from tests.test_torch_modules import Last, nn, one, seeded, series
        model = seeded(lambda: torch.compile(Last(nn.GRU(3, 5, **one()), 5)))
        assert rnnscope.trace(model, series(2, 6, 3)).proved"""
    # In a process of its own: torch.compile ends one in which TensorFlow was imported before.
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=300)


def test_a_packed_sequence_goes_in_as_it_is():
    packed = rnn.pack_sequence([torch.from_numpy(series(n, 3)) for n in (6, 2)])
    model = nn.Module()
    model.gru = seeded(lambda: nn.GRU(3, 5))
    model.forward = lambda x: model.gru(x)[1][-1]
    seen = rnnscope.trace(model, packed, row=1)
    assert seen.proved and seen.layers[0].mask.tolist() == [True] * 2 + [False] * 4
    np.testing.assert_allclose(seen.output, model(packed)[1].detach(), atol=1e-5)


def test_what_it_would_say_of_fewer_steps_is_what_the_model_says_of_them():
    for kind, cut in (("time first", lambda x, k: x[:k]), ("projected", lambda x, k: x[:, :k])):
        make, x, _ = KINDS[kind]
        model = seeded(make).eval()
        seen = rnnscope.trace(model, x, row=1)
        assert seen.outputs_are == "stopped" and seen.outputs.shape == (6, 3)
        for k in range(1, 7):
            own = model(torch.from_numpy(cut(x, k)))[1].detach()
            np.testing.assert_allclose(seen.outputs[k - 1], own, atol=1e-5)
    packed = seeded(Speech)
    x, lengths = KINDS["speech"][1]
    seen = rnnscope.trace(packed, x, lengths=lengths)
    assert seen.layers[0].mask.sum() == 4 and seen.kind == "classes"
    np.testing.assert_allclose(seen.belief.sum(-1), 1, atol=1e-5)


@pytest.mark.parametrize("kind", ["lstm", "gru", "rnn"])
def test_pins_go_on_through_the_rest_of_the_model(kind):
    make = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}[kind]
    model = seeded(lambda: Last(make(3, 5, **one()), 5)).eval()
    pin = {"lstm": {"f": 1.0}, "gru": {"z": 1.0}, "rnn": {"units": [1]}}[kind]
    x = series(2, 6, 3)
    held, rows = copy.deepcopy(model), slice(1, 2) if kind == "rnn" else slice(5, 10)
    with torch.no_grad():
        for name, value in held.layer.named_parameters():
            value[rows] = 60.0 if name == "bias_ih_l0" and kind != "rnn" else 0.0
    seen = rnnscope.trace(model, x, ablate=pin)
    np.testing.assert_allclose(seen.output, held(torch.from_numpy(x))[0].detach(), atol=1e-5)
    np.testing.assert_allclose(seen.outputs[2], held(torch.from_numpy(x[:, :3]))[0].detach(),
                               atol=1e-5)  # fmt: skip


@pytest.mark.parametrize("fails", [False, True])
def test_nothing_of_the_model_changes(fails):
    model = seeded(Policy)
    model.norm.eval()
    first = model(torch.from_numpy(series(1, 6, 3)))
    if fails:
        model.head.forward = lambda x: 1 / 0
    kept = copy.deepcopy(model.state_dict()), model.hidden, copy.deepcopy(model.log)
    memory, own_lots = model.memory.clone(), model.lots.get_state()
    lots = random.getstate()[1][:5], np.random.get_state()[1][:5], torch.get_rng_state()
    forwards = [getattr(nn, name).forward for name in ("LSTM", "GRU", "RNN", "LSTMCell", "Softmax")]
    if fails:
        with pytest.raises(ValueError, match="itself cannot run input of shape"):
            rnnscope.trace(model, series(1, 6, 3))
    else:
        assert rnnscope.trace(model, series(1, 6, 3)).layers[0].initial_state[0].any()
    assert model.hidden is kept[1] and model.log == kept[2] and first.requires_grad
    assert torch.equal(model.memory, memory) and torch.equal(model.lots.get_state(), own_lots)
    assert model.training and model.lstm.training and not model.norm.training
    for name, value in model.state_dict().items():
        assert torch.equal(value, kept[0][name])
    assert random.getstate()[1][:5] == lots[0] and torch.equal(torch.get_rng_state(), lots[2])
    assert (np.random.get_state()[1][:5] == lots[1]).all()
    now = [getattr(nn, name).forward for name in ("LSTM", "GRU", "RNN", "LSTMCell", "Softmax")]
    assert now == forwards


def test_a_gpu_counts_in_float32_meanwhile(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    model, seen, cudnn = seeded(lambda: nn.LSTM(3, 5)), [], torch.backends.cudnn
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("medium")
    model.register_forward_hook(lambda *_: seen.append(
        (cudnn.allow_tf32, torch.get_float32_matmul_precision())))  # fmt: skip
    assert cudnn.allow_tf32
    rnnscope.trace(model, series(6, 3), answers=False)
    assert set(seen) == {(False, "highest")}
    assert (cudnn.allow_tf32, torch.get_float32_matmul_precision()) == (True, "medium")
    torch.set_float32_matmul_precision(before)


def test_what_is_not_what_the_model_does_is_not_shown(monkeypatch):
    model, x = seeded(lambda: Last(nn.LSTM(3, 5, **one()), 5)), series(1, 6, 3)
    own = nn.LSTM.forward

    def wrong(self, *given):
        out, states = own(self, *given)
        return out * 1.001, states

    with monkeypatch.context() as patch:
        patch.setattr(nn.LSTM, "forward", wrong)
        with pytest.raises(ValueError, match="part at the layer 'layer': recomputed, it diff"):
            rnnscope.trace(model, x)
    with monkeypatch.context() as patch:  # gates exchanged
        patch.setitem(weights_alone.ORDER, "lstm", (1, 0, 2, 3))
        with pytest.raises(ValueError, match="part at the layer"):
            rnnscope.trace(model, x)
    lots = seeded(lambda: Last(nn.LSTM(3, 5, **one()), 5))
    lots.head.forward = lambda h: h * torch.randn(5) * len(lots.seen.append(1) or lots.seen)
    lots.seen = []
    seen = rnnscope.trace(lots, x)
    assert seen.proved  # the same lots, and the same log, at each run


def test_the_gradient_is_autograds_and_of_tokens_that_by_their_vectors():
    model, x = seeded(lambda: Last(nn.GRU(3, 5, **one()), 5)).eval(), series(2, 6, 3)
    made = rnnscope.gradient(model, x, of=2, row=1)
    tensor = torch.from_numpy(x).requires_grad_()
    model(tensor)[1, 2].backward()
    np.testing.assert_allclose(made, tensor.grad[1], atol=1e-6)
    tokens = seeded(lambda: nn.Sequential(nn.Embedding(9, 3), model))
    assert rnnscope.gradient(tokens, np.array([[1, 5, 2, 2]]), of=0).shape == (4, 3)
    ended = seeded(lambda: nn.Sequential(model, nn.Softmax(-1)))
    np.testing.assert_allclose(rnnscope.gradient(ended, x, of=2, row=1), made, atol=1e-6)
    seen = rnnscope.trace(ended, x)
    assert seen.kind == "classes"
    np.testing.assert_allclose(cells.softmax(seen.logits), seen.belief, atol=1e-5)


@pytest.mark.parametrize(
    "make, x, told",
    [
        (lambda: nn.Linear(3, 2), series(1, 3), "'Linear' called no recurrent layer"),
        (lambda: torch.jit.script(nn.Linear(3, 2)), series(1, 3), "is TorchScript"),
        (lambda: Ended(lambda said: torch.distributions.Categorical(logits=said)),
         series(1, 6, 3), "gives no tensor but a Categorical: say what to take of it"),
        (lambda: Last(Own(3, 5), 5), series(1, 6, 3), "'layer' is a Own whose forward is not Py"),
        (lambda: nn.LSTM(3, 5), series(6, 0, 3), r"reads nothing, an array \(6, 0, 3\)"),
        (lambda: Last(nn.LSTM(3, 5), 5).bfloat16(), series(1, 6, 3), "computes in bfloat16"),
        (lambda: Last(nn.LSTM(3, 5, **one()), 5), series(1, 6, 4), "itself cannot run input of"),
        (lambda: Last(nn.LSTM(3, 5, **one()), 5), np.array([["a"]]), "give numbers"),
        (lambda: Last(nn.LSTM(3, 5, **one()), 5), np.full((1, 6, 3), np.nan, "f4"),
         "numbers that are not finite"),
    ],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore")
def test_what_cannot_be_shown_is_said(make, x, told):
    with pytest.raises((TypeError, ValueError), match=told):
        rnnscope.trace(seeded(make), x)
