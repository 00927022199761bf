"""The files of a bundle, and what each of them holds."""

CONFIG = "config.json"
ONNX = "policy.onnx"
WEIGHTS = "policy.safetensors"
REWARD = "reward.safetensors"
MODEL = "model.xml"
RUN = "run.py"
CARD = "README.md"
PREVIEW = "preview.mp4"

HOLDS = {
    ONNX: "the policy: observation in natural units in, action out; normaliser and clipping are inside",
    WEIGHTS: "the same weights as plain arrays",
    REWARD: "the learned reward's weights",
    MODEL: "the robot (MJCF)",
    CONFIG: "observation and action layout, control rate, start, camera, checksums (SHA-256)",
    RUN: "plays it; needs numpy, mujoco and onnxruntime",
}
"""For the model card, which is the file beside them; the preview has a line of its own there."""
