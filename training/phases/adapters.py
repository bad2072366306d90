"""LoRA: small matrices beside the frozen linear layers learn in their place (Hu et al. 2022).

An adapter of rank r adds B A x times SCALING to a layer's output; B starts at zero, so that nothing
changes at first. They are fp32 whatever the encoder is. At the end they are added to its weights:
what is handed over is an encoder like any other.
"""

from __future__ import annotations

import torch
from torch import nn

LINEARS = (
    "query",
    "key",
    "value",
    "attention.output.dense",
    "intermediate.dense",
    "output.dense",
)
"""All of a layer's, by their names in both XLM-R classes."""
SCALING = 2.0


def adapted(encoder: nn.Module, rank: int, seed: int) -> nn.Module:
    """The encoder with adapters, which alone are learnt; they start from the seed."""
    from peft import LoraConfig, inject_adapter_in_model  # imported late: it takes seconds

    told = LoraConfig(r=rank, lora_alpha=round(SCALING * rank), target_modules=list(LINEARS))
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        made: nn.Module = inject_adapter_in_model(told, encoder)
    for parameter in made.parameters():
        if parameter.requires_grad:
            parameter.data = parameter.data.float()
    return made


@torch.no_grad()
def merged(encoder: nn.Module) -> nn.Module:
    """The plain encoder, in fp32: in bf16 most of what adapters add would be rounded away."""
    from peft.tuners.lora import LoraLayer

    for name, one in list(encoder.named_modules()):
        if isinstance(one, LoraLayer):
            plain = one.get_base_layer().float()
            plain.weight += one.get_delta_weight("default")
            owner, _, own = name.rpartition(".")
            setattr(encoder.get_submodule(owner), own, plain)
    for parameter in encoder.parameters():  # FSDP's modules refuse to be changed as a whole
        parameter.data = parameter.data.float()
    return encoder
