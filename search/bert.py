"""A sentence-embedding model built like BERT (MiniLM, BGE, E5, GTE in their small and base sizes), worked out with numpy alone.

On two cores that is as fast as PyTorch and ONNX Runtime, agrees with them to the third digit, and needs neither: 33 MB to install
instead of gigabytes. A model is a folder of sentence-transformers with config.json, tokenizer.json and model.safetensors.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from search.vectors import Floats, MeaningUnavailable, Places

if TYPE_CHECKING:
    from tokenizers import Tokenizer

FILES = ("config.json", "tokenizer.json", "model.safetensors")
_MOST_TOKENS = 256  # a text's end beyond them, or beyond what the model was made for, is left out: half of all abstracts have 230
_TOKENS_AT_ONCE = 1_024  # what is worked out together fits the processor's cache
_ROWS = 64  # of the widest layer, worked on while they are in the cache
_GELU = math.sqrt(2 / math.pi)


class Bert:
    """A transformer encoder, as described in https://arxiv.org/abs/1810.04805."""

    def __init__(self, folder: Path) -> None:
        """Read the model in ``folder``. Raises MeaningUnavailable where it is damaged or of another build."""
        from safetensors.numpy import load_file
        from tokenizers import Tokenizer

        try:
            config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
            _check(config)
            weights = {name.removeprefix("bert."): weight for name, weight in load_file(folder / "model.safetensors").items()}
            self._weights = {name: np.asarray(weight, np.float32) for name, weight in weights.items()}
            self._takes_first = _takes_first(folder)
            self._heads = int(config["num_attention_heads"])
            self._layers = int(config["num_hidden_layers"])
            self._epsilon = float(config.get("layer_norm_eps", 1e-12))
            self.size = int(config["hidden_size"])
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            most = _truncated(self._tokenizer, int(config["max_position_embeddings"]))
            self.name = f"bert-{self._layers}x{self.size} {_digest(folder)}, {most} tokens"
            self.embed(["a text"])  # what does not fit together shows here
        except MeaningUnavailable:
            raise
        # Whatever a file of another kind leads to; the tokenizers library raises nothing narrower than Exception.
        except Exception as error:
            raise MeaningUnavailable(f"the model in {folder} cannot be used ({error}): get it anew") from error

    def embed(self, texts: Sequence[str]) -> Floats:
        """See Embedder."""
        tokens = [encoded.ids for encoded in self._tokenizer.encode_batch(list(texts))]
        found = np.zeros((len(tokens), self.size), np.float32)
        for places in _packs([len(each) for each in tokens]):
            found[places] = self._pooled([tokens[place] for place in places])
        length = np.linalg.norm(found, axis=1, keepdims=True)
        return np.asarray(found / np.maximum(length, np.float32(1e-12)), np.float32)

    def _pooled(self, texts: Sequence[Sequence[int]]) -> Floats:
        """One vector a text. The texts stand one behind the other, so none is filled up to the length of another."""
        lengths = np.array([len(text) for text in texts], np.int64)
        ends = np.cumsum(lengths)
        starts = ends - lengths
        state = self._embedded(texts)
        for layer in range(self._layers):
            name = f"encoder.layer.{layer}."
            seen = self._linear(self._attended(state, name + "attention.self.", starts, ends), name + "attention.output.dense")
            state = self._normed(state + seen, name + "attention.output.LayerNorm")
            inner = _gelu(self._linear(state, name + "intermediate.dense"))
            state = self._normed(state + self._linear(inner, name + "output.dense"), name + "output.LayerNorm")
        if self._takes_first:
            return np.asarray(state[starts])
        return np.asarray(np.add.reduceat(state, starts, axis=0) / lengths[:, None], np.float32)

    def _embedded(self, texts: Sequence[Sequence[int]]) -> Floats:
        words = self._weights["embeddings.word_embeddings.weight"][np.concatenate(texts)]
        places = np.concatenate([np.arange(len(text)) for text in texts])
        positions = self._weights["embeddings.position_embeddings.weight"][places]
        kind = self._weights["embeddings.token_type_embeddings.weight"][0]
        return self._normed(words + positions + kind, "embeddings.LayerNorm")

    def _attended(self, state: Floats, name: str, starts: Places, ends: Places) -> Floats:
        """What each word takes from the others of its text."""
        asked, told, given = (
            self._linear(state, name + part).reshape(len(state), self._heads, -1).transpose(1, 0, 2)
            for part in ("query", "key", "value")
        )
        asked *= np.float32(1 / math.sqrt(asked.shape[2]))
        found = np.empty_like(state)
        by_head = found.reshape(given.shape[1], self._heads, -1).transpose(1, 0, 2)
        for start, end in zip(starts, ends, strict=True):
            weights = asked[:, start:end] @ told[:, start:end].transpose(0, 2, 1)
            weights -= weights.max(axis=2, keepdims=True)
            np.exp(weights, out=weights)
            taken = weights @ given[:, start:end]
            np.divide(taken, weights.sum(axis=2, keepdims=True), out=by_head[:, start:end])
        return found

    def _linear(self, state: Floats, name: str) -> Floats:
        made: Floats = state @ self._weights[name + ".weight"].T
        made += self._weights[name + ".bias"]
        return made

    def _normed(self, state: Floats, name: str) -> Floats:
        state -= state.mean(axis=1, keepdims=True)
        variance = np.einsum("ij,ij->i", state, state) / np.float32(state.shape[1])
        state /= np.sqrt(variance + np.float32(self._epsilon))[:, None]
        state *= self._weights[name + ".weight"]
        state += self._weights[name + ".bias"]
        return state


