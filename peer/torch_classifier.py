"""Training the backbone with labels in plain PyTorch: the peer that a classifier's steps are held against.

  torch_classifier.py CASE_DIR

CASE_DIR has `case.json` (config, mode, lr, momentum, weight_decay, clip, steps), `first.safetensors` (weights
before the first step), `clips-S.npy` and `labels-S.npy` of each step S, and for each step what it left:
`after-S.safetensors`, `logits-S.npy` (of the step's clips, in eval mode, after it), and in case.json `losses`.
Runs the same steps in float64 and prints, as JSON, the worst relative differences of losses, logits and
weights, each against the largest magnitude in its tensor.
"""
import json, sys
import numpy as np, torch
import torch.nn.functional as F
from torch_encoder import exported_name, load_safetensors
from torch_peer import Encoder, adjacency, stream


def gap(got, want):
    return float((got - want).abs().max() / want.abs().max().clamp(min=1e-3))


def backbone_of(encoder):
    """Name in the file -> tensor, of all but the neck and what PyTorch keeps beside."""
    state = {exported_name(k): v for k, v in encoder.state_dict().items() if k != "A"}
    return {k: v for k, v in state.items() if k.startswith("backbone.")}


def run(folder):
    case = json.load(open(f"{folder}/case.json"))
    c = case["config"]
    encoder = Encoder(c["width"], c["hidden_dim"], 4, c["classes"], 1, 2.0, c["dropout"]).double()
    encoder.A = adjacency()
    weights = load_safetensors(f"{folder}/first.safetensors")
    for name, tensor in backbone_of(encoder).items():
        tensor.copy_(weights[name].reshape(tensor.shape))
    trained = [p for n, p in encoder.named_parameters() if exported_name(n).startswith("backbone.")]
    opt = torch.optim.SGD(trained, lr=case["lr"], momentum=case["momentum"], weight_decay=case["weight_decay"])
    worst = {"loss": 0.0, "logits": 0.0, "weights": 0.0, "moved": 0.0, "norms": []}
    for s in range(case["steps"]):
        x = stream(torch.from_numpy(np.load(f"{folder}/clips-{s}.npy")).double(), c["stream"])
        labels = torch.from_numpy(np.load(f"{folder}/labels-{s}.npy")).long()
        encoder.train(case["mode"] == "train")
        loss = F.cross_entropy(encoder.logits(x), labels)
        opt.zero_grad()
        loss.backward()
        limit = float("inf") if case["clip"] is None else case["clip"]
        worst["norms"].append(float(torch.nn.utils.clip_grad_norm_(trained, limit)))
        opt.step()
        worst["loss"] = max(worst["loss"], abs(case["losses"][s] / float(loss) - 1))
        encoder.eval()
        with torch.no_grad():
            got = encoder.logits(x)
        worst["logits"] = max(worst["logits"], gap(torch.from_numpy(np.load(f"{folder}/logits-{s}.npy")).double(), got))
        after = load_safetensors(f"{folder}/after-{s}.safetensors")
        for name, tensor in backbone_of(encoder).items():
            own = after[name].double().reshape(tensor.shape)
            if not tensor.is_floating_point():
                assert torch.equal(own, tensor.double()), f"{name}: {own} for {tensor}"
                continue
            here = gap(own, tensor)
            if here > worst["weights"]:
                worst["weights"], worst["tensor"] = here, f"{name} after step {s + 1}"
            # Of how far the step took a tensor from its first weights.
            first = weights[name].double().reshape(tensor.shape)
            if float((tensor - first).abs().max()) > 1e-3:
                worst["moved"] = max(worst["moved"], float((own - tensor).abs().max() / (tensor - first).abs().max()))
    worst["names"] = sorted(set(after) ^ set(backbone_of(encoder)))
    return worst


if __name__ == "__main__":
    print(json.dumps(run(sys.argv[1])))
