"""A decoder of Llama's shape: what its sizes are, and what `transformers` calls them."""

from typing import Any, ClassVar, Self

from pydantic import Field, model_validator

from ray_jobs.models.model import Model


class Decoder(Model):
    """Llama's shape: RMSNorm, rotary positions, grouped queries, SwiGLU, no biases.

    The defaults train on two CPU cores in minutes. `LlamaForCausalLM` loads what comes out.
    """

    network: ClassVar[str] = "ray_jobs.networks.decoder:Decoder"

    layers: int = Field(default=3, gt=0)
    width: int = Field(default=256, gt=0, multiple_of=2, description="numbers per token")
    heads: int = Field(default=4, gt=0)
    key_heads: int = Field(default=4, gt=0, description="fewer than heads: grouped queries")
    hidden: int = Field(default=768, gt=0, description="width inside the feed-forward part")
    rope_base: float = Field(default=10_000.0, gt=0)
    norm_epsilon: float = Field(default=1e-6, gt=0)
    tied: bool = Field(default=True, description="one matrix embeds tokens and predicts them")

    @model_validator(mode="after")
    def _heads_fit(self) -> Self:
        if self.width % (2 * self.heads):
            msg = f"width {self.width} does not divide into {self.heads} heads of an even width"
            raise ValueError(msg)
        if self.heads % self.key_heads:
            msg = f"heads {self.heads} is no multiple of key_heads {self.key_heads}"
            raise ValueError(msg)
        return self

    def exported(self, *, vocabulary: int, context: int) -> dict[str, Any]:
        """The settings in the words of `transformers.LlamaConfig`."""
        return {
            "architectures": ["LlamaForCausalLM"],
            "model_type": "llama",
            "vocab_size": vocabulary,
            "max_position_embeddings": context,
            "hidden_size": self.width,
            "intermediate_size": self.hidden,
            "num_hidden_layers": self.layers,
            "num_attention_heads": self.heads,
            "num_key_value_heads": self.key_heads,
            "head_dim": self.width // self.heads,
            "rope_theta": self.rope_base,
            "rms_norm_eps": self.norm_epsilon,
            "tie_word_embeddings": self.tied,
            "hidden_act": "silu",
            "attention_bias": False,
            "mlp_bias": False,
            "dtype": "float32",
        }
