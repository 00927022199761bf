"""The numbers that PPO depends on, apart from PPO itself: whoever only reads a configuration loads no torch."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PPOConfig:
    """Hyper-parameters, in the paper's words."""

    discount: float = 0.98
    gae_lambda: float = 0.95
    epochs: int = 5
    minibatches: int = 4
    clip: float = 0.2
    entropy_weight: float = 0.002
    value_weight: float = 0.5
    max_grad_norm: float = 1.0
    learning_rate: float = 1e-3
    learning_rate_range: tuple[float, float] = (1e-5, 3e-3)
    kl_target: float = 0.01
    """Nats a sample and update; the learning rate follows it (as in rsl_rl)."""
