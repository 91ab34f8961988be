"""Presets: topics of the field that people take as they are, each measured on real days (docs/topics.md).

A word that many abstracts use in passing ("reasoning", "safety") is asked for in the title; what is said only by who means it
("sparse autoencoder") counts anywhere. What they are called in other languages stands in papers/titles.py.
"""

from __future__ import annotations

from operator import itemgetter

from papers.text import words
from papers.topic import Topic

_FAR = 3
# A name, and below it the topic in the grammar's words: papers/grammar.py.
_BLOCKS = """
LLM agents
    LLM agent, language agent, language model agent, AI agent, agentic LLM, agentic RL, agent harness, agent skill, agent
    benchmark, title:agent (LLM or "language model") -"embodied agent"

Multi-agent systems
    multi-agent system, multi-agent framework, multi-agent collaboration, multi-agent LLM, agent team, agent society,
    title:multi-agent, title:multiagent

Tool use & GUI agents
    tool calling, function calling, tool-use agent, tool-using agent, tool invocation, GUI agent, GUI grounding, computer use,
    web agent, browser agent, mobile agent, phone agent, model context protocol, title:MCP, title:tool, title:GUI

Deep research & search agents
    deep research, deep search, search agent, agentic search, BrowseComp, web browsing, information seeking

Self-improving systems
    self-evolving, self-improving, self-evolution, self-improvement, self-play, co-evolving, open-ended learning

Reasoning
    reasoning model, LLM reasoning, reasoning trace, latent reasoning, long CoT, overthinking, title:reasoning, title:reason,
    title:thinking, title:CoT, title:"chain of thought"

Test-time scaling
    test-time scaling, test-time compute, inference-time scaling, inference-time compute, best-of-N, self-consistency,
    parallel thinking, process reward model, tree search

Math & proofs
    mathematical problem, theorem proving, theorem prover, formal proof, formal verification, autoformalization,
    autoformalisation, Lean 4, olympiad, research-level math, research-level mathematics, title:math, title:mathematical,
    title:mathematics, title:mathematician, title:theorem, title:proof

Code generation
    coding agent, code LLM, code agent, program synthesis, program repair, software engineering, SWE-bench, text-to-SQL,
    competitive programming, code review, title:"code generation", title:code, title:coding, title:programming,
    title:software, title:SWE -code-switched -code-switching

Reinforcement learning
    RLVR, policy gradient, actor-critic, Q-learning, offline RL, online RL, agentic RL, deep RL, title:GRPO, title:RL,
    title:"reinforcement learning", title:"policy optimization", title:"policy optimisation", title:"credit assignment",
    "reinforcement learning" (GRPO or PPO)

RLHF & preference optimisation
    RLHF, RLAIF, human feedback, preference optimization, preference optimisation, DPO, reward model, reward modeling, reward
    modelling, preference learning, preference alignment, reward hacking, title:preference

AI safety & alignment
    AI safety, LLM safety, agent safety, safety alignment, AI alignment, alignment faking, emergent misalignment, scheming,
    deceptive alignment, sycophancy, scalable oversight, guardrail, harmful content, title:safety, title:safe,
    title:misaligned, title:harmful, title:oversight, title:deception, title:refusal

Red teaming & jailbreaks
    red teaming, red team, jailbreak, jailbreaking, prompt injection, adversarial attack, adversarial prompt, backdoor, data
    poisoning, attack success rate, cybersecurity, cyber threat, malicious, title:attack, title:injection

Trust, privacy & fairness
    fairness, privacy, unlearning, watermark, watermarking, copyright, membership inference, deepfake, stereotype, social
    bias, demographic bias, bias mitigation, training data extraction, title:trustworthy, title:trustworthiness

Hallucination & factuality
    hallucination, factuality, fact-checking, miscalibration, overconfident, uncertainty estimation, uncertainty
    quantification

Interpretability
    mechanistic interpretability, sparse autoencoder, SAE, linear probe, probing classifier, activation steering, steering
    vector, activation patching, circuit discovery, explainability, explainable AI, logit lens, representation engineering,
    title:interpretability, title:interpretable, title:interpreting, title:mechanistic, title:neuron, title:probe

Evaluation & benchmarks
    title:benchmark, title:benchmarking, title:bench, title:evaluation, title:evaluating, title:leaderboard, benchmark
    contamination

Datasets & data curation
    data curation, data selection, data filtering, data mixture, data quality, data-centric, deduplication, synthetic data
    generation, data synthesis pipeline, title:dataset, title:data, title:corpus

Training & scaling
    scaling law, continual pretraining, continued pretraining, mid-training, Muon, AdamW, learning rate, distributed training,
    pipeline parallelism, model merging, LLM pre-training, LLM pretraining, title:pretraining, title:pre-training,
    title:optimizer

Fine-tuning & LoRA
    LoRA, QLoRA, low-rank adaptation, parameter-efficient, PEFT, title:fine-tuning, title:finetuning, title:fine-tune,
    title:adapter, title:SFT, title:"instruction tuning", title:"continual learning", title:forgetting

Distillation
    knowledge distillation, on-policy distillation, self-distillation, few-step distillation, title:distillation,
    title:distill, title:distilling, title:distilled

Mixture of experts
    mixture of experts, MoE, expert routing, expert parallelism, sparse expert

Attention & architectures
    linear attention, sparse attention, hybrid attention, state space model, Mamba, RWKV, DeltaNet, positional encoding,
    looped transformer, looped language model, byte-level, title:attention, title:recurrent, title:subquadratic

Long context & memory
    long-context, context compression, context extension, length extrapolation, agent memory, memory system, long-term memory,
    title:memory, title:context

Efficient inference
    speculative decoding, KV cache, key-value cache, LLM serving, LLM inference, efficient inference, inference acceleration,
    inference engine, token pruning, early exit, prefill, parallel decoding, title:acceleration, title:serving

Quantisation & pruning
    quantization, quantisation, quantized, quantised, quantizing, model compression, model pruning, structured pruning, weight
    pruning, low-bit, 4-bit, FP8, FP4, NVFP4, MXFP4, title:pruning, title:sparsity -"vector quantization"

Systems & kernels
    GPU kernel, CUDA, Triton, training system, distributed training, pipeline parallelism, tensor parallelism, GEMM, kernel
    optimization, hardware-aware, on-device, edge device, consumer GPU, title:kernel, title:infrastructure

Retrieval and RAG
    RAG, retrieval-augmented, dense retriever, dense retrieval, information retrieval, document retrieval, reranker,
    reranking, text embedding, GraphRAG, title:retrieval, title:retriever, title:"embedding model"

Multilingual & low-resource
    multilingual, cross-lingual, low-resource language, machine translation, African language, Indic, Arabic, Hindi, Turkish,
    Vietnamese, Indonesian, Persian, Swahili, Kazakh, code-switching, code-switched, dialect, translation model

Speech and audio
    speech, text-to-speech, spoken, audio generation, audio language model, audio understanding, voice cloning, title:music,
    title:musical, title:audio, title:voice, title:sound, title:acoustic, title:song, title:ASR, "music generation"

Diffusion models
    diffusion model, diffusion transformer, flow matching, rectified flow, latent diffusion, denoising diffusion, consistency
    model, score matching, classifier-free guidance, title:diffusion -"diffusion policy" -"diffusion language model"
    -"diffusion LLM"

Diffusion language models
    diffusion language model, diffusion large language model, diffusion LLM, dLLM, masked diffusion, block diffusion, text
    diffusion, discrete diffusion

Image generation
    image generation, text-to-image, T2I, image synthesis, image editing, image editor, subject-driven generation, visual
    autoregressive, title:inpainting -title:video

Video generation
    video generation, text-to-video, image-to-video, video diffusion, video synthesis, video editing, video generator, video
    generative model, T2V, audio-video generation

World models
    world model, world modeling, world modelling, world simulator, world simulation, world action model, world generation,
    neural game engine, JEPA

3D & Gaussian splatting
    gaussian splatting, 3DGS, NeRF, radiance field, 3D reconstruction, 3D generation, 3D asset, 3D scene, novel view,
    text-to-3D, image-to-3D, point cloud, 4D reconstruction, 4D generation, mesh generation, title:3D, title:4D

Human motion & avatars
    human motion, motion generation, motion capture, avatar, talking head, lip sync, digital human, human animation, character
    animation, portrait animation, virtual try-on, face swapping, title:portrait, title:facial, title:dance

Spatial intelligence
    spatial intelligence, spatial reasoning, spatial understanding, spatial cognition, visual-spatial, visuospatial, spatial
    supersensing, spatial foundation model

Computer vision
    object detection, image segmentation, video segmentation, semantic segmentation, segment anything, SAM 2, SAM 3, depth
    estimation, pose estimation, object tracking, point tracking, 3D tracking, super-resolution, image restoration, image
    denoising, image classification, remote sensing, optical flow, vision foundation model, title:segmentation, title:"vision
    transformer", title:ViT

Vision-language models
    vision-language model, VLM, LVLM, visual question answering, image captioning, title:"vision-language", title:"visual
    reasoning", title:VQA -vision-language-action -VLA

Multimodal LLMs
    multimodal large language model, MLLM, multimodal LLM, large multimodal model, LMM, omni-modal, omnimodal, unified
    multimodal, multimodal foundation model, title:multimodal, title:multi-modal

Video understanding
    video understanding, video question answering, video QA, VideoQA, video LLM, video reasoning, video captioning, egocentric
    video, streaming video understanding, video large language model, Video-MME

Documents, charts & OCR
    document understanding, document parsing, document image, document intelligence, chart understanding, chart parsing, chart
    generation, table understanding, visual document, text recognition, PDF, title:OCR, title:document, title:chart,
    title:table, title:slide

Robotics
    robot, robotic manipulation, humanoid, locomotion, dexterous, grasping, visuomotor, quadruped, title:robotic,
    title:manipulation

Embodied & vision-language-action
    vision-language-action, VLA, embodied AI, embodied agent, embodied intelligence, embodied navigation, world action model,
    vision-and-language navigation, title:embodied, title:VLA

Autonomous driving
    autonomous driving, self-driving, autonomous vehicle, driving scene, driving world model, driving policy, nuScenes, lidar,
    title:driving, title:traffic

Medicine & biology
    medical, clinical, clinician, medicine, biomedical, biomolecular, healthcare, protein, molecule, drug discovery, genomic,
    DNA, RNA, radiology, histopathology, chest X-ray, electronic health record, single-cell, title:MRI, title:biology,
    title:health

Science
    AI for science, AI scientist, scientific discovery, scientific research, scientific reasoning, autonomous research,
    autoresearch, auto-research, materials science, weather forecasting, climate, PDE, neural operator, title:science,
    title:scientific, title:scientist, title:chemistry, title:quantum

Time series & tables
    time series, tabular, spreadsheet, title:forecasting, text-to-SQL

Personalisation & recommenders
    personalization, personalisation, personalized agent, user modeling, recommender, recommendation system, generative
    recommendation, personal assistant, title:personalized, title:recommending, title:persona

Theory
    we prove, provable, provably, generalization bound, sample complexity, theoretical guarantee, convergence rate,
    expressivity, grokking, neural tangent kernel, title:theory, title:theoretical, title:"geometry of"
"""