def _gelu(values: Floats) -> Floats:
    """In place, by the usual approximation of a function that numpy has not: x / (1 + e^-2y), which is x (1 + tanh y) / 2."""
    scratch = np.empty((_ROWS, values.shape[1]), np.float32)
    with np.errstate(over="ignore"):  # e^-2y of a number far below 0, which becomes 0 as it should
        for first in range(0, len(values), _ROWS):
            rows = values[first : first + _ROWS]
            curve = np.multiply(rows, rows, out=scratch[: len(rows)])
            curve *= np.float32(-2 * 0.044715 * _GELU)
            curve -= np.float32(2 * _GELU)
            curve *= rows
            np.exp(curve, out=curve)
            curve += 1
            rows /= curve
    return values


def _packs(lengths: Sequence[int]) -> Iterator[list[int]]:
    """The places of texts of these lengths, the short ones first, in packs to work out together."""
    pack: list[int] = []
    held = 0
    for place in sorted(range(len(lengths)), key=lengths.__getitem__):
        if pack and held + lengths[place] > _TOKENS_AT_ONCE:
            yield pack
            pack, held = [], 0
        pack.append(place)
        held += lengths[place]
    if pack:
        yield pack


def _check(config: Mapping[str, Any]) -> None:
    """Raise MeaningUnavailable for a build that is not worked out here."""
    built = (config.get("model_type"), config.get("hidden_act"), config.get("position_embedding_type", "absolute"))
    if built[0] != "bert" or built[1] not in ("gelu", "gelu_new") or built[2] != "absolute":
        raise MeaningUnavailable(f"a model of the build {', '.join(map(str, built))} is not known here: take one built like BERT")


def _takes_first(folder: Path) -> bool:
    """Whether a text's vector is that of its first token (BGE), not the mean of all (MiniLM, E5, GTE)."""
    file = folder / "1_Pooling/config.json"
    return file.exists() and bool(json.loads(file.read_text(encoding="utf-8")).get("pooling_mode_cls_token"))


def _truncated(tokenizer: Tokenizer, positions: int) -> int:
    """Have it cut texts, and not fill them up; to how many tokens. A model's file often says what length it was trained for."""
    own = tokenizer.truncation["max_length"] if tokenizer.truncation else _MOST_TOKENS
    most = min(_MOST_TOKENS, positions, own)
    tokenizer.enable_truncation(most)
    tokenizer.no_padding()
    return most


def _digest(folder: Path) -> str:
    """Tells models apart, also those that follow one another in the same folder."""
    whole = hashlib.sha256()
    for file in FILES:
        with (folder / file).open("rb") as data:
            whole.update(hashlib.file_digest(data, "sha256").digest())
    return whole.hexdigest()[:12]