def _read(block: str) -> Topic:
    name, _, text = block.strip().partition("\n")
    return Topic.parse(text, name)


PRESETS: tuple[Topic, ...] = tuple(map(_read, _BLOCKS.split("\n\n")))
_BY_NAME = {preset.name.casefold(): preset for preset in PRESETS}


def preset(name: str) -> Topic | None:
    """The preset of a name, also in the language spoken, whatever its capitals; None for no preset's name."""
    wanted = " ".join(name.split()).casefold()
    return _BY_NAME.get(wanted) or next((each for each in PRESETS if each.label.casefold() == wanted), None)


def presets_like(typed: str) -> list[Topic]:
    """The presets in which each typed word begins a word: those whose name begins with the first of them, then those with all of
    them in their names, then those that ask for such words; all of them, in order, for nothing typed.
    """
    starts = words(typed)
    ranked = [(_distance(preset, starts), preset) for preset in PRESETS]
    return [preset for distance, preset in sorted(ranked, key=itemgetter(0)) if distance < _FAR]


def _distance(preset: Topic, starts: list[str]) -> int:
    name = words(preset.label)
    if _has(name, starts):
        return 0 if not starts or name[0].startswith(starts[0]) else 1
    name += words(preset.name)
    return 2 if _has(name + words(" ".join(phrase.text for phrase in preset.phrases)), starts) else _FAR


def _has(found: list[str], starts: list[str]) -> bool:
    return all(any(word.startswith(start) for word in found) for start in starts)
